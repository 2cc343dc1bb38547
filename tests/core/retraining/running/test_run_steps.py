"""A run that is killed leaves nothing half: the next run goes on behind its last step, or begins anew."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd

from mlops_magics import Session
from mlops_magics.core.retraining.running import job

KILLED = "tests.core.retraining.running.killed_run"
BEFORE_THE_PIN = ["done:prepared", "begin:trained", "begin:pinned"]
AFTER_THE_PIN = ["done:pinned", "done:evaluated", "promote"]


def kill(session: Session, rows: Path, place: str) -> None:
    """Let a retraining be killed in a process of its own; its recipe ends by itself."""
    ended = subprocess.run(
        [sys.executable, "-m", KILLED, session.board.url, str(rows), place], capture_output=True, check=False
    )
    assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()[-2000:]


def runs_of(session: Session) -> list[str]:
    """Return the run of each version that a retraining made."""
    found = (session.version(f"penguins@{each}").lineage.retraining for each in session.versions("penguins")["version"])
    return [each["run"] for each in found if each]


def check(session: Session, parent: Any) -> None:
    """Hold what is always true: no version twice, one champion, nothing left behind."""
    made = runs_of(session)
    assert len(made) == len(set(made))
    assert session.version("penguins@champion").version in {parent.version, *session.versions("penguins")["version"]}
    assert not list(job.models_folder(session.board.url, "penguins").glob("*/*.rows"))
    assert session.verify().sound


def test_a_run_that_is_killed_before_its_pin_begins_anew(
    session: Session, pinned: Any, new: pd.DataFrame, tmp_path: Path
) -> None:
    """Nothing but claims is on the board; the run after them makes one version."""
    rows = tmp_path / "new.parquet"
    new.to_parquet(rows)
    for place in BEFORE_THE_PIN:
        kill(session, rows, place)
        assert session.version("penguins").version == pinned.version
    assert len(runs_of(session)) <= 1  # the recipe may have pinned in the moment in which it was killed
    assert session.retrain("penguins", data=new, truth="species").decision in ("promoted", "kept")
    assert session.version("penguins@champion").version != pinned.version
    check(session, pinned)


def test_a_run_that_is_killed_after_its_pin_is_finished_by_the_next(
    session: Session, pinned: Any, new: pd.DataFrame, tmp_path: Path
) -> None:
    """It is killed at each step behind the pin, one after the other; its only version becomes champion at last."""
    rows = tmp_path / "new.parquet"
    new.to_parquet(rows)
    for place in AFTER_THE_PIN:
        kill(session, rows, place)
        assert len(set(runs_of(session))) == 1
    run = session.retrain("penguins")

    assert run.decision == "promoted"
    assert [run.run] == runs_of(session)
    assert session.version("penguins@champion").version == run.version
    assert list(session.history("penguins")["event"]).count("retrain_end") == 1
    check(session, pinned)
