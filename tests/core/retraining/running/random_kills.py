"""Retrainings that are killed at random moments: `make kills` runs this file (about a quarter of an hour)."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import s3fs

from mlops_magics import Session
from tests.core.retraining.conftest import pin
from tests.core.retraining.running.test_run_steps import KILLED, check, runs_of

KILLS = int(os.environ.get("KILLS", "50"))
LONGEST = float(os.environ.get("KILLS_WITHIN", "5"))
"""Seconds in which a retraining takes its steps on an idle machine."""

pytestmark = pytest.mark.timeout(0)


@pytest.fixture(params=["folder", "bucket"])
def anywhere(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Session:
    """A session on a board in a folder, and in a bucket of moto's server."""
    if request.param == "folder":
        return Session(tmp_path / "board")
    for name, value in (
        ("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test"), ("AWS_DEFAULT_REGION", "us-east-1"),
        ("AWS_ENDPOINT_URL", request.getfixturevalue("bucket_server")),
    ):  # fmt: skip
        monkeypatch.setenv(name, value)
    s3fs.S3FileSystem.clear_instance_cache()
    bucket = f"b{uuid.uuid4().hex[:10]}"
    s3fs.S3FileSystem().mkdir(bucket)
    return Session(f"s3://{bucket}/board")


def test_killed_at_random_moments(anywhere: Session, new: pd.DataFrame, tmp_path: Path) -> None:
    """After each kill the bare name means a whole version that answers; at last one run finishes, and none is twice."""
    session = anywhere
    pinned: Any = pin(session)
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
