"""Opening a board: places that are not boards, credentials, and no writing."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from mlops_magics.core.versioning import open_board
from mlops_magics.errors import InvalidInput, NotFound


@pytest.mark.parametrize(
    "place", ["", "ftp2://x/y", "simplecache::http://169.254.169.254/x", "http://example.org/board", 7, b"x"]
)
def test_what_is_no_board_is_refused(place: Any) -> None:
    """Unknown schemes, chained URLs, plain http to elsewhere: one clear line, and no request."""
    with pytest.raises(InvalidInput) as refused:
        open_board(place)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("form", [str, Path, "file://{}".format])
def test_a_file_is_not_an_empty_board(tmp_path: Path, form: Any) -> None:
    """A file, a pipe, and what would be below one."""
    (tmp_path / "file").write_text("x")
    os.mkfifo(tmp_path / "pipe")
    for name in ("file", "pipe", "file/board"):
        with pytest.raises(InvalidInput, match="is not a folder"):
            open_board(form(tmp_path / name))


def test_credentials_in_a_url_are_not_kept() -> None:
    """The board's URL, which ends up in records, holds none."""
    board = open_board("memory://user:secret@place/board?token=abc")

    assert "secret" not in board.url
    assert "abc" not in board.url


def test_a_board_that_does_not_exist_is_not_created_by_looking(tmp_path: Path) -> None:
    """Opening and listing write nothing; with create=False it must be there."""
    assert open_board(tmp_path / "board").models().empty
    assert not (tmp_path / "board").exists()
    with pytest.raises(NotFound):
        open_board(tmp_path / "board", create=False)
