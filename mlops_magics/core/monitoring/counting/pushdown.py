"""Tables that stay in their engine: Spark frames and tables of a database, too large to collect, are counted where they
are."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from mlops_magics.core.monitoring.comparing import univariate
from mlops_magics.core.monitoring.comparing.findings import Finding
from mlops_magics.core.monitoring.counting import exact_ks, ibis_queries
from mlops_magics.core.monitoring.counting.streamed_periods import ByTime
from mlops_magics.core.monitoring.counting.tallies import PeriodFeatures
from mlops_magics.core.monitoring.profiling import profiler
from mlops_magics.core.monitoring.profiling.profiler import FeatureProfile, ReferenceProfile
from mlops_magics.core.monitoring.profiling.samples import NumericSample
from mlops_magics.core.monitoring.reading import batches, periods, tables
from mlops_magics.core.monitoring.reading.periods import Period
from mlops_magics.core.monitoring.statistics import declarations, kolmogorov
from mlops_magics.errors import InvalidInput

SAMPLE_ROWS = 200_000  # that set the points at which a reference in an engine is counted


def is_large(data: Any) -> bool:
    """Tell whether this is a table in an engine elsewhere that should not be collected."""
    return is_table(data) and int(data.count() if _is_spark(data) else data.count().execute()) > batches.LARGE_ROWS


def is_table(data: Any) -> bool:
    """Tell whether this is a frame of Spark or a table of Ibis."""
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
        for name in univariate.feature_names(first)
    }
    whole = by_period(table, like)[0][1]
    return replace(whole, features=dict(whole.features))


def by_period(
    data: Any,
    like: Mapping[str, FeatureProfile],
    by: Any = None,
    timestamp: str | None = None,
    apart: Collection[str] = (),
) -> list[tuple[Period, ReferenceProfile]]:
    """Count each period at the points of a reference; see `mlops_magics.core.monitoring.counting.one_pass`."""
    table = table_of(data)
    extra = [
        name
        for name in table.columns
        if name not in like and name not in {*apart, timestamp} and not name.startswith(univariate.OWN_PREFIX)
    ]
    if by is None:
        tallies, rows = ibis_queries.tallied(table, like)
        whole = periods.whole(sum(rows.values()))
        return [(period, ReferenceProfile(PeriodFeatures(tallies, (0,), extra), period.n)) for period in whole]
    if by not in periods.CALENDAR:
        raise InvalidInput(
            f"The rows of a table in an engine have no order, so its periods are {', '.join(periods.CALENDAR)}, not "
            f"{by!r}."
        )
    assert timestamp is not None
    tallies, rows = ibis_queries.tallied(table, like, (timestamp, by))
    windows = ByTime(timestamp, by)
    windows.see(ibis_queries.moments(table, timestamp, by))
    for key, n in rows.items():
        windows.count(key, n)
    return [
        (period, ReferenceProfile(PeriodFeatures(tallies, keys, extra), period.n)) for period, keys in windows.found()
    ]


def with_exact_distances(
    found: Sequence[Finding], reference: Any, current: Any, before: Mapping[str, FeatureProfile], now: ReferenceProfile
) -> list[Finding]:
    """Replace the KS distances of numbers that profiles gave by those of the rows, found in two GROUP BY passes, where
    both sides are tables of an engine."""
    if not (is_table(reference) and is_table(current)):
        return list(found)
    names = [each.feature for each in found if each.statistic == "ks" and before[each.feature].kind == "numeric"]
    exact = exact_ks.distances(table_of(reference), table_of(current), names) if names else {}
    return [_exact(each, exact, before, now) if each.statistic == "ks" else each for each in found]


def _exact(
    finding: Finding, exact: Mapping[str, float], before: Mapping[str, FeatureProfile], current: ReferenceProfile
) -> Finding:
    if finding.feature not in exact:
        return finding
    first, second = before[finding.feature].sample, current.features[finding.feature].sample
    if not isinstance(first, NumericSample) or not isinstance(second, NumericSample):
        return finding
    distance = exact[finding.feature]
    p = kolmogorov.p_value(first, second, distance, exact=False)
    return replace(finding, score=distance, p_value=p, matters=bool(np.abs(distance) >= declarations.SHARE_FLOOR))
