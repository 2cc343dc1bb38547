"""The index is derived: it can be deleted or torn."""

from __future__ import annotations

from pathlib import Path

from mlops_magics.core.versioning import Board, open_board


def test_the_index_is_derived_and_can_be_deleted(board: Board, pinned: list[str], state_folder: Path) -> None:
    """R11, R18: Without its index a board lists the same; a torn index is rebuilt."""
    before = board.versions("line")
    files = list(state_folder.glob("index/*/line.jsonl"))
    assert files
    files[0].write_bytes(b'["torn')
    again = open_board(board.url).versions("line")
    files[0].unlink()

    assert before.equals(again)
    assert before.equals(open_board(board.url).versions("line"))
