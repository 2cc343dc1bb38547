"""Univariate drift: one finding per feature, statistic and period, for any data."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from mlops_magics.core import progress
from mlops_magics.core.monitoring.comparing import findings
from mlops_magics.core.monitoring.comparing.findings import Finding
from mlops_magics.core.monitoring.comparing.row_effects import RowEffects, Seasons
from mlops_magics.core.monitoring.profiling import derived_features
from mlops_magics.core.monitoring.profiling.dependence import Dependence
from mlops_magics.core.monitoring.profiling.feature_profile import FeatureProfile, Features
from mlops_magics.core.monitoring.profiling.observed import Observed
from mlops_magics.core.monitoring.profiling.row_features import RowFeatures
from mlops_magics.core.monitoring.profiling.samples import NumericSample
from mlops_magics.core.monitoring.reading.periods import Period, Rows
from mlops_magics.core.monitoring.statistics import correlations, declarations, sample_distances
from mlops_magics.core.monitoring.statistics.correlations import CORRELATION, Change
from mlops_magics.core.monitoring.statistics.sample_distances import INDEPENDENT, Effects

ROWS_WORTH_THREADS = 50_000
"""Rows from which sorting, which releases the interpreter, outweighs the cost of threads."""
THREADS = 2
MANY_TESTS = 500
"""Tests from which p-values of KS come from the limiting distribution."""
_INDEX = re.compile(r"__index_level_\d+__")
"""The columns in which pandas keeps an index without a name in Parquet and Arrow."""

Comparison = Callable[[FeatureProfile], Iterator[Finding]]


def compare_features(
    reference: Features,
    current: Observed,
    statistics: Sequence[str] | None = None,
    dependence: Dependence | None = None,
    effects: RowEffects | None = None,
    seasons: Seasons | None = None,
) -> list[Finding]:
    """Compare feature by feature. A fault of one feature does not stop the others.

    Parameters
    ----------
    reference, current
        Both sides.
    statistics
        Names, or ``None`` for the default family.
    dependence
        The correlations of the reference.
    effects
        The design effects, where rows depend on each other.
    seasons
        The reference of each period, where a season is compared with itself.

    Raises
    ------
    NotFound
        An unknown statistic.
    """
    declarations.check(statistics)
    exact = len(reference) * len(current.windows) <= MANY_TESTS

    def compare_one(before: FeatureProfile) -> Iterator[Finding]:
        for place, window in enumerate(current.windows):
            like, rows = before, rows_of(reference)
            if seasons is not None:
                like, rows = seasons.during(window)[before.name], seasons.rows(window)
            weights = INDEPENDENT if effects is None else effects.of(before.name, rows, window.rows)
            yield from compare(like, current.during([place]), window, statistics, exact, weights)

    extra = [name for name in current.names if name not in reference and not _INDEX.fullmatch(name)]
    found = for_each_feature(reference, current, compare_one)
    if dependence is not None and (statistics is None or CORRELATION.name in statistics):
        found += _of_pairs(reference, dependence, current, (effects, seasons), statistics)
    return found + [findings.extra_column(name, window) for name in extra for window in current.windows]


def _of_pairs(
    reference: Features,
    dependence: Dependence,
    current: Observed,
    related: tuple[RowEffects | None, Seasons | None],
    statistics: Sequence[str] | None,
) -> Iterator[Finding]:
    """Compare the correlations of each period with those of the reference, or of its rows that are alike."""
    effects, seasons = related
    for place, window in enumerate(current.windows):
        rows = rows_of(reference) if seasons is None else seasons.rows(window)
        before = dependence if seasons is None else seasons.dependence(window)
        now = None if before is None else current.dependence(place, before)
        if before is not None and now is not None:
            weights = {} if effects is None else {name: effects.of(name, rows, window.rows) for name in now.names}
            yield from compare_pairs(reference, (before, now), window, weights, statistics)


def compare_pairs(
    reference: Features,
    sides: tuple[Dependence, Dependence],
    window: Period,
    effects: Mapping[str, Effects],
    statistics: Sequence[str] | None = None,
) -> Iterator[Finding]:
    """Compare the correlations of one period with earlier ones.

    Parameters
    ----------
    reference
        The features.
    sides
        The correlations of the reference, and of the period.
    effects
        The design effects of the features, empty where rows are independent.
    statistics
        Names, or ``None`` for the default family, in which the changes are shown where they are verdicts.
    """
    for name, change in correlations.changes(*sides, effects).items():
        if name in reference:
            yield _of_change(reference, name, change, window, statistics is None)


def _of_change(reference: Features, name: str, change: Change, window: Period, by_default: bool) -> Finding:
    rows = reference_rows(reference, name), window.n
    found = findings.from_score(name, CORRELATION.name, window, rows, change.score, by_default)
    detail = f"with {change.partner}: {change.before:.2g} before, {change.now:.2g} now"
    return replace(found, detail=detail, partner=change.partner)


def rows_of(reference: Features) -> Rows | None:
    """Return the rows behind a reference, or ``None`` for a profile."""
    return reference.rows if isinstance(reference, RowFeatures) else None


def reference_rows(reference: Features, name: str) -> int:
    """Return the reference rows that have a value, without sorting them."""
    return reference.present(name) if isinstance(reference, RowFeatures) else reference[name].sample.n


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
        except BaseException:  # after an interruption, features that have not begun are not awaited
            pool.shutdown(cancel_futures=True)
            raise


def compare(
    before: FeatureProfile,
    now: Features,
    window: Period,
    statistics: Sequence[str] | None = None,
    exact: bool = True,
    effects: Effects = INDEPENDENT,
) -> Iterator[Finding]:
    """Compare one feature in one period.

    Parameters
    ----------
    before
        The feature in the reference.
    now
        The features of the period.
    statistics
        Names, by default KS for numbers and total variation for categories, or the derived features of times and
        texts, and with them the other statistics of the default family, whose rows are shown where they are verdicts.
    exact
        Whether p-values of KS are exact.
    effects
        The design effects of both sides.
    """
    if before.name not in now:
        yield findings.missing_column(before, window)
        return
    current = now[before.name]
    issue = findings.structural_issue(before, current, window)
    if issue is not None:
        yield issue
        return
    yield from _of_parts(before, current, window, statistics, effects)
    if statistics is not None:
        yield from _of_samples((before, current), window, statistics, (exact, effects))
        return
    if not before.parts:
        main = "ks" if isinstance(before.sample, NumericSample) else "tvd"
        yield from _of_samples((before, current), window, [main], (exact, effects))
    others = ["missing"] if before.parts else [name for name in declarations.DEFAULTS if name not in declarations.MAIN]
    if before.sample.total == before.sample.n and current.sample.total == current.sample.n:
        others.remove("missing")  # without a missing value on either side it could not be a verdict
    yield from _of_samples((before, current), window, others, (exact, effects), only_if_drifted=True)


def _of_samples(
    sides: tuple[FeatureProfile, FeatureProfile],
    window: Period,
    statistics: Sequence[str],
    how: tuple[bool, Effects],
    only_if_drifted: bool = False,
) -> Iterator[Finding]:
    before, now = sides
    both = sample_distances.pair(before.sample, now.sample, *how)
    for name in statistics:
        if name in derived_features.PARTS or name in declarations.PAIRS:
            continue
        score = declarations.find(name)(both)
        if score is not None:
            samples = before.sample, now.sample
            rows = [sample.total if name == "missing" else sample.n for sample in samples]
            yield findings.from_score(before.name, name, window, (rows[0], rows[1]), score, only_if_drifted)


def _of_parts(
    before: FeatureProfile,
    now: FeatureProfile,
    window: Period,
    statistics: Sequence[str] | None,
    effects: Effects,
) -> Iterator[Finding]:
    """Compare the features derived from times and texts. The statistic of each is named as the part."""
    for part in derived_features.parts_of(before.kind):
        kept = part.kept_as or part.name
        if not (part.by_default if statistics is None else part.name in statistics):
            continue
        if kept not in before.parts or kept not in now.parts:
            continue
        samples = before.parts[kept].sample, now.parts[kept].sample
        if not samples[0].n or not samples[1].n:
            continue
        score = declarations.find(part.statistic)(sample_distances.pair(*samples, effects=effects))
        if score is not None:
            yield findings.from_score(before.name, part.name, window, (samples[0].n, samples[1].n), score)


def without(reference: Features, names: frozenset[str]) -> Features:
    """Return the features of a reference except some columns, each still read on access."""
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
