"""Feature by feature: one finding per feature, statistic and period, whatever the data look like."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from mlops_magics.core import progress
from mlops_magics.core.monitoring.comparing import findings
from mlops_magics.core.monitoring.comparing.findings import Finding
from mlops_magics.core.monitoring.profiling import derived_features, profiler, samples
from mlops_magics.core.monitoring.profiling.derived_features import Part
from mlops_magics.core.monitoring.profiling.profiler import FeatureProfile, ReferenceProfile
from mlops_magics.core.monitoring.profiling.samples import NumericSample, Sample
from mlops_magics.core.monitoring.reading import column_values, periods, tables
from mlops_magics.core.monitoring.reading.column_values import Column
from mlops_magics.core.monitoring.reading.periods import Period
from mlops_magics.core.monitoring.reading.tables import Table
from mlops_magics.core.monitoring.statistics import declarations, sample_distances
from mlops_magics.core.monitoring.statistics.score import Score
from mlops_magics.errors import InvalidInput

OWN_PREFIX = "mlops."  # columns that the prediction log adds; they are no features
ROWS_WORTH_THREADS = 50_000
THREADS = 2
NO_TIMES = "None of the {rows:,} rows has a time in {name!r}, so they belong to no period."
MANY_TESTS = 500  # beyond, p-values of KS come from the limiting distribution


def findings_of_profiles(
    reference: Mapping[str, FeatureProfile],
    counted: Sequence[tuple[Period, ReferenceProfile]],
    statistics: list[str] | None = None,
) -> list[Finding]:
    """Compare feature by feature what was counted in each period with what a reference holds."""
    known(statistics)
    exact = len(reference) * len(counted) <= MANY_TESTS
    found: list[Finding] = []
    for name, before in reference.items():
        for window, current in counted:
            if name not in current.features:
                found += findings.missing_column(before, [window])
                continue
            now = current.features[name]
            trouble = findings.trouble_of_profile(before, now, window)
            found += [trouble] if trouble is not None else _of_profiles(before, now, window, statistics, exact)
    extra = dict.fromkeys(name for _, current in counted for name in current.features if name not in reference)
    return found + [Finding(name, "extra_column", w.label, 0, w.n, 1.0) for name in extra for w, _ in counted]


def known(statistics: list[str] | None) -> None:
    """Refuse names of statistics that there are not."""
    for name in statistics or ():
        if name not in derived_features.NAMES:
            declarations.find(name)


def _of_profiles(
    before: FeatureProfile, now: FeatureProfile, window: Period, statistics: list[str] | None, exact: bool
) -> Iterator[Finding]:
    """Compare what two profiles hold of one feature; times and texts in the parts that both have."""
    if before.parts:
        yield from _taken_apart(
            before,
            window,
            statistics,
            lambda part: now.parts[kept].sample if (kept := part.kept_as or part.name) in now.parts else None,
        )
        if statistics is None:
            yield _missing(before, now.sample, window)
            return
    yield from _of_samples(before, now.sample, window, statistics, exact)


def references_of(reference: Any, categorical: frozenset[str] = frozenset()) -> Mapping[str, FeatureProfile]:
    """Return one sample per feature, from rows (exact) or from a profile."""
    return (
        reference.features
        if isinstance(reference, ReferenceProfile)
        else RowReference(tables.read(reference), categorical)
    )


class RowReference(Mapping[str, FeatureProfile]):
    """The features of a table, each sorted or counted when it is asked for and then let go: memory for one at a
    time."""

    def __init__(self, table: Table, categorical: frozenset[str]) -> None:
        self._table, self._categorical = table, categorical
        self._names = feature_names(table)

    def __getitem__(self, name: str) -> FeatureProfile:
        column = tables.column_as(self._table, name, name in self._categorical)
        return profiler.of_column(column, condense=False)

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def feature_names(table: Table) -> list[str]:
    """Return the columns that are features."""
    return [name for name in table.names if not name.startswith(OWN_PREFIX)]


def windows_of(table: Table, by: Any, timestamp: str | None) -> list[Period]:
    """Cut the current data into periods."""
    name = used_as_time(table, by, timestamp)
    found = periods.split(table.rows, by, periods.moments_of(tables.raw(table, name), name) if name else None)
    if not found:
        raise InvalidInput(NO_TIMES.format(rows=table.rows, name=name))
    return found


def used_as_time(table: Table, by: Any, timestamp: str | None) -> str | None:
    """Return the column with the times: the named one, the log's own, or the only one that holds times."""
    if timestamp is not None:
        if timestamp not in table.names:
            raise InvalidInput(
                f"There is no column {timestamp!r} for the times. Columns: {', '.join(table.names[:12])}."
            )
        return timestamp
    if by is None or isinstance(by, int) or (isinstance(by, str) and "part" in by):
        return None
    if periods.TIMESTAMP in table.names:
        return periods.TIMESTAMP
    held = [name for name in table.names if table.column(name).native == "datetime"]
    if len(held) > 1:
        raise InvalidInput(f"Several columns hold times ({', '.join(held)}); say which with timestamp='{held[0]}'.")
    return held[0] if held else None


def compare_features(
    references: Mapping[str, FeatureProfile],
    table: Table,
    windows: Sequence[Period],
    statistics: list[str] | None = None,
    ignored: Collection[str] = (),
) -> list[Finding]:
    """Compare feature by feature; nothing that is wrong with one feature stops the others.

    ``ignored`` columns are no features: the times, the truth.
    """
    known(statistics)
    names = [name for name in references if name not in ignored]

    def compared(name: str) -> list[Finding]:
        reference = references[name]
        if name not in table.names:
            return findings.missing_column(reference, windows)
        return compare(
            reference, table.column(name), windows, statistics, exact=len(names) * len(windows) <= MANY_TESTS
        )

    found = [finding for part in _in_threads(compared, names, table.rows) for finding in part]
    extra = [name for name in feature_names(table) if name not in references and name not in ignored]
    return found + [
        Finding(name, "extra_column", window.label, 0, window.n, 1.0) for name in extra for window in windows
    ]


def _in_threads(compute: Callable[[str], list[Finding]], names: Sequence[str], rows: int) -> list[list[Finding]]:
    """Compute feature by feature; two at a time where sorting (which releases the interpreter) outweighs the
    threads."""
    told = ("comparing with the reference", len(names), "features")
    if rows < ROWS_WORTH_THREADS or len(names) < 2:
        return list(progress.each(map(compute, names), *told))
    with ThreadPoolExecutor(THREADS) as pool:
        try:
            return list(progress.each(pool.map(compute, names), *told))
        except BaseException:  # an interruption: what has not begun is not waited for
            pool.shutdown(cancel_futures=True)
            raise


def compare(
    reference: FeatureProfile,
    column: Column,
    windows: Sequence[Period],
    statistics: list[str] | None = None,
    exact: bool = True,
) -> list[Finding]:
    """Compare one feature in each period."""
    alike = like(reference, column)
    return [
        finding
        for window in windows
        for finding in _compared(reference, alike.take(window.rows), window, statistics, exact)
    ]


def like(reference: FeatureProfile, column: Column) -> Column:
    """Read the current column as the kind that the reference is."""
    if reference.kind == "text" and column.kind == "categorical":
        return Column(column.name, "text", column.native, column.values, column.labels)
    if reference.kind in ("categorical", "text") and not column.coded and column.native == reference.native:
        return column_values.as_categorical(column)
    return column


def _compared(
    reference: FeatureProfile, column: Column, window: Period, wanted: list[str] | None, exact: bool
) -> Iterator[Finding]:
    trouble = findings.trouble_of(reference, column, window)
    if trouble is not None:
        yield trouble
        return
    if reference.parts:
        yield from _taken_apart(reference, window, wanted, lambda part: samples.of_column(part.derive(column)))
        if wanted is None:
            return
    yield from _of_samples(reference, samples.of_column(column), window, wanted, exact)


def _of_samples(
    reference: FeatureProfile, sample: Sample, window: Period, wanted: list[str] | None, exact: bool = True
) -> Iterator[Finding]:
    both = sample_distances.pair(reference.sample, sample, exact)
    for name in wanted if wanted is not None else ["ks" if isinstance(sample, NumericSample) else "tvd"]:
        score = declarations.find(name)(both) if name not in derived_features.NAMES else None
        if score is not None:
            yield scored(reference.name, name, window, reference.sample.n, sample.n, score)
    if wanted is None:
        yield _missing(reference, sample, window)


def _taken_apart(
    reference: FeatureProfile, window: Period, wanted: list[str] | None, derive: Callable[[Part], Sample | None]
) -> Iterator[Finding]:
    """Compare the parts of times and texts; the statistic of each is named as the part."""
    for part in derived_features.parts_of(reference.kind):
        before = reference.parts.get(part.kept_as or part.name)
        if before is None or not (part.by_default if wanted is None else part.name in wanted):
            continue
        now = derive(part)
        both = now is not None and before.sample.n and now.n
        score = (
            declarations.find(part.statistic)(sample_distances.pair(before.sample, now))
            if now is not None and both
            else None
        )
        if score is not None and now is not None:
            yield scored(reference.name, part.name, window, before.sample.n, now.n, score)


def scored(
    feature: str, statistic: str, window: Period, n: int, m: int, score: Score, only_if_drifted: bool = False
) -> Finding:
    return Finding(
        feature,
        statistic,
        window.label,
        n,
        m,
        score.value,
        score.p_value,
        score.threshold,
        score.matters,
        only_if_drifted=only_if_drifted,
    )


def _missing(reference: FeatureProfile, sample: Sample, window: Period) -> Finding:
    """Test the missing rate; without a missing value on either side it is a test too, and counts among the report's."""
    none = reference.sample.total == reference.sample.n and sample.total == sample.n
    score = declarations.UNCHANGED_RATE if none else declarations.missing_rate(reference.sample, sample)
    return scored(reference.name, "missing", window, reference.sample.total, sample.total, score, only_if_drifted=True)
