"""`%verify`: is everything on the board what was written?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlops_magics.magics.verb import switch, verb

if TYPE_CHECKING:
    from mlops_magics.core.session import Session
    from mlops_magics.core.session.records import VerifyReport


@verb(
    switch("--repair", "set aside what is stray or broken; nothing is deleted"),
    examples=("%verify", "%verify --repair", "%verify --board s3://bucket/models"),
)
def verify(session: Session, repair: bool) -> VerifyReport:
    """Hash every file of the board again, and name what is stray, broken or orphaned."""
    return session.verify(repair=repair)
