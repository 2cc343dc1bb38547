"""Which version answered when, as a report tells it beside its periods."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression

from mlops_magics.core.deploying.endpoints import paths
from mlops_magics.core.deploying.prediction_log.log_encoder import Entry, LogEncoder
from mlops_magics.core.deploying.prediction_log.log_writer import LogWriter
from mlops_magics.core.deploying.validation.check import Check
from mlops_magics.core.deploying.validation.layout import Layout
from mlops_magics.core.monitoring.reporting.report_period import VersionChange
from mlops_magics.core.session import Session
from mlops_magics.core.versioning import Prototype

ROWS = pd.DataFrame({"x": np.arange(40.0)})


@pytest.fixture
def session(tmp_path: Path) -> Session:
    """Return a session with a model that two versions answered for: the first from 2 January on, the second later."""
    session = Session(board=tmp_path / "board")
    session.pin(LinearRegression().fit(ROWS, ROWS["x"]), "line", data=ROWS, truth=ROWS["x"])
    for version, began in (("v1", "2024-01-02"), ("v2", "2024-01-17T22:30"), ("v1", "2024-01-20")):
        _log(session, version, began)
    return session


def _log(session: Session, version: str, began: str) -> None:
    """Log an answer of a version at each of three days."""
    place = paths.log_of(session.board.url, "line", paths.PREDICTIONS)
    place.mkdir(parents=True, exist_ok=True)
    check = Check(Layout(Prototype.from_data(ROWS)))
    writer = LogWriter(place, LogEncoder(check.layout, version, {}, None))
    for days in range(3):
        moment = pd.Timestamp(began, tz="UTC").timestamp() + 86_400 * days
        writer.add(
            Entry(moment, f"{version}{days}", [1], np.ones(1), check.columns({"x": [1.0]}), np.ones(1), "predict")
        )
    writer.close()


def test_a_report_tells_in_which_period_another_version_began(session: Session) -> None:
    """The first one began nothing; where an older one answers again, nothing new is told."""
    rows = ROWS.assign(at=pd.date_range("2024-01-01", periods=40, freq="D", tz="Europe/Berlin"))
    report = session.monitor("line", data=rows, by="week", timestamp="at")

    assert report.versions == (VersionChange("2024-01-15", "v2", "2024-01-17T22:30:00+00:00"),)
    assert report.wire()["versions"] == [{**change.to_json(), "number": 0} for change in report.versions]


def test_periods_without_times_hold_no_change(session: Session) -> None:
    """Rows and parts lie nowhere in time, and one period alone has nothing to divide."""
    rows = ROWS.assign(at=pd.date_range("2024-01-01", periods=40, freq="D"))
    for by in (None, 10, "4 parts"):
        assert session.monitor("line", data=rows, by=by).versions == ()
    assert session.monitor("line", data=rows.head(0)).versions == ()
