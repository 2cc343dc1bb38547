"""SIGKILL at random moments of a 500 MB pin: `python bench/kills.py [kills]`; 100 unless told.

After each one a stranger opens the board: its versions are those before, or those before and the new one, every one
of them intact by its hashes, and the next small pin works.
"""

from __future__ import annotations

import collections
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

LARGE = 500_000_000

_WRITER = """
import sys
import numpy as np
from sklearn.linear_model import LinearRegression
from mlops_magics.core.versioning import Facts, Lineage, open_board
model = LinearRegression()
model.coef_, model.intercept_ = np.random.default_rng().random(int(sys.argv[2]) // 8), 0.0
board = open_board(sys.argv[1])
print("go", flush=True)
board.publish(model, "big", Facts(format="joblib", lineage=Lineage()))
print("done", flush=True)
"""


def main(kills: int) -> None:
    """Kill as often as asked, and print how often the board was in which state."""
    with tempfile.TemporaryDirectory(dir=".") as folder:
        os.environ["MLOPS_MAGICS_STATE"] = f"{folder}/state"
        place = Path(folder) / "board"
        seconds = _uninterrupted(place)
        draw = random.Random(0)
        found = collections.Counter(_killed(place, draw.uniform(0, 1.1 * seconds)) for _ in range(kills))
        print(f"a pin takes {seconds:.2f} s; {kills} kills: " + ", ".join(f"{n} {state}" for state, n in found.items()))


def _uninterrupted(place: Path) -> float:
    times = []
    for _ in range(3):
        writer = _start(place)
        started = time.perf_counter()
        writer.wait()
        times.append(time.perf_counter() - started)
    return min(times)


def _start(place: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", _WRITER, str(place), str(LARGE)]
    writer = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert writer.stdout is not None
    assert writer.stdout.readline() == "go\n"
    return writer


def _killed(place: Path, after: float) -> str:
    from mlops_magics.core.versioning import Facts, open_board

    before = set(open_board(place).slots.versions("big"))
    writer = _start(place)
    time.sleep(after)
    writer.kill()
    written, _ = writer.communicate()
    board = open_board(place)
    new = set(board.slots.versions("big")) - before
    assert before <= set(board.slots.versions("big")), "a version is lost"
    assert len(new) <= 1, "more than one version appeared"
    assert new or "done" not in written, "a pin that succeeded is not there"
    assert board.verify().findings == (), board.verify()
    small = board.publish({"next": 1}, "small", Facts(format="joblib"))
    assert board.load(small) == {"next": 1}
    _clear(board, new)
    return "new state" if new else "old state"


def _clear(board: object, versions: set[str]) -> None:
    from datetime import timedelta

    from mlops_magics.core.versioning.maintenance.trash import collect

    for version in versions:
        board.delete(f"big@{version}")
    collect(board, frozenset(), staging=timedelta(0), trash=timedelta(0))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
