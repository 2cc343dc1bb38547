"""What a reference means, and which listings there are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from mlops_magics.core.versioning import Board, ModelRef, open_board
from mlops_magics.core.versioning.describing import data_txt
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


def test_a_list_of_models_names_the_newest_version_that_cannot_be_read(board: Board, pinned: list[str]) -> None:
    """With the reason in place of its description, at the time of its id."""
    (Path(board.url) / "line" / pinned[-1] / data_txt.FILE).write_text("{")
    board = open_board(board.url)
    board.catalogue.summaries.forget("line")
    board.catalogue.summaries.keep_newest({})

    with pytest.warns(UserWarning, match=rf"newest version of 1 model cannot be read \(line@{pinned[-1]}\)"):
        line = board.models().set_index("name").loc["line"]

    assert line["description"].startswith(f"Cannot be read: The metadata of line@{pinned[-1]} are not valid")
    assert line["created"] == pd.Timestamp(pinned[-1][:16])


def test_broken_metadata_is_parsed_once_and_again_when_it_changes(
    board: Board, pinned: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A listing of broken versions is as fast as one of whole versions, and sees a repair."""
    path = Path(board.url) / "line" / pinned[1] / data_txt.FILE
    whole, parsed = path.read_bytes(), []
    decode = data_txt.decode
    monkeypatch.setattr(data_txt, "decode", lambda data, *place: (parsed.append(data), decode(data, *place))[1])
    path.write_bytes(whole[: len(whole) // 2])
    board = open_board(board.url)
    board.catalogue.summaries.forget("line")

    with pytest.warns(UserWarning, match="1 version.* cannot be read"):
        tables = [board.versions("line") for _ in range(3)]

    assert list(map(len, tables)) == [2, 2, 2]
    assert len([data for data in parsed if data != whole and len(data) == len(whole) // 2]) == 1
    path.write_bytes(whole)
    assert len(board.versions("line")) == 3
