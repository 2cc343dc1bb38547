"""Profiles of data of any size, one per period, in one pass over the rows and in bounded memory, which holds counts at
the reference's points and not rows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import numpy as np

from mlops_magics.core.monitoring.counting import pushdown
from mlops_magics.core.monitoring.counting.streamed_periods import ByRow, ByTime, Windows
from mlops_magics.core.monitoring.counting.tallies import Cut, ObservedCounts, Tally
from mlops_magics.core.monitoring.profiling import profiler, row_features
from mlops_magics.core.monitoring.profiling.feature_profile import Features
from mlops_magics.core.monitoring.profiling.reference_profile import ReferenceProfile
from mlops_magics.core.monitoring.reading import batches, features, periods, tables
from mlops_magics.core.monitoring.reading.tables import ArrowTable
from mlops_magics.errors import InvalidInput

THREADS = 2
HEAD_ROWS = 1_000
"""Rows from which the kinds of the columns are read."""


def is_large(data: Any) -> bool:
    """Return whether the rows should not be held in memory together."""
    return batches.is_large(data) or pushdown.is_large(data)


def by_period(
    data: Any,
    like: Features,
    by: Any = None,
    timestamp: str | None = None,
    apart: Collection[str] = (),
) -> ObservedCounts:
    """Profile each period at the points of a reference.

    Parameters
    ----------
    data
        Data of a kind that `is_large` knows. Tables in an engine elsewhere (Spark, a database) are counted there. All
        else is read in batches, each feature of two at a time.
    like
        The reference's features.
    by, timestamp
        As in `mlops_magics.drift`.
    apart
        Columns that are not features.

    Raises
    ------
    InvalidInput
    """
    if not batches.is_once(data) and not batches.is_streamed(data):
        return pushdown.by_period(data, like, by, timestamp)
    windows = _windows(data, by, timestamp)
    aside = {*apart, windows.name if isinstance(windows, ByTime) else timestamp} - set(like)
    tallies, extra = of_batches(batches.batches_of(data, schema=row_features.schema_of(like)), like, windows, aside)
    periods_found = windows.found()
    if not periods_found:
        raise InvalidInput(features.NO_TIMES.format(rows=windows.missing, name=timestamp))
    return ObservedCounts(tallies, periods_found, extra, windows.facts())


def of_batches(
    found: Iterable[Any], like: Features, windows: Windows, apart: Collection[str | None] = ()
) -> tuple[dict[str, Tally], list[str]]:
    """Count batches, and return the counts and the columns that the reference does not have.

    Parameters
    ----------
    found
        Batches of rows.
    like
        The reference's features.
    windows
        The periods.
    apart
        Columns that are not features.
    """
    tallies: dict[str, Tally] = {}
    extra: list[str] = []
    with ThreadPoolExecutor(THREADS) as pool:
        for batch in found:
            table = tables.read(batch)
            names = [name for name in features.feature_names(table) if name not in apart]
            tallies |= {name: Tally(like[name]) for name in names if name in like and name not in tallies}
            extra = extra or [name for name in names if name not in like]
            cut = windows.cut(table)
            known = [name for name in names if name in tallies]
            # the list waits for all of them, and raises the first error
            list(pool.map(partial(_count, tallies, table, cut), known))
    return tallies, extra


def _count(tallies: Mapping[str, Tally], table: tables.Table, cut: Cut, name: str) -> None:
    tallies[name].add(table.column(name), cut)


def profile_of(data: Any, categorical: Collection[str] = ()) -> ReferenceProfile:
    """Profile a reference of any size: its first rows set the points at which all of it is counted.

    Raises
    ------
    InvalidInput
    """
    if not batches.is_once(data) and not batches.is_streamed(data):
        return pushdown.profile_of(data, categorical)
    found = iter(batches.batches_of(data))
    first = next(found, None)
    if first is None:  # a reader at its end
        raise InvalidInput("The data have no row to profile.")
    table = ArrowTable(first)
    like = {
        name: profiler.of_column(tables.column_as(table, name, name in categorical))
        for name in features.feature_names(table)
    }
    windows = ByRow()
    tallies, _ = of_batches(_chained(first, found), like, windows)
    rows = windows.found()[0][0].n
    return ReferenceProfile({name: tally.profile([0]) for name, tally in tallies.items()}, rows)


def _chained(first: Any, others: Iterable[Any]) -> Iterable[Any]:
    yield first
    yield from others


def _windows(data: Any, by: Any, timestamp: str | None) -> Windows:
    """Return the cutter of rows that pass by."""
    if by is None:
        return ByRow()
    if isinstance(by, int | np.integer) and not isinstance(by, bool):
        periods.by_rows(0, int(by))  # refuses a value that is not a size
        return ByRow(size=int(by))
    parts = periods.parts_in(by)
    if parts is not None:
        rows = _known_rows(data, by)
        return ByRow(np.array([int(each.start or 0) for each in periods.in_parts(rows, parts)] + [rows]))
    unit = periods.unit_of(by)
    name = time_column(data, by, timestamp)
    if name is None:
        raise InvalidInput(f"Periods by {by!r} need times: name the column with timestamp=…, or use a number of rows.")
    origin = None if isinstance(unit, str) else _first(data, name, by)
    return ByTime(name, unit, origin)


def time_column(data: Any, by: Any, timestamp: str | None) -> str | None:
    """Return the column with the times, found in the first rows where it is not named.

    Raises
    ------
    InvalidInput
    """
    if batches.is_once(data):
        if timestamp is None and not (by is None or isinstance(by, int) or periods.parts_in(by) is not None):
            raise InvalidInput("A reader is read once: name the column with the times, timestamp='…'.")
        return timestamp
    return features.time_column(tables.read(_head(data)), by, timestamp)


def _head(data: Any) -> Any:
    if batches.is_streamed(data):
        return next(iter(batches.batches_of(data, rows=HEAD_ROWS)))
    return pushdown.table_of(data).limit(HEAD_ROWS)


def _known_rows(data: Any, by: Any) -> int:
    if batches.is_once(data):
        raise InvalidInput(f"by={by!r} needs the number of rows, which a reader does not have. Use a number.")
    return batches.rows_of(data)


def _first(data: Any, name: str, by: Any) -> Any:
    """Return the first time of all: periods of one length are counted from its day."""
    if batches.is_once(data):
        raise InvalidInput(f"by={by!r} needs the first time of all, and a reader is read once. Use day, week, month, …")
    ends = ByTime(name, "day")
    for batch in batches.batches_of(data, [name]):
        ends.cut(ArrowTable(batch))
    return ends.first
