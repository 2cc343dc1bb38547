"""`%versions`: the versions of one model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlops_magics.magics.verb import switch, verb, word

if TYPE_CHECKING:
    from mlops_magics.core.session import Session
    from mlops_magics.core.session.records import HistoryTable, VersionTable


@verb(
    word("name", "the model", "model"),
    switch("--history", "what happened instead: pins, moves of aliases, deletions; when, by whom, why"),
    examples=("%versions penguins", "%versions penguins --history", "table = %versions penguins"),
)
def versions(session: Session, name: str, history: bool) -> VersionTable | HistoryTable:
    """List the versions of a model, newest first."""
    return session.history(name) if history else session.versions(name)
