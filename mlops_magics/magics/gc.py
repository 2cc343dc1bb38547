"""`%gc`: sweep the board."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlops_magics.magics.verb import verb

if TYPE_CHECKING:
    from mlops_magics.core.session import Session


@verb(examples=("%gc", "%gc --board s3://bucket/models", "swept = %gc"))
def gc(session: Session) -> Any:
    """Sweep abandoned uploads and old trash; never what an alias or a running endpoint holds."""
    return session.collect_garbage()
