"""`%verify`: hash every file of the board again, repair it, accept its log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlops_magics.magics.verb import switch, verb

if TYPE_CHECKING:
    from mlops_magics.core.session import Session
    from mlops_magics.core.session.records import VerifyReport


@verb(
    switch("--repair", "move stray and broken entries into the trash"),
    switch("--accept", "take the log as it is, where events were changed or removed"),
    examples=("%verify --repair", "%verify --accept", "%verify --board s3://bucket/models"),
)
def verify(session: Session, repair: bool, accept: bool) -> VerifyReport:
    """Hash every file of the board again, and name stray, broken and orphaned entries and a log that was changed."""
    return session.verify(repair=repair, accept=accept)
