"""What a reference means, and which listings there are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mlops_magics.core.versioning import Board, ModelRef
from mlops_magics.errors import (
    NotFound,
)


def test_unknown_names_are_answered_with_what_exists(board: Board, model: Any) -> None:
    """Models, versions and aliases: the nearest name first."""
    version = board.publish(model, "penguins")
    board.promote("penguins", "champion")

    with pytest.raises(NotFound, match="did you mean 'penguins'"):
        board.version("pengins")
    with pytest.raises(NotFound, match="did you mean 'champion'"):
        board.version("penguins@champoin")
    with pytest.raises(NotFound, match=version.version):
        board.version("penguins@20200101T000000Z-00000")
    assert board.version(ModelRef.parse("penguins@latest")).ref == version.ref


def test_a_bare_name_means_the_champion_else_the_newest(board: Board, pinned: list[str]) -> None:
    """Promoting is what changes the meaning of a name."""
    assert board.version("line").version == pinned[2]
    board.promote(f"line@{pinned[0]}", to="champion")
    assert board.version("line").version == pinned[0]
    assert board.version("line@latest").version == pinned[2]
    assert board.version("line").aliases == ("champion",)


def test_the_newest_whole_version_is_taken_where_another_writer_died(board: Board, pinned: list[str]) -> None:
    """A half-written newer version is skipped, loudly."""
    (Path(board.url) / "line" / "20990101T000000Z-abcde").mkdir()
    with pytest.warns(UserWarning, match="newer version"):
        assert board.version("line").version == pinned[2]
