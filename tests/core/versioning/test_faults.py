"""Faults: a crash at every operation, a full disk, a read-only board, damaged bytes."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sklearn.preprocessing import Normalizer

from mlops_magics.core.versioning import Board, Facts, open_board
from mlops_magics.core.versioning.maintenance.trash import collect
from mlops_magics.core.versioning.names import ModelName
from mlops_magics.core.versioning.stores.file_operations import FileOperations
from mlops_magics.core.versioning.stores.folder import FolderStore
from mlops_magics.errors import BoardError, IntegrityError, MlopsError, NotFound

LINE = ModelName("line")


class Crash(BaseException):
    """The process is gone: nothing behind this line happens, cleaning up included."""


class Failing(FileOperations):
    """Real file operations, until the one with a given number crashes, and every one after it."""

    def __init__(self, crash_at: int | None = None) -> None:
        self.count = 0
        self.crash_at = crash_at

    def __getattribute__(self, name: str) -> Any:
        found = super().__getattribute__(name)
        if name.startswith("_") or not callable(found):
            return found
        self.count += 1
        if self.crash_at is not None and self.count >= self.crash_at:
            raise Crash(name)
        return found


def _board(place: Path, operations: FileOperations) -> Board:
    return Board(FolderStore(place, operations), "board")


def _state(place: Path) -> tuple[int, list[int], int]:
    """Read a board as a stranger would, every version loaded: versions, where aliases point, notes (stamps differ)."""
    board = open_board(place)
    board.trust()
    versions = board.catalogue.versions(LINE) if LINE in board.names() else []
    for version in versions:
        assert hasattr(board.load(f"line@{version}"), "predict")
    named = [versions.index(version) for version in board.aliases("line").values()]
    return len(versions), named, sum(len(board.log.annotations("line", version)) for version in versions)


ACTIONS: dict[str, Any] = {
    "first pin": (
        lambda board, model: None,
        lambda board, model: board.publish(model, "line", Facts(format="joblib", files={"a.txt": b"x"})),
    ),
    "next pin": (
        lambda board, model: board.publish(model, "line", Facts(format="joblib")),
        lambda board, model: board.publish(model, "line", Facts(format="joblib", profile=b"{}")),
    ),
    "promote": (
        lambda board, model: board.publish(model, "line", Facts(format="joblib")),
        lambda board, model: board.promote("line", "champion"),
    ),
    "delete": (
        lambda board, model: [board.publish(model, "line", Facts(format="joblib")) for _ in range(2)],
        lambda board, model: board.delete(f"line@{board.catalogue.versions(LINE)[0]}"),
    ),
    "roll back": (
        lambda board, model: [
            board.publish(model, "line", Facts(format="joblib")), board.promote("line", "champion"),
            board.publish(model, "line", Facts(format="joblib")), board.promote("line@latest", "champion"),
        ],
        lambda board, model: board.rollback("line"),
    ),
    "annotate": (
        lambda board, model: board.publish(model, "line", Facts(format="joblib")),
        lambda board, model: board.annotate("line", tags=["eu"]),
    ),
    "restore": (
        lambda board, model: [
            *(board.publish(model, "line", Facts(format="joblib")) for _ in range(2)),
            board.delete(f"line@{board.catalogue.versions(LINE)[0]}"),
        ],
        lambda board, model: board.restore(board.store.trash()[0]),
    ),
    "sweep": (
        lambda board, model: [
            *(board.publish(model, "line", Facts(format="joblib")) for _ in range(2)),
            board.delete(f"line@{board.catalogue.versions(LINE)[0]}"),
        ],
        lambda board, model: collect(board.store, board.log, frozenset(), trash=timedelta(0)),
    ),
}  # fmt: skip


@pytest.mark.parametrize("action", ACTIONS)
def test_a_crash_at_any_file_operation_leaves_the_state_before_or_after(
    tmp_path: Path, model: Any, action: str
) -> None:
    """SQLite's method: fail at operation k, for every k; the board is as before or after, and can be written again."""
    prepare, act = ACTIONS[action]
    counting = Failing()
    reference = _board(tmp_path / "reference", FileOperations())
    prepare(reference, model)
    reference = _board(tmp_path / "reference", counting)
    act(reference, model)
    assert counting.count >= 3  # lock, rename, remove: the fewest, those of a sweep
    after = _state(tmp_path / "reference")

    for crash_at in range(1, counting.count + 1):
        place = tmp_path / f"at{crash_at}"
        prepare(_board(place, FileOperations()), model)
        before = _state(place)
        with contextlib.suppress(Crash):
            act(_board(place, Failing(crash_at)), model)
        found = _state(place)
        assert found in (before, after)
        again = open_board(place)
        again.publish(model, "line", Facts(format="joblib"))
        assert len(again.catalogue.versions(LINE)) == found[0] + 1
        assert [finding for finding in again.verify().findings if finding.kind != "stray"] == []


def test_an_error_of_the_disk_is_never_reported_as_success(tmp_path: Path, model: Any) -> None:
    """When fsync fails, the pin fails, with one line and no version."""

    class Lying(FileOperations):
        def sync(self, stream: Any) -> None:
            raise OSError(5, "Input/output error")

    board = _board(tmp_path / "board", Lying())
    with pytest.raises(BoardError, match="could not be written: Input/output error"):
        board.publish(model, "line", Facts(format="joblib"))

    assert board.names() == []


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 4 MB."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(place)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("mounting needs root")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_full_disk_keeps_the_old_version_and_says_so(small_disk: Path) -> None:
    """ENOSPC in the middle of a model: one line, nothing visible, and smaller models still fit."""
    board = open_board(small_disk / "board")
    first = board.publish({"small": 1}, "line", Facts(format="joblib"))
    with pytest.raises(BoardError, match="The disk is full"):
        board.publish({"large": os.urandom(8_000_000)}, "line", Facts(format="joblib"))

    assert board.catalogue.versions(LINE) == [first.version]
    assert board.publish({"small": 2}, "line", Facts(format="joblib")).parent == first.version
    assert board.verify().findings == ()


def test_a_read_only_board_reads_and_refuses_in_one_line(small_disk: Path) -> None:
    """Remounted read-only: models load; writes of every kind are refused."""
    board = open_board(small_disk / "board")
    board.publish({"small": 1}, "line", Facts(format="joblib"))
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)

    assert board.load("line") == {"small": 1}
    for write in (
        lambda: board.publish({"small": 2}, "line", Facts(format="joblib")),
        lambda: board.promote("line", "champion"),
        lambda: board.delete("line"),
    ):
        with pytest.raises(BoardError, match="read-only") as refused:
            write()
        assert "\n" not in str(refused.value)


@pytest.mark.parametrize("format", ["joblib", "skops"])
def test_every_single_byte_corruption_is_refused_before_anything_is_deserialised(board: Board, format: str) -> None:
    """Each byte of the model file, flipped in turn, and every truncation: IntegrityError."""
    version = board.publish(Normalizer(), "line", Facts(format=format))
    path = Path(board.url) / "line" / version.version / version.file
    whole = path.read_bytes()

    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :])
        with pytest.raises(IntegrityError):
            board.load(version)
    for size in range(0, len(whole), 50):
        path.write_bytes(whole[:size])
        with pytest.raises(IntegrityError):
            board.load(version)
    path.write_bytes(whole)
    assert board.load(version) is not None


def test_every_single_byte_corruption_of_the_metadata_is_refused_or_harmless(board: Board, model: Any) -> None:
    """A flipped byte of data.txt is an IntegrityError, unless the document still says exactly the same."""
    version = board.publish(
        model, "line", Facts(format="joblib", description="sums", tags=("eu",), metrics={"r2": 0.5})
    )
    path = Path(board.url) / "line" / version.version / "data.txt"
    whole = path.read_bytes()
    said = board.version("line").to_json()

    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x01]) + whole[place + 1 :])
        try:
            found = board.version(f"line@{version.version}").to_json()
        except IntegrityError:
            continue
        assert found == said


def test_versions_whose_files_were_swapped_are_refused(board: Board) -> None:
    """The metadata bind name, version and hash: files of one version do not pass for another."""
    first, second = (board.publish({"value": value}, "line", Facts(format="joblib")) for value in (1, 2))
    folder = Path(board.url) / "line"
    (folder / first.version).rename(folder / "aside")
    (folder / second.version).rename(folder / first.version)
    (folder / "aside").rename(folder / second.version)

    for version in (first, second):
        with pytest.raises(IntegrityError, match="holds the metadata of"):
            board.load(version.ref)


def test_links_are_never_followed(board: Board, tmp_path: Path) -> None:
    """A model file that is a link to somewhere else is refused, even to equal bytes."""
    version = board.publish({"value": 1}, "line", Facts(format="joblib"))
    path = Path(board.url) / "line" / version.version / version.file
    (tmp_path / "elsewhere").write_bytes(path.read_bytes())
    path.unlink()
    path.symlink_to(tmp_path / "elsewhere")

    with pytest.raises(IntegrityError, match="links are not followed"):
        board.load(version)


KILLED_WRITERS = """
import os, signal, sys, time
from mlops_magics.core.versioning import Facts, open_board
board = open_board(sys.argv[1])
for line in sys.stdin:
    writer = os.fork()
    while not writer:
        board.publish({"bytes": os.urandom(int(sys.argv[2]))}, "big", Facts(format="joblib"))
    time.sleep(float(line))
    os.kill(writer, signal.SIGKILL)
    os.waitpid(writer, 0)
    print("killed", flush=True)
"""


@pytest.mark.slow
def test_sigkill_at_random_moments_leaves_old_or_new(tmp_path: Path) -> None:
    """Killed again and again while pinning 20 MB: every version there is whole, and the next write works."""
    place = tmp_path / "board"
    board = open_board(place)
    board.publish({"bytes": b""}, "big", Facts(format="joblib"))
    command = [sys.executable, "-c", KILLED_WRITERS, str(place), "20000000"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as killer:
        assert killer.stdin is not None
        assert killer.stdout is not None
        for attempt in range(30):
            print(0.005 + 0.007 * attempt, file=killer.stdin, flush=True)
            assert killer.stdout.readline() == "killed\n"
            assert len(board.load("big")["bytes"]) in {0, 20_000_000}
        killer.stdin.close()
    board.publish({"bytes": b""}, "big", Facts(format="joblib"))

    assert board.verify().findings == ()


def test_a_sweep_that_died_half_way_is_finished_by_the_next(board: Board) -> None:
    """A sweep takes a version out of reach before it removes any of it: a killed one leaves nothing to restore."""
    first, second = (board.publish({"value": value}, "line", Facts(format="joblib")) for value in (1, 2))
    place = board.delete(f"line@{first.version}")

    class Dying(FileOperations):
        def remove_tree(self, path: Path) -> None:
            (path / first.version / "data.txt").unlink()
            raise Crash(path)

    with pytest.raises(Crash):
        collect(FolderStore(Path(board.url), Dying()), board.log, frozenset(), trash=timedelta(0))

    assert board.store.trash() == []
    with pytest.raises(NotFound):
        board.restore(place)
    assert len(board.collect_garbage().staging) == 1
    assert list(Path(board.url).glob("*/*/staging/*")) == []
    assert board.verify().findings == ()
    assert board.load(f"line@{second.version}") == {"value": 2}


def test_staging_of_a_dead_writer_is_swept_after_its_lease(board: Board) -> None:
    """What a killed pin left behind goes when its lease is over, not before."""
    board.publish({"value": 1}, "line", Facts(format="joblib"))
    abandoned = next(Path(board.url).glob("*/*/staging")) / "4711-dead"
    abandoned.mkdir()
    (abandoned / "half").write_bytes(b"x" * 100)

    assert board.collect_garbage().staging == ()
    assert collect(board.store, board.log, frozenset(), staging=timedelta(0)).staging == ("4711-dead",)
    assert not abandoned.exists()
    with pytest.raises(MlopsError):
        board.restore("4711-dead")
