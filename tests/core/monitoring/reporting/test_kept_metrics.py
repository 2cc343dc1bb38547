"""Metrics kept with the model: what replaces what."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow.feather
import pytest

from mlops_magics.core.monitoring import MonitorReport, ReferenceProfile, monitor, profile
from mlops_magics.core.monitoring.reporting import kept_metrics
from mlops_magics.errors import IntegrityError

DAYS = pd.date_range("2024-01-01", periods=28, freq="D").repeat(10)


def _seen(rows: int = 280, seed: int = 0) -> tuple[ReferenceProfile, pd.DataFrame]:
    numbers = np.random.default_rng(seed)
    frame = pd.DataFrame({"x": numbers.normal(size=280), "at": DAYS, "y": numbers.integers(0, 2, 280)}).head(rows)
    return profile(frame[["x"]]), frame.assign(guess=frame["y"])


def _kept(*reports: MonitorReport) -> pd.DataFrame:
    table = None
    for report in reports:
        table = kept_metrics.from_bytes(kept_metrics.to_bytes(kept_metrics.of_report(table, report)))
    assert table is not None
    return table[table["metric"] == "accuracy"]


def _report(by: str | None, rows: int = 280, version: str = "1", seed: int = 0, first: int = 0) -> MonitorReport:
    reference, frame = _seen(rows, seed)
    options = {} if by is None else {"by": by, "timestamp": "at"}
    return monitor(reference, frame.iloc[first:], version=version, truth="y", prediction="guess", **options)


def test_a_later_run_over_the_same_periods_replaces_them() -> None:
    """Also when it found less; the file is Arrow that any reader has."""
    report = _report("week")
    worse = replace(report, performance=report.performance.assign(score=0.5))
    kept = _kept(report, worse)

    assert len(kept) == 4
    assert (kept["score"] == 0.5).all()
    table = pyarrow.feather.read_table(io.BytesIO(kept_metrics.to_bytes(kept)))
    assert table.column_names == kept_metrics.COLUMNS


def test_weeks_do_not_replace_mondays() -> None:
    """A week and its first day begin at the same moment."""
    kept = _kept(_report("day"), _report("week"))

    assert len(kept) == 28 + 4
    assert (kept["period"] == "2024-01-01").sum() == 2


def test_batches_without_times_are_rows_of_their_own() -> None:
    """Three batches are three rows; the same batch again is not a fourth."""
    batches = [_report(None, seed=seed) for seed in (0, 1, 2)]

    assert len(_kept(*batches, batches[1])) == 3


def test_half_a_week_does_not_replace_the_whole_one() -> None:
    """A run over fewer rows leaves the row that knows more, and one over more replaces it."""
    whole, half = _report("week"), _report("week", rows=35)

    assert _kept(whole, half)["n"].tolist() == [70, 70, 70, 70]
    assert _kept(half, whole)["n"].tolist() == [70, 70, 70, 70]


def test_versions_and_segments_are_kept_apart() -> None:
    """What another version scored in the same week stays."""
    assert len(_kept(_report("week"), _report("week", version="2"))) == 8


def test_a_table_of_version_0_1_is_added_to() -> None:
    """It had no ends and no batch; its rows stay as they are."""
    old = kept_metrics.of_report(None, _report("week", version="0")).drop(columns=["start", "end", "batch"])
    table = pyarrow.Table.from_pandas(old, preserve_index=False)
    sink = io.BytesIO()
    pyarrow.feather.write_feather(table, sink, compression="uncompressed")

    both = kept_metrics.of_report(kept_metrics.from_bytes(sink.getvalue()), _report("week"))

    assert set(both["version"]) == {"0", "1"}


@pytest.mark.parametrize("data", [b"", b"true", b"ARROW1\0\0" * 3, kept_metrics.to_bytes(kept_metrics.empty())[:-9]])
def test_R12_kept_metrics_that_are_damaged_are_one_line(data: bytes) -> None:
    """R12: The pin of the metrics may be anybody's."""
    with pytest.raises(IntegrityError, match="--pin-metrics") as refused:
        kept_metrics.from_bytes(data)
    assert "\n" not in str(refused.value)
