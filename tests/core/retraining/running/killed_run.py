"""A retraining that is killed: `python -m … BOARD ROWS PLACE` ends itself with SIGKILL where PLACE says.

PLACE is ``begin:STEP`` or ``done:STEP`` of the run's record, ``promote`` for the moment between the move of the alias
and its record, or a number of seconds.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from typing import Any

import pandas as pd


def _end(*_: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def main(board: str, rows: str, place: str) -> None:
    """Retrain, and be killed."""
    from mlops_magics import Session
    from mlops_magics.core.retraining.running.run_record import RunRecord

    kind, _, step = place.partition(":")
    whole = {"begin": RunRecord.begin, "done": RunRecord.done, "promote": RunRecord.done}

    def until(record: RunRecord, name: Any, *given: Any, **fields: Any) -> None:
        if kind == "promote" and name == "decided":
            _end()
        whole[kind](record, name, *given, **fields)
        if name == step:
            _end()

    session = Session(board)
    frame = pd.read_parquet(rows)
    if kind in whole:
        setattr(RunRecord, "done" if kind == "promote" else kind, until)
    else:
        threading.Timer(float(kind), _end).start()
    session.retrain("penguins", data=frame, truth="species")


if __name__ == "__main__":
    main(*sys.argv[1:])
