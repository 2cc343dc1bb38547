"""Times of rows that are missing, far from all others, or of several offsets: the report goes on with a note."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mlops_magics as mm
from mlops_magics.core.monitoring import monitor, profile
from mlops_magics.core.monitoring.counting import one_pass, pushdown
from mlops_magics.core.monitoring.counting.day_counts import DayCounts
from mlops_magics.core.monitoring.reading import far_times
from mlops_magics.errors import InvalidInput

DAYS, EACH = 10, 20
REFERENCE = profile(pd.DataFrame({"x": np.random.default_rng(1).normal(size=500)}))


def rows(**times: Any) -> pd.DataFrame:
    """Return ten days of twenty rows, with other times in the first ones."""
    count, numbers = DAYS * EACH, np.random.default_rng(2)
    when = pd.Series(pd.date_range("2024-03-01", periods=DAYS).repeat(EACH)).astype("datetime64[us]")
    kind = times.pop("kind", None)
    when = when.astype(object) if kind is None else when.dt.strftime(kind)
    for place, value in enumerate(times["first"]):
        when[place] = value
    if kind is None:
        when = when.astype("datetime64[us]")
    return pd.DataFrame({"x": numbers.normal(size=count), "y": numbers.integers(0, 2, count), "when": when}).assign(
        guess=1
    )


def _file(frame: pd.DataFrame, folder: Path, ending: str) -> str:
    path = folder / f"rows.{ending}"
    frame.to_csv(path, index=False) if ending == "csv" else frame.to_parquet(path)
    return str(path)


def _arrow(frame: pd.DataFrame) -> Any:
    import pyarrow as pa

    return pa.Table.from_pandas(frame, preserve_index=False)


def _polars(frame: pd.DataFrame, folder: Path) -> Any:
    import polars as pl

    return pl.from_pandas(frame)


def _duckdb(frame: pd.DataFrame, folder: Path) -> Any:
    import duckdb

    return duckdb.connect().from_arrow(_arrow(frame))


SOURCES: dict[str, Callable[[pd.DataFrame, Path], Any]] = {
    "pandas": lambda frame, folder: frame,
    "polars": _polars,
    "arrow": lambda frame, folder: _arrow(frame),
    "duckdb": _duckdb,
    "parquet": lambda frame, folder: _file(frame, folder, "parquet"),
    "csv": lambda frame, folder: _file(frame, folder, "csv"),
}


def _drift(data: Any, by: str) -> tuple[int, list[str]]:
    found = mm.drift(REFERENCE, data, by=by, timestamp="when")
    return found["period"].nunique(), found.attrs["notes"]


def _performance(data: Any, by: str) -> tuple[int, list[str]]:
    found = mm.performance(data, "y", "guess", "accuracy", by=by, timestamp="when")
    return found["period"].nunique(), found.attrs["notes"]


def _monitor(data: Any, by: str) -> tuple[int, list[str]]:
    report = monitor(REFERENCE, data, truth="y", prediction="guess", by=by, timestamp="when")
    return report.performance["period"].nunique(), list(report.notes)


DOORS = {"drift": _drift, "performance": _performance, "monitor": _monitor}
EPOCH, LAST = dt.datetime(1970, 1, 1), dt.datetime(9999, 12, 31)


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("door", DOORS)
def test_a_time_far_from_all_others_is_in_no_period_and_in_a_note(source: str, door: str, tmp_path: Path) -> None:
    """A row of 1970 and one of 9999 leave ten days, by every way and from every source, with a line that runs."""
    frame = rows(first=[EPOCH, LAST])
    periods, notes = DOORS[door](SOURCES[source](frame, tmp_path), "day")

    note = next(note for note in notes if "far from all others" in note)
    assert periods == DAYS
    assert note.startswith("2 of 200 rows have times far from all others (1970-01-01T00:00:00 to 9999-12-31T00:00:00)")
    held: dict[str, Any] = {"data": frame, "pandas": pd}
    exec(note.partition("To leave them out: ")[2], held)
    assert len(held["data"]) == len(frame) - 2


@pytest.mark.parametrize("preset", ["evidently", "nannyml"])
def test_a_preset_leaves_far_times_out_with_a_note(preset: str) -> None:
    """The periods are cut by the same rule."""
    frame = rows(first=[EPOCH])[["x", "when"]]
    found = mm.drift(frame[50:][["x"]], frame, preset=preset, by="day", timestamp="when")

    assert found["period"].nunique() == DAYS
    assert found.attrs["notes"][0].startswith("1 of 200 rows have times far from all others")


@pytest.mark.parametrize(
    ("by", "periods"), [("hour", 217), ("7h", 31), ("week", 2), ("month", 1), ("quarter", 1), ("year", 1)]
)
def test_every_length_of_a_period_leaves_far_times_out(by: str, periods: int) -> None:
    """The rule is about the gap, not about the length of a period."""
    found, notes = _performance(rows(first=[EPOCH]), by)

    assert (found, sum("1 of 200 rows have times far" in note for note in notes)) == (periods, 1)


@pytest.mark.parametrize(
    ("first", "by"),
    [
        ([dt.datetime(2023, 9, 1)], "day"),
        ([dt.datetime(2022, 1, 1)] * 90, "day"),
        ([dt.datetime(2020, 1, 1)] * 40, "month"),
        ([EPOCH] * 100, "month"),
    ],
)
def test_times_that_are_not_far_or_not_few_are_periods(first: list[dt.datetime], by: str) -> None:
    """Half a year without rows, or a fifth of all rows before a long gap, are a part of the report."""
    _, notes = _performance(rows(first=first), by)

    assert not any("far from" in note for note in notes)


def test_times_of_two_halves_that_are_too_far_apart_are_refused() -> None:
    """Where neither side is the larger one, none can be left out."""
    with pytest.raises(InvalidInput, match="more than 10000 such periods"):
        _performance(rows(first=[EPOCH] * 100), "day")


@pytest.mark.parametrize("source", SOURCES)
def test_values_that_are_not_times_are_in_no_period_and_in_a_note(source: str, tmp_path: Path) -> None:
    """Some values that cannot be read do not take the report away; the note has them."""
    frame = rows(kind="%Y-%m-%d", first=["0000-00-00", "soon", None])
    periods, notes = _performance(SOURCES[source](frame, tmp_path), "day")

    assert periods == DAYS
    assert notes[:2] == [
        "1 of 200 rows have no time in 'when'. They are in no period",
        "2 of 200 rows have no valid time in 'when' ('0000-00-00', 'soon'). They are in no period",
    ]
    with pytest.raises(InvalidInput, match="cannot be read as times"):
        _performance(SOURCES[source](rows(kind="row of %d.%m.", first=["2024-03-01"]), tmp_path), "day")


@pytest.mark.parametrize("source", SOURCES)
def test_text_of_several_offsets_is_cut_in_utc_with_a_note(source: str, tmp_path: Path) -> None:
    """Winter and summer in one column: the note names the offsets, the zone, and the line for local days."""
    frame = rows(kind="%Y-%m-%dT23:30:00+01:00", first=["2024-04-01T00:30:00+02:00"])
    periods, notes = _performance(SOURCES[source](frame, tmp_path), "day")

    note = next(note for note in notes if "several offsets" in note)
    assert periods == 31
    assert note.startswith("the times in 'when' have several offsets (+01:00, +02:00), and periods are cut in UTC.")
    held: dict[str, Any] = {"data": frame, "pandas": pd}
    exec(note.partition("For local days: ")[2], held)
    local, more = _performance(held["data"], "day")
    assert (local, [note for note in more if "offsets" in note]) == (32, [])


@pytest.mark.parametrize("source", SOURCES)
def test_text_of_one_offset_is_cut_in_it(source: str, tmp_path: Path) -> None:
    """Half past eleven in the evening, four hours west of Greenwich, is a time of that day from a file too."""
    frame = rows(kind="%Y-%m-%dT23:30:00-04:00", first=[])
    data = SOURCES[source](frame, tmp_path)
    found = mm.performance(data, "y", "guess", "accuracy", by="day", timestamp="when")

    assert found["period"].tolist() == [f"2024-03-{day:02d}" for day in range(1, DAYS + 1)]
    assert not any("offset" in note for note in found.attrs["notes"])


@pytest.mark.filterwarnings("ignore::DeprecationWarning:duckdb.*", "ignore::DeprecationWarning:ibis.*")
@pytest.mark.filterwarnings("ignore:.*deprecated:DeprecationWarning")
def test_data_that_are_counted_leave_far_times_out(tmp_path: Path) -> None:
    """A reader of batches, an engine, and the days of a log hold no rows, and find the same periods."""
    import ibis

    frame = rows(first=[EPOCH, LAST]).drop(columns=["y", "guess"])
    table, path = _arrow(frame), _file(frame, tmp_path, "parquet")
    counts = DayCounts(REFERENCE.features, {}, "when")
    counts.add([table.slice(0, 50), table.slice(50)])
    found = [
        one_pass.by_period(table.to_reader(max_chunksize=30), REFERENCE.features, "day", "when"),
        pushdown.by_period(ibis.duckdb.connect().read_parquet(path), REFERENCE.features, "day", "when"),
        counts.observed("day")[0],
        counts.observed("week")[0],
    ]

    assert [len(each.windows) for each in found] == [DAYS, DAYS, DAYS, 2]
    assert [(each.rows, each.times.far) for each in found] == [(DAYS * EACH - 2, 2)] * 4
    assert [str(end)[:10] for end in found[0].times.ends or ()] == ["1970-01-01", "9999-12-31"]


def test_a_reader_of_several_offsets_is_cut_in_the_first_with_a_note() -> None:
    """Batches pass by once, so that the offset of the first one is the zone of all."""
    frame = rows(kind="%Y-%m-%dT23:30:00+01:00", first=[])
    frame.loc[100:, "when"] = frame["when"].str.replace("+01:00", "+02:00")
    reader = _arrow(frame).to_reader(max_chunksize=100)
    found = mm.drift(REFERENCE, reader, by="day", timestamp="when")

    assert found["period"].nunique() == DAYS
    assert "several offsets (+01:00, +02:00), and periods are cut in UTC+01:00" in found.attrs["notes"][0]


@pytest.mark.parametrize(
    ("days", "counts", "expected"),
    [
        ([0, 19_000, 19_001], [1, 50, 50], (1, 3)),
        ([0, 19_000, 19_001], [200, 50, 50], (0, 1)),
        ([0, 400, 401], [1, 50, 50], (0, 3)),
        ([0, 2_000, 2_001], [10, 50, 50], (0, 3)),
        ([0, 2_000, 2_001], [5, 50, 50], (1, 3)),
        ([0, 1, 19_000, 19_001, 80_000], [1, 1, 50, 50, 1], (2, 4)),
        ([5], [1], (0, 1)),
        ([], [], (0, 0)),
    ],
)
def test_the_stretch_of_times_is_that_of_most_rows(
    days: list[int], counts: list[int], expected: tuple[int, int]
) -> None:
    """Few rows beyond a thousand empty periods are far, and up to half of the rows beyond ten years."""
    day = 86_400_000_000
    times = np.array(days, dtype=np.int64) * day

    assert far_times.stretch(times, np.array(counts, dtype=np.int64), day, 10_000) == expected
