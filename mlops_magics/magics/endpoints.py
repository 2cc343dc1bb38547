"""`%endpoints`: the running endpoints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlops_magics.magics.verb import verb

if TYPE_CHECKING:
    from mlops_magics.core.session import Session
    from mlops_magics.core.session.records import EndpointTable


@verb(
    examples=("%endpoints", "running = %endpoints", "%endpoints --help"),
    commands=("mlops-magics endpoints", "mlops-magics endpoints --json", "mlops-magics endpoints --help"),
    board=False,
)
def endpoints(session: Session) -> EndpointTable:
    """List the endpoints that run, or died and were not stopped, whichever notebook started them."""
    return session.endpoints()
