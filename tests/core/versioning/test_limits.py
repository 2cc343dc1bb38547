"""A limit on file sizes, and a folder that somebody else owns; each in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from mlops_magics.core.versioning import Board, Facts, open_board

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
