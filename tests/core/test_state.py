"""The state folder: private, replaced in one step, and unimpressed by whatever is put into it."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from mlops_magics.core import known_boards, retrainings, state, verdicts
from mlops_magics.core.deploying.endpoints import announcement
from mlops_magics.core.versioning.history import anchors
from mlops_magics.core.versioning.history.anchors import Anchor, Memory
from mlops_magics.core.versioning.integrity import signatures, trust
from mlops_magics.errors import MlopsError, StateError
from tests.core.failing_files import Crash, FailingFiles, Plan

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


def _announce(port: int) -> None:
    announcement.Announcement(
        name="line", version="v", board="b", host="h", port=port, pid=1, pid_started=1.0, started=1.0
    ).write()


def _version(sha256: str) -> Any:
    return SimpleNamespace(board="b", ref=f"line@{sha256}", version=sha256)


def _pin_and_trust(sha256: str) -> None:
    trust.trust_version(_version(sha256), sha256)


def _retrained(version: str) -> None:
    retrainings.remember("b", "line", version=version)


def _trust_key(board: str) -> None:
    key = state.directory() / "public.pem"
    key.write_bytes(PUBLIC.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    signatures.trust_key(board, key)


PUBLIC = ec.generate_private_key(ec.SECP256R1()).public_key()

ACTS: dict[str, tuple[Callable[[], Any], Callable[[], Any], Callable[[], Any]]] = {
    "announce": (
        lambda: _announce(1), lambda: _announce(2), lambda: [each.port for each in announcement.all_announced()]
    ),
    "trust a version": (
        lambda: _pin_and_trust("a"), lambda: _pin_and_trust("c"), lambda: trust.trusted_among("b", {"a", "c"})
    ),
    "distrust a version": (
        lambda: [_pin_and_trust(each) for each in "ac"], lambda: trust.distrust_version("b", "a"),
        lambda: trust.trusted_among("b", {"a", "c"}),
    ),
    "trust a board": (
        lambda: trust.trust("a", "1"), lambda: trust.trust("b", "2"),
        lambda: [trust.is_whole("a", "1"), trust.is_whole("b", "2")],
    ),
    "trust a key": (
        lambda: _trust_key("a"), lambda: _trust_key("b"),
        lambda: [signatures.trusted_keys("a"), signatures.trusted_keys("b")],
    ),
    "open a board": (
        lambda: known_boards.remember("a", "a"), lambda: known_boards.remember("b", "b"),
        lambda: sorted(each.label for each in known_boards.known()),
    ),
    "end a retraining": (
        lambda: _retrained("v1"), lambda: _retrained("v2"),
        lambda: [each["version"] for each in retrainings.of_key(known_boards.key_of("b"), "line")],
    ),
    "remember the log": (
        lambda: anchors.remember("b", Memory(Anchor("i", 1, "h"))),
        lambda: anchors.remember("b", Memory(Anchor("i", 2, "h"))),
        lambda: anchors.recall("b").anchor,
    ),
}  # fmt: skip


@pytest.mark.parametrize("error", [None, errno.EIO, errno.ENOSPC])
@pytest.mark.parametrize("act", ACTS)
def test_R04_a_fault_at_any_operation_on_the_state_leaves_it_before_or_after(
    act: str, error: int | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R4: announcements, trust, keys, known boards, results and anchors, killed or failing at operation k, for every k.

    Half of a line that was added is left, and the next line is whole all the same.
    """
    prepare, change, read = ACTS[act]

    def start(name: str) -> None:
        monkeypatch.setenv("MLOPS_MAGICS_STATE", str(tmp_path / name))
        prepare()

    start("after")
    before, counted = read(), Plan()
    with monkeypatch.context() as patch:
        patch.setattr(state, "FileLayer", lambda root: FailingFiles(root, counted))
        change()
    after = read()
    assert before != after
    for at in range(1, counted.count + 1):
        start(str(at))
        failing = Plan(at, OSError(error, os.strerror(error)) if error else None)
        with monkeypatch.context() as patch:
            patch.setattr(state, "FileLayer", lambda root, failing=failing: FailingFiles(root, failing))
            with contextlib.suppress(Crash, MlopsError):
                change()
        assert read() in (before, after), counted.done[at - 1]
        change()
        assert act == "end a retraining" or read() == after, counted.done[at - 1]
