"""`%restore`: a deleted version comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlops_magics.magics.verb import option, verb, word

if TYPE_CHECKING:
    from mlops_magics.core.session import Session
    from mlops_magics.core.session.records import ModelVersion


@verb(
    word("ref", "name@version, or the place in the trash that `%%delete` answered", "deleted"),
    option("--note", "the reason, kept in the history"),
    examples=(
        "%restore penguins@20260301T090000Z-1a2b3",
        "%restore penguins@20260301T090000Z-1a2b3 --note 'still needed'",
        "%restore 20260302T100000Z-penguins-20260301T090000Z-1a2b3-c4d5e6",
    ),
)
def restore(session: Session, ref: str, note: str | None) -> ModelVersion:
    """Take a version out of the board's trash again."""
    return session.restore(ref, note=note)
