"""`%delete`: move a version to the trash."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlops_magics.magics.verb import option, verb, word

if TYPE_CHECKING:
    from mlops_magics.core.session import Session


@verb(
    word("ref", "name@version: what no alias names", "version"),
    option("--note", "the reason, kept in the history"),
    examples=(
        "%delete penguins@20260301T090000Z-1a2b3",
        "%delete penguins@20260301T090000Z-1a2b3 --note 'trained on test data'",
        "%delete penguins@20260301T090000Z-1a2b3 --board scratch",
    ),
)
def delete(session: Session, ref: str, note: str | None) -> Any:
    """Move a version to the board's trash. `%restore` takes it back, until `%gc` empties the trash once it is old."""
    return session.delete(ref, note=note)
