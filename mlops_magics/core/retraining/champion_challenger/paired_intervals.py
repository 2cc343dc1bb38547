"""Intervals of the difference between two models on the same rows: paired, so that hard rows weigh on both."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mlops_magics.core.retraining.champion_challenger.gain_metrics import Floats, RowMetric

RESAMPLES = 2000
UNITS = 1000
"""Units that are resampled. More rows are grouped at random into as many, which does not change the spread."""
SEED = 20
"""Seed of the resampling: the same rows give the same interval."""
GROUPS = 20
"""Parts of the jackknife."""
SKEWED = 0.15
"""Skewness of the differences over the root of their number, from which Student's t is not used."""
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Interval:
    """A difference with its interval, or None where it is not defined."""

    difference: float | None
    lower: float | None
    upper: float | None
    method: str


UNDEFINED = Interval(None, None, None, "not defined")


def of_accuracy(champion: Any, challenger: Any, level: float) -> Interval:
    """Return the interval of a difference of two accuracies: exact, given how many rows are judged differently.

    Of the rows on which exactly one model is right, the challenger's share is binomial (McNemar 1947). Its
    Clopper-Pearson interval excludes one half exactly where the exact test rejects.

    Parameters
    ----------
    champion, challenger
        Whether each row is right, ``(n_samples,)``.
    """
    from scipy import stats

    won = int(np.sum(challenger & ~champion))
    lost = int(np.sum(champion & ~challenger))
    rows = len(champion)
    if not rows:
        return UNDEFINED
    if not won + lost:
        return Interval(0.0, 0.0, 0.0, "exact McNemar")
    bounds = stats.binomtest(won, won + lost).proportion_ci(level, method="exact")
    low, high = ((2 * share - 1) * (won + lost) / rows for share in (bounds.low, bounds.high))
    return Interval((won - lost) / rows, float(low), float(high), "exact McNemar")


def of_means(differences: Floats, level: float) -> Interval:
    """Return the interval of a mean difference: Student's t, or a bootstrap where single rows weigh too much."""
    from scipy import stats

    rows = len(differences)
    if rows < 2:
        return UNDEFINED
    mean, spread = float(differences.mean()), float(differences.std(ddof=1))
    # the skewness below would divide by it
    if spread == 0:
        return Interval(mean, mean, mean, "paired t")
    if abs(float(np.mean(((differences - mean) / spread) ** 3))) / math.sqrt(rows) > SKEWED:
        stacked = np.column_stack([differences, np.ones(rows)])
        return resampled([stacked], lambda sums: sums[0][..., 0] / sums[0][..., 1], level, None)
    half = float(stats.t.ppf((1 + level) / 2, rows - 1)) * spread / math.sqrt(rows)
    return Interval(mean, mean - half, mean + half, "paired t")


def of_auc(truth: Any, champion: Floats, challenger: Floats, level: float) -> Interval:
    """Return the interval of a difference of two areas under the ROC curve (DeLong et al. 1988; Sun and Xu 2014).

    Parameters
    ----------
    truth
        1 for the second class, ``(n_samples,)``.
    champion, challenger
        Its probabilities, ``(n_samples,)``.
    """
    from scipy import stats

    positive = np.asarray(truth) == 1
    count, others = int(positive.sum()), int((~positive).sum())
    if count < 2 or others < 2:
        return UNDEFINED
    of_positives, of_negatives, areas = [], [], []
    for scores in (champion, challenger):
        rank = stats.rankdata(scores)
        # midranks: a tie of a positive and a negative counts one half, as the area does
        within = stats.rankdata(scores[positive])
        among = stats.rankdata(scores[~positive])
        of_positives.append((rank[positive] - within) / others)
        of_negatives.append(1 - (rank[~positive] - among) / count)
        areas.append(float((rank[positive].sum() - count * (count + 1) / 2) / (count * others)))
    difference = areas[1] - areas[0]
    # differences of the same rows: the models agree on most, so the variances of both areas must not be added
    variance = float(np.var(of_positives[1] - of_positives[0], ddof=1) / count) + float(
        np.var(of_negatives[1] - of_negatives[0], ddof=1) / others
    )
    half = float(stats.norm.ppf((1 + level) / 2)) * math.sqrt(variance)
    return Interval(difference, difference - half, difference + half, "DeLong")


def of_row_metric(
    metric: RowMetric, champion: Floats, challenger: Floats, level: float, groups: Any = None
) -> Interval:
    """Return the interval of any metric that is a function of sums, by a paired bootstrap of rows or of groups.

    Parameters
    ----------
    champion, challenger
        The statistics of each row, ``(n_samples, n_statistics)``.
    groups
        The group of each row, ``(n_samples,)``, where rows depend on each other.
    """
    return resampled([champion, challenger], lambda sums: metric.value(sums[1]) - metric.value(sums[0]), level, groups)


def resampled(
    statistics: list[Floats], difference: Callable[[list[Floats]], Floats], level: float, groups: Any
) -> Interval:
    """Return the percentile interval of a function of sums, over Poisson weights of units (Hanley and MacGibbon 2006).

    Parameters
    ----------
    statistics
        The statistics of each row for each model, ``(n_samples, n_statistics)``.
    difference
        Sums for each model to the difference.
    """
    found = float(difference([each.sum(axis=0) for each in statistics]))
    units = _units(len(statistics[0]), groups)
    count = int(units.max(initial=-1)) + 1
    if count < 2 or not math.isfinite(found):
        return UNDEFINED if not math.isfinite(found) else Interval(found, None, None, "too few units")
    sums = [_summed(each, units, count) for each in statistics]
    weights = _weights(count).astype(np.float64)
    # a resample may have no row of a class; its value is NaN, and is left out below
    with np.errstate(all="ignore"):
        drawn = difference([weights @ each for each in sums])
    kept = drawn[np.isfinite(drawn)]
    if len(kept) < RESAMPLES // 2:
        return Interval(found, None, None, "not defined for most resamples")
    low, high = np.quantile(kept, [(1 - level) / 2, (1 + level) / 2])
    by = "rows" if groups is None else "groups"
    return Interval(found, float(low), float(high), f"paired bootstrap of {by}")


@functools.lru_cache(maxsize=1)
def _weights(count: int) -> npt.NDArray[np.uint8]:
    """Return how often each resample draws each unit, ``(n_resamples, n_units)``: the same for all metrics of a run."""
    # Poisson(1) is how often one of many units is drawn. All resamples are then one matrix product
    return np.random.default_rng(SEED).poisson(1.0, (RESAMPLES, count)).astype(np.uint8)


def of_any_metric(measure: Callable[[Rows], float | None], rows: int, level: float, groups: Any = None) -> Interval:
    """Return the interval of any function of rows, by the delete-a-group jackknife (Kott 2001).

    Parameters
    ----------
    measure
        Indices of rows to the difference, or None where it is not defined.
    """
    from scipy import stats

    everything = np.arange(rows)
    found = measure(everything)
    if found is None:
        return UNDEFINED
    units = _units(rows, groups)
    parts = np.array_split(np.random.default_rng(SEED).permutation(int(units.max(initial=-1)) + 1), GROUPS)
    left_out = [measure(everything[~np.isin(units, part)]) for part in parts if len(part)]
    known = np.array([each for each in left_out if each is not None])
    if len(known) < 3 or len(known) < len(left_out):
        return Interval(found, None, None, "too few rows")
    # the jackknife: the values share all rows but two parts, hence the factor g - 1
    error = math.sqrt((len(known) - 1) * float(np.var(known)))
    half = float(stats.t.ppf((1 + level) / 2, len(known) - 1)) * error
    return Interval(found, found - half, found + half, "paired jackknife")


def power_of(interval: Interval, gain: float, level: float) -> float | None:
    """Return how often a true difference of ``gain`` would be seen (its lower bound above 0) with as many rows."""
    from scipy import stats

    if interval.lower is None or interval.upper is None:
        return None
    quantile = float(stats.norm.ppf((1 + level) / 2))
    error = (interval.upper - interval.lower) / (2 * quantile)
    return 1.0 if error == 0 else float(stats.norm.cdf(gain / error - quantile))


def power_of_accuracy(champion: Any, challenger: Any, gain: float, level: float) -> float:
    """Return the same for accuracy, whose spread is the share of rows that are judged differently (Miettinen 1968).

    A gain of some points needs at least as many rows that are judged differently.

    Parameters
    ----------
    champion, challenger
        Whether each row is right, ``(n_samples,)``.
    gain
        The gain to find.
    level
        The level of the interval.
    """
    from scipy import stats

    rows = len(champion)
    differing = max(float(np.mean(champion != challenger)) if rows else 0.0, gain)
    quantile = float(stats.norm.ppf((1 + level) / 2))
    spread = math.sqrt(max(differing - gain**2, 1e-12))
    return float(stats.norm.cdf((gain * math.sqrt(rows) - quantile * math.sqrt(differing)) / spread))


def _units(rows: int, groups: Any) -> Rows:
    """Return the unit of each row: itself or its group, grouped at random where there are too many."""
    if groups is None:
        codes, count = np.arange(rows), rows
    else:
        _, codes = np.unique(np.asarray(groups), return_inverse=True)
        count = int(codes.max(initial=-1)) + 1
    if count <= UNITS:
        return np.asarray(codes, dtype=np.int64)
    # at random: neighbouring rows are alike, and blocks of them would look like fewer rows
    place = np.random.default_rng(SEED).permutation(count) % UNITS
    return np.asarray(place[codes], dtype=np.int64)


def _summed(statistics: Floats, units: Rows, count: int) -> Floats:
    columns = [np.bincount(units, weights=column, minlength=count) for column in statistics.T]
    return np.column_stack(columns)
