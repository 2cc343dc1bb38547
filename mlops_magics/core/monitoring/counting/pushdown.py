"""Counts of tables in their engine: Spark frames and tables of a database that are too large to collect."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from typing import Any

from mlops_magics.core.log_columns import PREFIX
from mlops_magics.core.monitoring.counting import ibis_queries
from mlops_magics.core.monitoring.counting.streamed_periods import ByTime
from mlops_magics.core.monitoring.counting.tallies import ObservedCounts
from mlops_magics.core.monitoring.profiling import profiler
from mlops_magics.core.monitoring.profiling.feature_profile import Features
from mlops_magics.core.monitoring.profiling.reference_profile import ReferenceProfile
from mlops_magics.core.monitoring.reading import batches, features, periods, tables
from mlops_magics.errors import InvalidInput

SAMPLE_ROWS = 200_000
"""Rows that set the points at which a reference in an engine is counted."""


def is_large(data: Any) -> bool:
    """Return whether this is a table in an engine elsewhere that should not be collected."""
    return is_table(data) and int(data.count() if _is_spark(data) else data.count().execute()) > batches.LARGE_ROWS


def is_table(data: Any) -> bool:
    """Return whether this is a frame of Spark or a table of Ibis."""
    return _is_spark(data) or (type(data).__module__.partition(".")[0] == "ibis" and hasattr(data, "columns"))


def _is_spark(data: Any) -> bool:
    return type(data).__module__.partition(".")[0] == "pyspark" and hasattr(data, "toPandas")


def table_of(data: Any) -> Any:
    """Return the Ibis table of a Spark frame (a view of its session), or the table itself."""
    if not _is_spark(data):
        return data
    import ibis

    view = f"mlops_magics_{uuid.uuid4().hex}"
    data.createOrReplaceTempView(view)
    return ibis.pyspark.connect(data.sparkSession).table(view)


def profile_of(data: Any, categorical: Collection[str] = ()) -> ReferenceProfile:
    """Count a reference at the points that its first rows set."""
    table = table_of(data)
    first = tables.read(table.limit(SAMPLE_ROWS))
    like = {
        name: profiler.of_column(tables.column_as(first, name, name in categorical))
        for name in features.feature_names(first)
    }
    whole = by_period(table, like)
    return ReferenceProfile(dict(whole.during([0])), whole.rows)


def by_period(
    data: Any,
    like: Features,
    by: Any = None,
    timestamp: str | None = None,
    apart: Collection[str] = (),
) -> ObservedCounts:
    """Count each period at the points of a reference (see `mlops_magics.core.monitoring.counting.one_pass`).

    Parameters
    ----------
    data
        A table of an engine elsewhere.
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
    table = table_of(data)
    extra = [
        name
        for name in table.columns
        if name not in like and name not in {*apart, timestamp} and not name.startswith(PREFIX)
    ]
    if by is None:
        tallies, rows = ibis_queries.tallied(table, like)
        whole = periods.whole(sum(rows.values()))
        return ObservedCounts(tallies, [(period, (0,)) for period in whole], extra)
    if by not in periods.CALENDAR:
        raise InvalidInput(
            f"The rows of a table in an engine have no order, so its periods are {', '.join(periods.CALENDAR)}, not "
            f"{by!r}."
        )
    assert timestamp is not None
    if not table[timestamp].type().is_temporal():
        raise InvalidInput(
            f"The times in {timestamp!r} are of the type {table[timestamp].type()}, and an engine cuts timestamps. To "
            f"fix it: table = table.mutate(**{{{timestamp!r}: table[{timestamp!r}].cast('timestamp')}})"
        )
    tallies, rows = ibis_queries.tallied(table, like, (timestamp, by))
    windows = ByTime(timestamp, by)
    windows.see(ibis_queries.moments(table, timestamp, by))
    for key, n in rows.items():
        windows.count(key, n)
    return ObservedCounts(tallies, windows.found(), extra, windows.facts())
