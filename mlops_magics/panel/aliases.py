"""Moving an alias, and taking the last move back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlops_magics.core.wire.panel_records import AliasChange, MoveReply
from mlops_magics.panel.board_pool import BoardPool

if TYPE_CHECKING:
    from mlops_magics.core.session.records import AliasMove


def promote(
    pool: BoardPool, board: str, name: str, alias: str, version: str, note: str | None = None, force: bool = False
) -> MoveReply:
    """Let the alias name the version."""
    ref = f"{pool.ref(board, name)}@{version}"
    return _reply(pool.run(board, lambda session: session.promote(ref, alias, note=note, force=force)))


def rollback(pool: BoardPool, board: str, name: str, alias: str, note: str | None = None) -> MoveReply:
    """Take the alias's last move back; an endpoint that follows the alias goes back too."""
    ref = pool.ref(board, name)
    return _reply(pool.run(board, lambda session: session.rollback(ref, alias, note=note)))


def _reply(move: AliasMove) -> MoveReply:
    return MoveReply(
        AliasChange(
            name=move.name,
            alias=move.alias,
            version=move.version,
            previous=move.previous,
            time=move.time.isoformat(),
            by=move.by,
            note=move.note,
            event=move.event,
        )
    )
