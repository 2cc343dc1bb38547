"""A listing spends a limited time on broken versions, and names those that it did not read."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from mlops_magics.core.versioning import Board, open_board
from mlops_magics.core.versioning.describing import data_txt
from mlops_magics.core.versioning.listing import fault_budget
from mlops_magics.errors import IntegrityError


@pytest.fixture
def flooded(board: Board, pinned: list[str]) -> Board:
    """Return a board whose model has, beside its three versions, five newer ones that are large and broken."""
    whole = Path(board.url) / "line" / pinned[0]
    for day in range(1, 6):
        place = whole.with_name(f"2099010{day}T000000Z-abcde")
        shutil.copytree(whole, place)
        with (place / data_txt.FILE).open("ab") as file:
            file.write(b"x: [" + b"1, " * 30_000)
    board.catalogue.summaries.forget()
    return open_board(board.url)


@pytest.mark.parametrize("seconds", [0.0, 60.0])
def test_T09_large_broken_versions_do_not_keep_a_listing(
    flooded: Board, pinned: list[str], seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With time left or without, the versions that can be read are listed and a warning names the others."""
    monkeypatch.setattr(fault_budget, "FAULT_SECONDS", seconds)
    with pytest.warns(
        UserWarning, match=r"5 versions? cannot be read .*20990105T000000Z-abcde, .*, …\). Run `%verify`"
    ):
        table = flooded.versions("line")
    assert list(table["version"]) == pinned[::-1]
    assert len(flooded.catalogue._broken) == (5 if seconds else 0)
    assert len(flooded.verify().findings) == 5


def test_T09_a_bare_name_never_means_an_older_version_because_time_ran_out(
    flooded: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which version is the newest that can be read is unknown then, and an error says so."""
    monkeypatch.setattr(fault_budget, "FAULT_SECONDS", 0.0)
    with pytest.raises(IntegrityError, match="None of the 1 newest versions of line can be read"):
        flooded.version("line")
