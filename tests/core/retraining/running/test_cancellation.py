"""A run that is cancelled ends at once, gives the model back and promotes nothing, wherever it runs."""

from __future__ import annotations

import threading
from pathlib import Path

import pandas as pd
import pytest

from mlops_magics import Session
from mlops_magics.core.deploying.endpoints import processes
from mlops_magics.core.retraining.claims import claim as claims
from mlops_magics.core.retraining.running import job
from mlops_magics.core.session import retraining_view
from mlops_magics.errors import Cancelled, NothingToDo
from tests.core.retraining.conftest import FIT, pin, recipe
from tests.core.retraining.running.test_run_steps import BEFORE_THE_PIN, kill

ENDLESS = "import os, pathlib, time\npathlib.Path('pid').write_text(str(os.getpid()))\ntime.sleep(N)\n" + FIT


def test_a_run_is_cancelled_from_another_thread_or_after_its_process_died(
    session: Session, new: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its recipe's process ends, the claim is free, no alias moved, and the history names who cancelled it."""
    monkeypatch.chdir(tmp_path)
    made = recipe(ENDLESS, folder=str(tmp_path), parameters={"N": "600"})
    parent = pin(session, made)
    ended: list[BaseException] = []

    def run() -> None:
        try:
            Session(session.board.url).retrain("penguins", data=new, truth="species")
        except Cancelled as fault:
            ended.append(fault)

    running = threading.Thread(target=run)
    running.start()
    while not ((tmp_path / "pid").exists() and (tmp_path / "pid").read_text()):
        running.join(0.05)
        assert running.is_alive()
    record = session.cancel_retraining("penguins")
    running.join()

    assert record.status == "cancelled"
    assert "cancelled the retraining of penguins. Nothing was promoted." in str(ended[0])
    assert processes.started_at(int((tmp_path / "pid").read_text())) is None
    _check_free(session, parent.version)
    shown = retraining_view.of(session, record)
    assert (shown.can_cancel, shown.sentence) == (False, "The retraining was cancelled: v1 stays")
    with pytest.raises(NothingToDo, match="No retraining of penguins runs"):
        session.cancel_retraining("penguins")

    rows = tmp_path / "new.parquet"
    new.to_parquet(rows)
    kill(session, rows, BEFORE_THE_PIN[0])
    assert job.runs(session.board.url, "penguins")[0].status == "running"
    assert session.cancel_retraining("penguins").status == "cancelled"
    _check_free(session, parent.version)


def _check_free(session: Session, champion: str) -> None:
    assert claims.open_claim(session.board, "penguins") is None
    assert session.version("penguins@champion").version == champion
    newest = session.history("penguins").iloc[0]
    assert (newest["event"], newest["version"]) == ("retrain_end", None)
    assert "cancelled" in newest["note"]
    assert not list(job.models_folder(session.board.url, "penguins").glob("*/*.rows"))
