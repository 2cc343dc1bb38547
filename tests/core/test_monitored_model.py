"""What surrounds a report: the model's answers, the limits and metrics on the board, the verdict that is kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression

from mlops_magics import Session
from mlops_magics.core import monitored_model, verdicts
from mlops_magics.errors import InvalidInput

RANDOM = np.random.default_rng(0)
ROWS = pd.DataFrame({"a": RANDOM.normal(size=300), "b": RANDOM.normal(size=300)})
TRUTH = (ROWS["a"] + 2 * ROWS["b"]).rename("y")


@pytest.fixture
def session(tmp_path: Path) -> Session:
    """Return a session whose board has a model with a reference profile and one without."""
    opened = Session(tmp_path / "board")
    model = LinearRegression().fit(ROWS, TRUTH)
    opened.pin(model, "line", data=ROWS, truth=TRUTH)
    opened.pin(model, "bare")
    return opened


def _monitor(session: Session, rows: pd.DataFrame, **options: Any) -> Any:
    version = session.version("line")
    return monitored_model.monitor(session.board, version, rows, asks_model=True, **options)


def test_the_model_answers_rows_that_have_no_prediction(session: Session) -> None:
    """The report has the drift of the prediction, and performance where the truth is named."""
    report = _monitor(session, ROWS.assign(y=TRUTH, a=ROWS["a"] + 3), truth="y")

    assert report.drifted[0] == "a"
    measured = report.performance.set_index("metric")["score"]
    assert measured["mae"] == pytest.approx(3)


def test_limits_and_metrics_are_kept_with_the_model(session: Session) -> None:
    """The next report acts by the limits, and the metrics of a period replace those that were kept of it."""
    board, version = session.board, session.version("line")
    assert not monitored_model.thresholds(board, "line").to_json().get("features")
    assert monitored_model.metrics(board, "line").empty

    monitored_model.set_thresholds(board, version, ["a<=0.01", "mae<=0.5"], ["b"], clear=False)
    changed = ROWS.assign(y=TRUTH + 1, b=ROWS["b"] + 9)
    first = _monitor(session, changed, truth="y", keep=True)
    kept = monitored_model.metrics(board, "line")
    _monitor(session, changed, truth="y", keep=True)

    assert any("mae" in alert.message for alert in first.alerts)
    assert not any("b drifted" in alert.message for alert in first.alerts)
    assert len(kept) == len(monitored_model.metrics(board, "line")) > 0


def test_a_verdict_on_a_board_that_cannot_be_written_is_kept_for_the_user(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The report says so in a note and is not lost."""
    folder = Path(session.board.url)
    monkeypatch.setattr("mlops_magics.core.versioning.companions.ATTEMPTS", 1, raising=False)
    (folder / "line.verdicts").write_text("a file where a pin belongs")

    report = _monitor(session, ROWS)

    assert any("kept for you only" in note for note in report.notes)
    assert len(verdicts.of_model(session.board.url, "line")) == 1


def test_limits_need_features(session: Session) -> None:
    """A version that was pinned without data has none."""
    with pytest.raises(InvalidInput, match="pinned without data"):
        monitored_model.set_thresholds(session.board, session.version("bare"), ["a<=1"], [], clear=False)
