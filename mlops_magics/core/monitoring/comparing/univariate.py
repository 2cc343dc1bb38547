"""Feature by feature: one finding per feature, statistic and period, whatever the data look like."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from mlops_magics.core import progress
from mlops_magics.core.monitoring.comparing import findings
from mlops_magics.core.monitoring.comparing.findings import Finding
from mlops_magics.core.monitoring.profiling import derived_features
from mlops_magics.core.monitoring.profiling.feature_profile import FeatureProfile, Features
from mlops_magics.core.monitoring.profiling.observed import Observed
from mlops_magics.core.monitoring.profiling.samples import NumericSample
from mlops_magics.core.monitoring.reading.periods import Period
from mlops_magics.core.monitoring.statistics import category_statistics, declarations, sample_distances

ROWS_WORTH_THREADS = 50_000
"""Rows from which sorting, which releases the interpreter, outweighs the cost of threads."""
THREADS = 2
MANY_TESTS = 500
"""Tests from which p-values of KS come from the limiting distribution."""

Comparison = Callable[[FeatureProfile], Iterator[Finding]]


def compare_features(reference: Features, current: Observed, statistics: Sequence[str] | None = None) -> list[Finding]:
    """Compare feature by feature; a fault of one feature does not stop the others.

    Raises
    ------
    NotFound
        An unknown statistic.
    """
    declarations.check(statistics)
    exact = len(reference) * len(current.windows) <= MANY_TESTS

    def compare_one(before: FeatureProfile) -> Iterator[Finding]:
        for place, window in enumerate(current.windows):
            yield from compare(before, current.during([place]), window, statistics, exact)

    extra = [name for name in current.names if name not in reference]
    return [
        *for_each_feature(reference, current, compare_one),
        *(findings.extra_column(name, window) for name in extra for window in current.windows),
    ]


def for_each_feature(reference: Features, current: Observed, compare_one: Comparison) -> list[Finding]:
    """Compare each feature of the reference, two at a time where there are many rows."""
    names = list(reference)
    if not names:
        return []
    told = ("comparing with the reference", len(names), "features")

    def found(name: str) -> list[Finding]:
        return list(compare_one(reference[name]))

    if current.rows < ROWS_WORTH_THREADS or len(names) < 2:
        return [finding for part in progress.each(map(found, names), *told) for finding in part]
    with ThreadPoolExecutor(THREADS) as pool:
        try:
            return [finding for part in progress.each(pool.map(found, names), *told) for finding in part]
        except BaseException:  # an interruption: features that have not begun are not waited for
            pool.shutdown(cancel_futures=True)
            raise


def compare(
    before: FeatureProfile,
    now: Features,
    window: Period,
    statistics: Sequence[str] | None = None,
    exact: bool = True,
) -> Iterator[Finding]:
    """Compare one feature in one period.

    Parameters
    ----------
    before
        The feature in the reference.
    now
        The features of the period.
    statistics
        Names; by default KS for numbers and total variation for categories, or the derived features of times and
        texts, and the missing rate.
    exact
        Whether p-values of KS are exact.
    """
    if before.name not in now:
        yield findings.missing_column(before, window)
        return
    current = now[before.name]
    issue = findings.structural_issue(before, current, window)
    if issue is not None:
        yield issue
        return
    yield from _of_parts(before, current, window, statistics)
    if statistics is None:
        if not before.parts:
            name = "ks" if isinstance(before.sample, NumericSample) else "tvd"
            yield from _of_samples(before, current, window, [name], exact)
        score = category_statistics.missing_rate(before.sample, current.sample)
        rows = before.sample.total, current.sample.total
        yield findings.from_score(before.name, "missing", window, rows, score, only_if_drifted=True)
        return
    yield from _of_samples(before, current, window, statistics, exact)


def _of_samples(
    before: FeatureProfile, now: FeatureProfile, window: Period, statistics: Sequence[str], exact: bool
) -> Iterator[Finding]:
    both = sample_distances.pair(before.sample, now.sample, exact)
    for name in statistics:
        score = declarations.find(name)(both) if name not in derived_features.PARTS else None
        if score is not None:
            yield findings.from_score(before.name, name, window, (before.sample.n, now.sample.n), score)


def _of_parts(
    before: FeatureProfile, now: FeatureProfile, window: Period, statistics: Sequence[str] | None
) -> Iterator[Finding]:
    """Compare the features derived from times and texts; the statistic of each is named as the part."""
    for part in derived_features.parts_of(before.kind):
        kept = part.kept_as or part.name
        if not (part.by_default if statistics is None else part.name in statistics):
            continue
        if kept not in before.parts or kept not in now.parts:
            continue
        samples = before.parts[kept].sample, now.parts[kept].sample
        if not samples[0].n or not samples[1].n:
            continue
        score = declarations.find(part.statistic)(sample_distances.pair(*samples))
        if score is not None:
            yield findings.from_score(before.name, part.name, window, (samples[0].n, samples[1].n), score)


def without(reference: Features, names: frozenset[str]) -> Features:
    """Return the features of a reference but for some columns, each still read when it is asked for."""
    return _Without(reference, names) if any(name in reference for name in names) else reference


class _Without(Mapping[str, FeatureProfile]):
    def __init__(self, whole: Features, left_out: frozenset[str]) -> None:
        self._whole = whole
        self._names = [name for name in whole if name not in left_out]

    def __getitem__(self, name: str) -> FeatureProfile:
        return self._whole[name]

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)
