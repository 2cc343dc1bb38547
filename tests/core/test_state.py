"""The state folder: private, replaced in one step, and unimpressed by whatever is put into it."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mlops_magics.core import known_boards, retrainings, state, verdicts
from mlops_magics.core.deploying.endpoints import announcement
from mlops_magics.errors import MlopsError, StateError

DEEP = b"[" * 200_000
ODD = [
    b"",
    b"{",
    DEEP,
    b'{"a":' * 100_000,
    b"null",
    b"3",
    b"[1, 2]",
    b"\xff\xfe",
    b'{"label": 3, "url": [], "opened": "x"}',
]


@dataclass
class Record:
    name: str
    size: int = 0


def test_T08_what_is_written_is_read_by_its_owner_only(state_folder: Path) -> None:
    """T8: folders have the mode 0700 and files 0600, whatever the umask."""
    before = os.umask(0)
    try:
        folder = state.directory("one", "two")
        state.write_private(folder / "a.json", b"1")
        state.append_private(folder / "b.jsonl", b"2\n")
    finally:
        os.umask(before)

    assert [stat.S_IMODE(place.stat().st_mode) for place in (folder.parent, folder)] == [0o700] * 2
    assert [stat.S_IMODE((folder / name).stat().st_mode) for name in ("a.json", "b.jsonl")] == [0o600] * 2
    assert sorted(each.name for each in folder.iterdir()) == ["a.json", "b.jsonl"]


def test_T08_a_state_folder_that_others_can_write_is_refused_with_the_line_that_fixes_it(state_folder: Path) -> None:
    """T8: announcements with tokens are read from there."""
    state_folder.chmod(0o777)
    with pytest.raises(StateError, match=f"chmod go-w {state_folder}"):
        state.directory()
    state_folder.chmod(0o700)

    assert state.directory() == state_folder


@pytest.mark.parametrize("data", ODD)
def test_whatever_a_file_of_the_state_holds_it_is_read_as_nothing(state_folder: Path, data: bytes) -> None:
    """Known boards, announcements, verdicts and retrainings: no exception of a parser leaves the reader."""
    for place in ("boards/x.json", "endpoints/x.json", "verdicts/k/line.json", "retrainings/k/line.json"):
        path = state_folder / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    assert known_boards.known() == []
    assert list(announcement.all_announced()) == []
    assert verdicts.of_key("k", "line") == []
    assert retrainings.of_key("k", "line") == []


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir, lambda path: os.symlink("/dev/zero", path)])
def test_R12_a_pipe_a_folder_or_a_link_in_the_state_is_read_as_nothing(state_folder: Path, make: Any) -> None:
    """R12: nothing waits, and the boards beside it are listed."""
    known_boards.remember("mine", "/somewhere")
    make(state_folder / "boards" / "odd.json")
    (state_folder / "endpoints").mkdir()
    make(state_folder / "endpoints" / "odd.json")

    assert [each.label for each in known_boards.known()] == ["mine"]
    assert list(announcement.all_announced()) == []


def test_T05_a_link_in_place_of_a_folder_is_named(state_folder: Path, tmp_path: Path) -> None:
    """T5: nothing is written where it leads."""
    (tmp_path / "elsewhere").mkdir()
    (state_folder / "boards").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StateError, match="a link"):
        known_boards.remember("mine", "/somewhere")

    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_R06_a_full_disk_is_one_line_and_the_file_is_as_it_was(
    state_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R6: neither a torn file nor a draft is left."""
    from mlops_magics.core.file_layer import FileLayer

    class Full(FileLayer):
        def write(self, stream: Any, data: Any) -> int:
            stream.write(b"half")
            raise OSError(28, "No space left on device")

    state.write_private(state_folder / "a.json", b"before")
    monkeypatch.setattr(state, "FileLayer", Full)
    with pytest.raises(MlopsError, match=r"No space left on device\. The disk is full") as refused:
        state.write_private(state_folder / "a.json", b"after")

    with pytest.raises(MlopsError, match="The disk is full"):
        state.check_room()

    assert "\n" not in str(refused.value)
    assert (state_folder / "a.json").read_bytes() == b"before"
    assert [each.name for each in state_folder.iterdir()] == ["a.json"]


def test_a_folder_in_the_place_of_a_file_is_named(state_folder: Path) -> None:
    """The message says what is in the way and what to do."""
    (state_folder / "a.json").mkdir()
    with pytest.raises(MlopsError, match=r"a\.json\. A folder is in the place of a file: remove it"):
        state.write_private(state_folder / "a.json", b"1")


def test_records_of_newer_versions_are_read(state_folder: Path) -> None:
    """A field that this version does not know is left out; an old name is the present one."""
    state.write_private(state_folder / "a.json", b'{"called": "x", "size": 2, "later": true}')

    assert state.read_record(state_folder / "a.json", Record, renamed={"called": "name"}) == Record("x", 2)
    assert state.read_record(state_folder / "missing.json", Record) is None
