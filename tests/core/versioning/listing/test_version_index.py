"""The index is derived: it can be deleted or torn."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from mlops_magics.core.versioning import Board, Facts, open_board
from mlops_magics.core.versioning.stores.folder import FolderStore
from tests.core.failing_files import QuickFiles

MANY = 300
STAMP = "%Y%m%dT%H%M%SZ"
OF_PINS = """api_version: 1
created: {created}
description: null
file: line.json
file_size: 2
pin_hash: {hash}
tags: null
title: line
type: json
user: {{}}
"""
"""Metadata as pins writes them."""


class CountingFiles(QuickFiles):
    """A real file layer that counts what is opened, by the name of the file."""

    def __init__(self, root: Path | str) -> None:
        super().__init__(root)
        self.count: Counter[str] = Counter()

    def open(self, place: str, *args: Any, **options: Any) -> Any:
        self.count[place.rpartition("/")[2]] += 1
        return super().open(place, *args, **options)


def counting(board: Board) -> tuple[Board, Counter[str]]:
    """Open a board as a new process does, and count its reads."""
    files = CountingFiles(Path(board.url))
    return Board(FolderStore(Path(board.url), files), "board"), files.count


def test_R11_a_listing_of_many_versions_reads_each_of_them_once(board: Board) -> None:
    """R11: Who lists 300 versions for the first time reads 300 files, and later the index alone.

    A reference reads the one version that it means, and a pin does not read its predecessors.
    """
    for place in range(MANY):
        moment = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(hours=place)
        folder = Path(board.url) / "line" / f"{moment:{STAMP}}-{place:05x}"
        folder.mkdir(parents=True)
        (folder / "data.txt").write_text(OF_PINS.format(created=f"{moment:{STAMP}}", hash=f"{place:05x}{place:011x}"))
        (folder / "line.json").write_bytes(b"{}")
    newest = folder.name

    cold, reads = counting(board)
    assert len(cold.versions("line")) == MANY
    assert MANY <= reads["data.txt"] <= MANY + 2
    warm, reads = counting(board)
    assert len(warm.versions("line")) == MANY
    assert [*warm.models()["name"]] == ["line"]
    assert reads["data.txt"] == 0
    assert warm.version("line").version == newest
    assert reads["data.txt"] <= 2
    warm.publish({"value": 2}, "line", Facts(format="joblib"))
    assert reads["data.txt"] <= 6
    assert len(open_board(board.url).versions("line")) == MANY + 1


def test_R18_a_poisoned_index_changes_no_decision(board: Board, pinned: list[str], state_folder: Path) -> None:
    """R18: What is loaded, promoted and verified is read from the version itself; a stale index loses its versions."""
    board.versions("line")
    index = next(state_folder.glob("index/*/line.jsonl"))
    lines = [msgspec.json.decode(line) for line in index.read_bytes().splitlines()]
    for line in lines:
        line[3], line[-1] = "skops", "0" * 64  # another format, another hash
    invented = [*lines[0]]
    invented[0] = "20300101T000000Z-fffff"
    index.write_bytes(b"\n".join(map(msgspec.json.encode, [*lines, invented])) + b"\n")
    shutil.rmtree(Path(board.url) / "line" / pinned[0])

    again = open_board(board.url)
    assert again.load("line") == {"value": 2}
    assert again.version("line").format == "joblib"
    assert again.version("line").hash != f"sha256:{'0' * 64}"
    assert {*again.versions("line")["version"]} == {*pinned[1:]}
    assert again.promote("line", "champion").version == pinned[2]


def test_R18_readers_at_once_leave_a_whole_index(board: Board, pinned: list[str], state_folder: Path) -> None:
    """R18: Each adds whole lines, however many processes list a board for the first time."""
    shutil.rmtree(state_folder / "index")
    boards = [open_board(board.url) for _ in range(8)]
    with ThreadPoolExecutor(8) as threads:
        listed = list(threads.map(lambda each: each.versions("line"), boards))

    assert all(each.equals(listed[0]) for each in listed)
    for line in next(state_folder.glob("index/*/line.jsonl")).read_bytes().splitlines():
        assert msgspec.json.decode(line)[0] in pinned


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
