"""Boards in folders: full disks, read-only places, limits, killed writers, links."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlops_magics.core.versioning import Board, Facts, open_board
from mlops_magics.core.versioning.names import ModelName
from mlops_magics.errors import BoardError, IntegrityError

LINE = ModelName("line")


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
    """R8: Remounted read-only: models load; writes of every kind are refused."""
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
    """R3: Killed again and again while pinning 20 MB: every version there is whole, and the next write works."""
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


LIMITED = """
import os, resource, signal, sys
from mlops_magics.core.versioning import Facts, open_board
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))
board = open_board(sys.argv[1])
try:
    board.publish({"large": os.urandom(8_000_000)}, "line", Facts(format="joblib"))
except Exception as error:
    print(type(error).__name__, error)
print(board.publish({"small": 2}, "line", Facts(format="joblib")).version)
"""


STRANGER = """
import os, sys, tempfile
from mlops_magics.core.versioning import Facts, open_board
with tempfile.TemporaryDirectory() as elsewhere:  # imports what a pin needs, while it can be read
    open_board(elsewhere + "/board").publish({"small": 0}, "line", Facts(format="joblib"))
board = open_board(sys.argv[1])
if os.getuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
print(len(board.names()))
for write in (
    lambda: board.publish({"small": 2}, "line", Facts(format="joblib")),
    lambda: board.promote("line", "champion"),
    lambda: board.delete("line"),
):
    try:
        write()
    except Exception as error:
        print(type(error).__name__, error)
"""


def _lines(code: str, board: Board) -> list[str]:
    done = subprocess.run([sys.executable, "-c", code, board.url], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_a_model_over_the_limit_of_file_sizes_leaves_the_old_version(board: Board) -> None:
    """EFBIG in the middle of a model: one line, nothing visible, and smaller models still fit."""
    first = board.publish({"small": 1}, "line", Facts(format="joblib"))
    refused, second = _lines(LIMITED, board)

    assert refused.startswith("BoardError")
    assert "File too large. The file is over a limit" in refused
    assert open_board(board.url).catalogue.versions("line") == [first.version, second]  # type: ignore[arg-type]
    assert open_board(board.url).verify().findings == ()


def test_a_folder_of_somebody_else_is_read_and_every_write_refused_in_one_line() -> None:
    """Mode 0555 for a user who does not own it."""
    with tempfile.TemporaryDirectory() as place:
        board = open_board(Path(place) / "board")
        first = board.publish({"small": 1}, "line", Facts(format="joblib"))
        folders = [Path(folder) for folder, _, _ in os.walk(place)]
        for folder in folders:
            folder.chmod(0o555)
        try:
            names, *refusals = _lines(STRANGER, board)
        finally:
            for folder in folders:
                folder.chmod(0o755)

        assert names == "1"
        assert [line.split()[0] for line in refusals] == ["BoardError"] * 3
        assert board.catalogue.versions("line") == [first.version]  # type: ignore[arg-type]
        assert open_board(board.url).verify().findings == ()
