"""`%stop`: end an endpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlops_magics.magics.verb import verb, word

if TYPE_CHECKING:
    from mlops_magics.core.session import Session
    from mlops_magics.core.session.records import Endpoint


@verb(
    word("name", "the model whose endpoint it is", "endpoint"),
    examples=("%stop penguins", "%stop flights;", "stopped = %stop penguins"),
    commands=("mlops-magics stop penguins", "mlops-magics stop penguins --json", "mlops-magics stop flights"),
    board=False,
)
def stop(session: Session, name: str) -> Endpoint:
    """Stop the endpoint of a model; what it is answering is finished first."""
    return session.stop(name)
