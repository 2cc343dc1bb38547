"""`%stop`: end an endpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlops_magics.magics.verb import option, verb, word

if TYPE_CHECKING:
    from mlops_magics.core.session import Session
    from mlops_magics.core.session.records import Endpoint, RemoteDeployment


@verb(
    word("name", "the model whose endpoint it is", "endpoint"),
    option("--at", "the target where it was deployed (default: this machine)", "target"),
    examples=("%stop penguins", "stopped = %stop penguins", "%stop penguins --at sagemaker"),
    commands=("mlops-magics stop penguins", "mlops-magics stop penguins --json", "mlops-magics stop flights --at ray"),
    board=False,
)
def stop(session: Session, name: str, at: str | None) -> Endpoint | RemoteDeployment:
    """Stop the endpoint of a model. What it is answering is finished first."""
    return session.stop(name) if at is None else session.stop_at(name, at)
