"""`%policies`: the times of retrainings, and the reasons why not now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlops_magics.magics.verb import verb, word

if TYPE_CHECKING:
    from mlops_magics.core.session import Session
    from mlops_magics.core.session.records import PolicyTable


@verb(
    word("name", "a model (default: all of the board)", "model", nargs="?"),
    examples=("%policies", "%policies penguins", "table = %policies penguins"),
)
def policies(session: Session, name: str | None) -> PolicyTable:
    """List the policies: what each did last, when it is next, whether it is due, and why not."""
    return session.policies(name)
