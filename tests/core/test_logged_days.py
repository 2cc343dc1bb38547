"""A log larger than memory: counted day by day as its rows would be, and a day that is over is read once."""

from __future__ import annotations

import gzip
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import make_pipeline
from sklearn.tree import DecisionTreeClassifier

from mlops_magics import Session
from mlops_magics.core import log_columns, logged_days
from mlops_magics.core.deploying.prediction_log import feature_columns, replica_log
from mlops_magics.core.versioning import ModelVersion
from mlops_magics.errors import InvalidInput

DAY, DAYS = 86_400, 5
FIRST = int(time.time()) // DAY * DAY - (DAYS + 1) * DAY
"""Midnight of the first day of the log, in UTC: all its days are over."""


def _rows(count: int, seed: int, shift: float = 0.0) -> pd.DataFrame:
    numbers = np.random.default_rng(seed)
    frame = pd.DataFrame({"size": numbers.normal(shift, size=count), "city": numbers.choice(["Bern", "Chur"], count)})
    frame["since"] = pd.Timestamp("2020-01-01") + pd.to_timedelta(numbers.integers(0, 9000, count), unit="h")
    frame.loc[::17, "size"] = np.nan
    return frame


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Session:
    """A model of numbers, texts and times, with its training data."""
    rows = _rows(400, 0)
    truth = np.where(rows["size"] > 0, "big", "small")
    columns = ColumnTransformer([("size", "passthrough", ["size"])])
    session = Session(board=tmp_path_factory.mktemp("boards") / "board")
    session.pin(
        make_pipeline(columns, DecisionTreeClassifier(max_depth=2)).fit(rows, truth), "sizes", data=rows, truth=truth
    )
    return session


def _segment(version: ModelVersion, begin: int, seed: int, rows: pd.DataFrame) -> pa.Table:
    """Return a segment as a replica writes it, with a row every ten seconds."""
    count = len(rows)
    moments = [(begin + 10 * place) * 1_000_000 for place in range(count)]
    columns = version.prototype.columns
    facts = {
        log_columns.TIMESTAMP: pa.array(moments, pa.timestamp("us", "UTC")),
        log_columns.REQUEST_ID: [f"{seed}-{place}" for place in range(count)],
        log_columns.ROW: pa.array([0] * count, pa.int64()),
        log_columns.VERSION: [version.version] * count,
        log_columns.LATENCY: [1.0] * count,
        log_columns.PREDICTION: np.where(rows["size"] > 0, "big", "small").tolist(),
    }
    features = {each.name: feature_columns.to_arrow(rows[each.name].to_numpy(), each) for each in columns}
    note = {"version": version.version, "columns": [feature_columns.note(each) for each in columns]}
    return pa.table({**facts, **features}).replace_schema_metadata({b"mlops": json.dumps(note).encode()})


def _put(url: str, version: ModelVersion, begin: int, seed: int, *, replica: str = "a", shift: float = 0.0) -> str:
    system, root = replica_log.opened(url)
    folder = replica_log.folder_of(root, "sizes", "predictions", begin)
    path = f"{folder}/{version.version}-{replica}-{begin}{seed}.parquet"
    replica_log.put(system, path, _segment(version, begin, seed, _rows(90, seed, shift)))
    return path


def _log(url: str, version: ModelVersion, days: int = DAYS) -> list[str]:
    """Write a log: three segments a day, one over midnight, one twice, and a day that drifted."""
    found = []
    for day in range(days):
        for hour in (1, 9, 23):
            seed, begin = 100 * day + hour, FIRST + day * DAY + hour * 3600 + (3000 if hour == 23 else 0)
            found.append(_put(url, version, begin, seed, shift=1.5 * (day == 3)))
            if (day, hour) == (1, 9):
                _put(url, version, begin, seed, replica="b")
    return found


@pytest.fixture
def url() -> str:
    """A log in a storage of objects."""
    return f"memory://log-{time.time_ns()}"


def _scores(report: Any, what: str = "drift") -> pd.DataFrame:
    frame = getattr(report, what)
    frame = frame[~frame["statistic"].isin(["correlation", "order"])]  # of rows in their order, which passed by
    return frame.sort_values(["period", "feature", "statistic"], ignore_index=True)


@pytest.mark.parametrize("by", [None, "day", "week"])
def test_a_log_that_is_counted_has_the_drift_of_its_rows(
    session: Session, tmp_path: Path, by: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Features and predictions, each period; a segment that is there twice counts once, also after compaction."""
    version, url = session.board.version("sizes"), str(tmp_path / "log")
    _log(url, version)
    rows = session.monitor("sizes", log=url, by=by)
    monkeypatch.setattr(logged_days, "LARGE_BYTES", 0)
    replica_log.compact(url, "sizes")
    counted = session.monitor("sizes", log=url, by=by)

    assert counted.performance.empty
    assert any("counted day by day" in note for note in counted.notes)
    assert [(each.label, each.n) for each in counted.periods] == [(each.label, each.n) for each in rows.periods]
    for what in ("drift", "roles"):
        wanted, found = _scores(rows, what), _scores(counted, what)
        assert len(found) > 0
        columns = ["feature", "statistic", "period", "drifted", "n_reference", "n_current"]
        pd.testing.assert_frame_equal(found[columns], wanted[columns])
        np.testing.assert_allclose(found["score"], wanted["score"], rtol=1e-9)


def test_a_new_day_costs_one_pass_over_that_day(session: Session, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The segments of days that are over are not read again: they may be broken; one more of them is counted."""
    monkeypatch.setattr(logged_days, "LARGE_BYTES", 0)
    version = session.board.version("sizes")
    paths = _log(url, version, 4)
    system, root = replica_log.opened(url)
    before = session.monitor("sizes", log=url, by="day")
    kept = lambda: sorted(path for path in system.find(f"{root}/profiles") if path.endswith(".json.gz"))  # noqa: E731
    assert len(kept()) == 4
    for path in paths:
        system.pipe_file(path, b"these bytes are not Parquet")
    _put(url, version, FIRST + 4 * DAY + 3600, 999)
    after = session.monitor("sizes", log=url, by="day")

    assert len(after.periods) == len(before.periods)  # the segment before midnight had rows of that day
    assert after.periods[-1].n == before.periods[-1].n + 90
    over = [frame[frame["period"] != after.periods[-1].label] for frame in map(_scores, (before, after))]
    pd.testing.assert_frame_equal(*over)
    _put(url, version, FIRST + 7200, 1000)  # a segment that arrived late: that day is read again
    with pytest.raises(pa.ArrowInvalid):
        session.monitor("sizes", log=url, by="day")
    assert len(kept()) == 5


def test_counts_that_are_broken_are_counted_again(session: Session, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of another format too; a log that cannot be written is monitored all the same."""
    monkeypatch.setattr(logged_days, "LARGE_BYTES", 0)
    version = session.board.version("sizes")
    _log(url, version)
    before = session.monitor("sizes", log=url, by="day")
    system, root = replica_log.opened(url)
    found = system.find(f"{root}/profiles")
    whole = system.cat_file(found[0])
    halfway = json.loads(gzip.decompress(whole))
    halfway["days"][-1]["features"][-1].pop("missing")  # all before it could be added up
    bodies = (b"{", gzip.compress(b'{"format": "other"}'), gzip.compress(b"[]"), whole[:-20], whole[:60] + b"x" * 60)
    for body in (gzip.compress(json.dumps(halfway).encode()), *bodies):
        system.pipe_file(found[0], body)
        after = session.monitor("sizes", log=url, by="day")
        pd.testing.assert_frame_equal(after.drift, before.drift)
        assert [period.n for period in after.periods] == [period.n for period in before.periods]
    for path in found:
        system.pipe_file(path, b"")
    after = session.monitor("sizes", log=url, by="day")
    pd.testing.assert_frame_equal(after.drift, before.drift)


def test_what_needs_rows_is_refused_in_a_line(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Segments, groups and hours; the message says what to pass in place."""
    monkeypatch.setattr(logged_days, "LARGE_BYTES", 0)
    url = str(tmp_path / "log")
    _log(url, session.board.version("sizes"), 1)
    for options in ({"segment": "city"}, {"by_group": "city"}, {"by": "hour"}, {"by": 100}, {"block": "day"}):
        with pytest.raises(InvalidInput, match=r"FRAME|day, week, month|sample"):
            session.monitor("sizes", log=url, **options)
