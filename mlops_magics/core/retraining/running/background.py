"""A run in a process of its own, which continues when its starter ends.

`python -m mlops_magics.core.retraining.running.background FILE` runs the order in a file of the state folder.
"""

from __future__ import annotations

import pickle
import secrets
import subprocess
import sys
import time
from pathlib import Path

from mlops_magics.core import state
from mlops_magics.core.deploying.endpoints import processes
from mlops_magics.core.retraining.retraining import Retraining
from mlops_magics.core.retraining.running import job, preparation, run_steps
from mlops_magics.core.retraining.running.order import Order
from mlops_magics.core.retraining.running.recipe_process import last_lines
from mlops_magics.core.versioning import Board, ModelVersion, open_board
from mlops_magics.errors import MlopsError, RetrainingFailed

FOLDER = "orders"
START_SECONDS = 120.0
"""Time until the run has claimed the model."""
POLL_SECONDS = 0.1


def start(board: Board, parent: ModelVersion, order: Order) -> Retraining:
    """Start a run, and return its record as soon as it has begun.

    Raises
    ------
    MlopsError
        The order cannot be run, and no run began.
    """
    preparation.prepare(board, parent, order)
    place = state.directory(FOLDER) / f"{secrets.token_hex(8)}.order"
    # its rows may be a frame of the notebook, and only this user may read them
    state.write_private(place, pickle.dumps((board.url, parent.ref, order), protocol=5))
    log = place.with_suffix(".txt")
    with processes.open_private(log) as output:
        child = subprocess.Popen(  # noqa: S603 - the interpreter and a module of ours
            [sys.executable, "-m", __name__, str(place)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        found = next((each for each in job.runs(board.url, parent.name) if each.pid == child.pid), None)
        if found is not None:
            return found
        if child.poll() is not None:
            break
        time.sleep(POLL_SECONDS)
    raise RetrainingFailed(f"The run did not begin: {last_lines(log, 1) or 'its process ended'}")


def main(file: str) -> int:
    """Run an order and return the exit status."""
    place = Path(file)
    url, ref, order = pickle.loads(state.read_private(place))  # noqa: S301 - written by this user's own process
    place.unlink(missing_ok=True)
    board = open_board(url, create=False)
    try:
        run_steps.retrain(board, board.version(ref), order)
    except MlopsError as fault:
        print(" ".join(str(fault).split()), file=sys.stderr)
        return 1
    place.with_suffix(".txt").unlink(missing_ok=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
