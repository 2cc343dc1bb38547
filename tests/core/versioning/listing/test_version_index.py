"""The index is derived: it can be deleted or torn."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

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


@pytest.mark.parametrize("make", [os.mkfifo, Path.mkdir, lambda path: path.symlink_to("/dev/zero"), lambda path: path])
def test_R12_what_is_not_a_plain_file_in_place_of_the_index_is_passed_over(
    board: Board, pinned: list[str], state_folder: Path, make: Callable[[Path], object]
) -> None:
    """R12, R18: neither a pipe nor an endless device is waited for, and a file of a terabyte is not read."""
    before = board.versions("line")
    for index in (next(state_folder.glob("index/*/line.jsonl")), *state_folder.glob("index/*/.newest.json")):
        index.unlink()
        if make(index) is index:
            index.touch()
            os.truncate(index, 1 << 40)

    again = open_board(board.url)

    assert before.equals(again.versions("line"))
    assert [*again.models()["name"]] == ["line"]
