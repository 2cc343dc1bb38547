"""Interval and rows of a metric that was computed at the pin: kept with the version while the metric stays."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pins
import pytest
from sklearn.linear_model import LogisticRegression

from mlops_magics.core.session import Session
from mlops_magics.core.versioning.describing.measured_score import MeasuredScore

X = pd.DataFrame(np.random.default_rng(0).normal(size=(300, 2)), columns=["a", "b"])
Y = np.where(X["a"] + np.random.default_rng(1).normal(size=300) > 0, "yes", "no")


def test_a_pin_keeps_interval_and_rows_of_what_it_measured(tmp_path: Path) -> None:
    """With `--test` only, beside the metrics, which pins and older readers find as before; a copy keeps them."""
    session = Session(board=tmp_path / "board")
    model = LogisticRegression().fit(X[:200], Y[:200])
    session.pin(model, "line", data=X[:200], truth=Y[:200], metrics={"accuracy": 0.8})
    session.pin(model, "line", data=X[:200], truth=Y[:200], test=(X[200:], Y[200:]), metrics={"log_loss": 0.1})
    given, version = Session(board=tmp_path / "board").version("line@v1"), session.version("line@v2")

    assert given.measured == {}
    assert set(version.measured) == {"accuracy", "f1_macro", "roc_auc"}, "a metric that was given has no interval"
    accuracy = version.measured["accuracy"]
    assert (accuracy.score, accuracy.rows) == (version.metrics["accuracy"], 100)
    assert accuracy.lower is not None
    assert accuracy.upper is not None
    assert accuracy.lower < accuracy.score < accuracy.upper
    kept = pins.board_folder(str(tmp_path / "board")).pin_meta("line", version.version).user["mlops_magics"]["record"]
    assert json.loads(kept)["metrics"] == version.metrics
    assert version.to_json()["measured"]["accuracy"]["rows"] == 100
    assert session.copy("line@v2", str(tmp_path / "other")).measured == version.measured
    session.annotate("line@v2", metrics={"accuracy": 0.5})
    assert "accuracy" not in session.version("line@v2").measured


@pytest.mark.parametrize(
    "record", [None, [], 3, {}, {"score": "1", "rows": 3}, {"score": math.nan, "rows": 3}, {"score": 1.0, "rows": True}]
)
def test_what_another_writer_left_is_no_measured_score(record: Any) -> None:
    """A listing shows the metric without an interval."""
    assert MeasuredScore.from_json(record) is None


def test_an_end_that_is_not_known_is_none() -> None:
    """JSON has no NaN."""
    score = MeasuredScore.of(np.float64(0.5), math.nan, math.inf, 3)

    assert MeasuredScore.from_json(json.loads(json.dumps(score.to_json(), allow_nan=False))) == score
    assert (score.lower, score.upper) == (None, None)
