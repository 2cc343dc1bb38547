"""Retrainings that are killed at random moments: `make kills` runs this file (about a quarter of an hour)."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from mlops_magics import Session
from tests.core.retraining.running.test_run_steps import KILLED, check, runs_of

KILLS = int(os.environ.get("KILLS", "50"))
LONGEST = float(os.environ.get("KILLS_WITHIN", "5"))
"""Seconds in which a retraining takes its steps on an idle machine."""

pytestmark = pytest.mark.timeout(0)


def test_killed_at_random_moments(session: Session, pinned: Any, new: pd.DataFrame, tmp_path: Path) -> None:
    """After each kill the bare name means a whole version that answers; at last one run finishes, and none is twice."""
    rows = tmp_path / "new.parquet"
    new.to_parquet(rows)
    choice = random.Random(0)
    ends = []
    for _ in range(KILLS):
        done = subprocess.run(
            [sys.executable, "-m", KILLED, session.board.url, str(rows), str(choice.uniform(0.0, LONGEST))],
            capture_output=True,
            check=False,
        )
        ends.append(done.returncode)
        assert done.returncode in (0, -signal.SIGKILL), done.stderr.decode()[-2000:]
        made = runs_of(session)
        assert len(made) == len(set(made))
        assert len(session.load("penguins").predict(new[["a", "b"]])) == len(new)
    run = session.retrain("penguins", data=new, truth="species")

    assert run.decision in ("promoted", "kept")
    assert ends.count(-signal.SIGKILL) > KILLS / 2
    check(session, pinned)
