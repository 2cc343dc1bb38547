"""NannyML 0.13's univariate drift: its statistics per chunk, and alerts above mean + 3 standard deviations of the
reference's chunks.

A chunk of the reference is compared with a whole that holds it, so thresholds from few chunks are too low: with ten
chunks about 6 % of quiet feature-chunks alarm.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mlops_magics.core.monitoring.comparing import findings
from mlops_magics.core.monitoring.comparing.drift_options import DriftOptions
from mlops_magics.core.monitoring.comparing.findings import Finding
from mlops_magics.core.monitoring.comparing.presets import row_pairs
from mlops_magics.core.monitoring.comparing.presets.row_pairs import Pair
from mlops_magics.core.monitoring.profiling import profiler, row_features, samples
from mlops_magics.core.monitoring.profiling.feature_profile import FeatureProfile
from mlops_magics.core.monitoring.reading import features, periods, row_times, tables
from mlops_magics.core.monitoring.reading.column_values import Column
from mlops_magics.core.monitoring.reading.periods import Period
from mlops_magics.core.monitoring.reading.tables import Table
from mlops_magics.core.monitoring.statistics import kolmogorov, ranks, shares
from mlops_magics.errors import NotFound

if TYPE_CHECKING:
    import pandas as pd

Array = np.ndarray[Any, Any]
DEFAULT_CHUNKS = 10
LARGE_REFERENCE = 10_000  # rows from which KS and Wasserstein are taken from 10,000 bins of equal width
WIDE_BINS = 10_000
ALERT_P = 0.05


@dataclass(frozen=True, slots=True)
class Method:
    """One of NannyML's statistics for numbers, for categories, or both. ``upper`` bounds its threshold."""

    numeric: Callable[[Array, Array], float] | None
    categorical: Callable[[Array, Array], float] | None
    upper: float = math.inf


def drift(reference: Any, current: Any, how: DriftOptions) -> pd.DataFrame:
    """Compare chunk by chunk: ``by`` rows, ``"k parts"`` or a calendar word, by default ten chunks and a remainder.

    Raises
    ------
    NotFound
        An unknown method.
    """
    names = list(how.statistics or ["jensenshannon"])
    for name in names:
        if ALIASES.get(name, name) not in METHODS:
            raise NotFound("statistic of the nannyml preset", name, sorted({*METHODS, *ALIASES}))
    rows = row_pairs.rows_of(reference)
    before, after = tables.read(rows), tables.read(current)
    timeless = how.timestamp is not None and how.timestamp not in before.names
    by, timestamp = how.by, how.timestamp
    cuts = _chunks(before, *((None, None) if timeless else (by, timestamp))), _chunks(after, by, timestamp)
    found: list[Finding] = []
    for name, profile in row_features.of_table(rows, how.categorical).items():
        if name == features.time_column(after, by, timestamp):
            continue
        if name not in after.names:
            found += [findings.missing_column(profile, chunk) for chunk in cuts[1]]
            continue
        whole = tables.column_as(before, name, name in how.categorical)
        column = profiler.cast_like(profile.type, after.column(name))
        found += _of_feature(profile, whole, column, cuts, names)
    return findings.to_frame(found)


def _of_feature(
    profile: FeatureProfile,
    whole: Column,
    column: Column,
    cuts: tuple[list[Period], list[Period]],
    names: Sequence[str],
) -> list[Finding]:
    """Compare one feature. A chunk that cannot be compared is reported and does not affect the others."""
    found: list[Finding] = []
    new: list[tuple[Period, Pair]] = []
    for chunk in cuts[1]:
        part = column.take(chunk.rows)
        issue = findings.structural_issue(profile, profiler.of_values(part), chunk)
        if issue is not None:
            found.append(issue)
        else:
            new.append((chunk, row_pairs.paired(whole, part)))
    quiet = [row_pairs.paired(whole, whole.take(chunk.rows)) for chunk in cuts[0]] if new else []
    return found + [finding for asked in names for finding in (_findings(asked, quiet, new) if new else [])]


def _findings(asked: str, quiet: list[Pair], new: list[tuple[Period, Pair]]) -> list[Finding]:
    name = ALIASES.get(asked, asked)
    method = METHODS[name]
    compute = method.categorical if quiet[0].coded else method.numeric
    if compute is None:
        return []
    limit = math.nan if name == "chi2" else _threshold([_value(compute, pair) for pair in quiet], method.upper)
    found = []
    for chunk, pair in new:
        score = _value(compute, pair)
        p = _chi2(pair.reference, pair.current)[1] if name == "chi2" else math.nan
        alert = p < ALERT_P if name == "chi2" else score > limit
        found.append(Finding(pair.name, asked, chunk.label, pair.n, pair.m, score, p, limit, structural=bool(alert)))
    return found


def _value(compute: Callable[[Array, Array], float], pair: Pair) -> float:
    return compute(pair.reference, pair.current) if pair.m else math.nan


def _threshold(values: list[float], upper: float) -> float:
    known = np.array(values)[~np.isnan(values)]
    return min(float(known.mean() + 3 * known.std()), upper) if len(known) else math.nan


def _chunks(table: Table, by: Any, timestamp: str | None) -> list[Period]:
    """Cut as NannyML does: a rest of any size is a chunk of its own, and an empty period is not a chunk."""
    parts = DEFAULT_CHUNKS if by is None else int(by.split()[0]) if isinstance(by, str) and "part" in by else None
    size = max(table.rows // parts, 1) if parts else by
    if isinstance(size, int):
        starts = range(0, table.rows, size)
        return [
            Period(
                f"{start}:{min(start + size, table.rows)}", slice(start, start + size), min(size, table.rows - start)
            )
            for start in starts
        ]
    name = features.time_column(table, by, timestamp)
    moments = row_times.moments_of(tables.raw(table, name), name) if name else None
    return [window for window in periods.split(table.rows, by, moments) if window.n]


def _shares_of_numbers(reference: Array, chunk: Array) -> tuple[Array, Array]:
    """Return shares in Doane's bins of the reference, and values outside as one more bin."""
    edges = np.histogram_bin_edges(reference, bins="doane")
    first, second = (np.histogram(values, edges)[0] / len(values) for values in (reference, chunk))
    # numpy leaves out what is outside of the edges
    rest = 1 - second.sum()
    return (np.append(first, 0.0), np.append(second, rest)) if rest > 0 else (first, second)


def _shares_of_categories(reference: Array, chunk: Array) -> tuple[Array, Array]:
    """Return shares of the reference's categories, and everything unseen as one more."""
    kinds, counts = np.unique(reference, return_counts=True)
    # searchsorted returns one past the end for larger values
    place = np.minimum(np.searchsorted(kinds, chunk), len(kinds) - 1)
    seen = np.bincount(place[kinds[place] == chunk], minlength=len(kinds)) / len(chunk)
    return np.append(counts / len(reference), 0.0), np.append(seen, 1 - seen.sum())


def _largest_difference(reference: Array, chunk: Array) -> float:
    """Return max|p−q| over all categories, each unseen one by itself."""
    counts = _counts(reference, chunk)
    return shares.largest_difference(counts[0] / len(reference), counts[1] / len(chunk))


def _counts(reference: Array, chunk: Array) -> list[Array]:
    kinds = np.union1d(reference, chunk)
    return [np.bincount(np.searchsorted(kinds, side), minlength=len(kinds)) for side in (reference, chunk)]


def _hellinger(first: Array, second: Array) -> float:
    return shares.hellinger(first, np.maximum(second, 0.0))


def _ks(reference: Array, chunk: Array) -> float:
    """Return D, from 10,000 reference rows on by bins of equal width, which one outlier makes blind."""
    if len(reference) < LARGE_REFERENCE:
        return kolmogorov.distance(samples.sort_numbers(reference), samples.sort_numbers(chunk))
    edges = np.linspace(reference.min(), reference.max(), WIDE_BINS + 1)
    first, second = (np.cumsum(np.histogram(values, edges)[0] / len(values)) for values in (reference, chunk))
    return float(np.max(np.abs(first - (second + np.count_nonzero(chunk < edges[0]) / len(chunk)))))


def _wasserstein(reference: Array, chunk: Array) -> float:
    """Return the raw distance, from 10,000 reference rows on by bins of equal width, and values outside apart."""
    if len(reference) < LARGE_REFERENCE:
        return ranks.wasserstein(samples.sort_numbers(reference), samples.sort_numbers(chunk))
    counts, edges = np.histogram(reference, bins=WIDE_BINS)
    low, high = edges[0], edges[-1]
    smaller, bigger = chunk[chunk < low], chunk[chunk > high]
    share = (len(smaller) + 1) / len(chunk) if len(smaller) else 0.0
    distance = share * _tail(np.append(smaller, low), upper=False) if len(smaller) else 0.0
    distance += (len(bigger) + 1) / len(chunk) * _tail(np.append(bigger, high), upper=True) if len(bigger) else 0.0
    inside = np.cumsum(np.histogram(chunk, bins=edges)[0] / len(chunk)) + share
    return float(np.sum(np.abs(np.cumsum(counts / len(reference)) - inside)) * (edges[1] - edges[0]) + distance)


def _tail(values: Array, upper: bool) -> float:
    points, counts = np.unique(values, return_counts=True)
    level = np.cumsum(counts) / len(values)
    return float(np.sum((1 - level if upper else level)[:-1] * np.diff(points)))


def _chi2(reference: Array, chunk: Array) -> tuple[float, float]:
    """Return X² (with Yates' correction for two categories) and its p-value."""
    from scipy.stats import chi2_contingency

    result = chi2_contingency(_counts(reference, chunk))
    return float(result.statistic), float(result.pvalue)


METHODS = {
    "jensen_shannon": Method(
        lambda a, b: shares.jensen_shannon(*_shares_of_numbers(a, b)),
        lambda a, b: shares.jensen_shannon(*_shares_of_categories(a, b)),
    ),
    "hellinger": Method(
        lambda a, b: _hellinger(*_shares_of_numbers(a, b)), lambda a, b: _hellinger(*_shares_of_categories(a, b))
    ),
    "kolmogorov_smirnov": Method(_ks, None, 1.0),
    "wasserstein": Method(_wasserstein, None),
    "chi2": Method(None, lambda a, b: _chi2(a, b)[0]),
    "l_infinity": Method(None, _largest_difference),
}
ALIASES = {"jensenshannon": "jensen_shannon", "ks": "kolmogorov_smirnov", "linf": "l_infinity"}
