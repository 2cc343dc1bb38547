"""Moves of an alias, their undoing, and the trash."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlops_magics.core.wire.panel_records import AliasChange, DeletedReply, MoveReply, VersionReply
from mlops_magics.panel.address import changing
from mlops_magics.panel.board_pool import BoardPool
from mlops_magics.widgets import records

if TYPE_CHECKING:
    from mlops_magics.core.session import Session
    from mlops_magics.core.session.records import AliasMove


@changing("/boards/{board}/models/{name}/aliases/{alias}/promote")
def promote(
    pool: BoardPool, board: str, name: str, alias: str, version: str, note: str | None = None, force: bool = False
) -> MoveReply:
    """Let the alias name the version."""
    ref = f"{pool.ref(board, name)}@{version}"
    return pool.run(board, lambda session: move_reply(session, session.promote(ref, alias, note=note, force=force)))


@changing("/boards/{board}/models/{name}/aliases/{alias}/rollback")
def rollback(
    pool: BoardPool, board: str, name: str, alias: str, note: str | None = None, force: bool = False
) -> MoveReply:
    """Take back the alias's last move, also at an endpoint that follows the alias."""
    ref = pool.ref(board, name)
    return pool.run(board, lambda session: move_reply(session, session.rollback(ref, alias, note=note, force=force)))


@changing("/boards/{board}/models/{name}/versions/{version}/delete")
def delete(pool: BoardPool, board: str, name: str, version: str) -> DeletedReply:
    """Move a version to the board's trash."""
    ref = f"{pool.ref(board, name)}@{version}"

    def deleted(session: Session) -> DeletedReply:
        number = session.version(ref).number
        return DeletedReply(session.delete(ref), f"v{number} of {name} is in the trash.")

    return pool.run(board, deleted)


@changing("/boards/{board}/restore")
def restore(pool: BoardPool, board: str, place: str) -> VersionReply:
    """Take a version out of the trash again."""
    url = pool.ref(board, place)
    return VersionReply(pool.run(board, lambda session: session.restore(url)).to_json())


def move_reply(session: Session, move: AliasMove) -> MoveReply:
    """Return the move."""
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
        ),
        records.moved(session, move).message,
    )
