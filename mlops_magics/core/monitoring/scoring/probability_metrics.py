"""The metrics of probabilities: AUC, log loss and Brier score, each with its interval."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from mlops_magics.core.monitoring.scoring import intervals
from mlops_magics.core.monitoring.scoring.intervals import UNKNOWN, Interval
from mlops_magics.core.monitoring.scoring.metric_rows import MetricRows

FloatArray = npt.NDArray[np.float64]
RELIABLE = 30
"""Rows of the rarer class from which the interval of an AUC is DeLong's alone."""
FEWEST = 5
"""Rows of the rarer class up to which it is that of a proportion alone."""
CLIPPED = np.finfo(np.float64).eps
"""Probabilities nearer to 0 or 1 are read as this, as scikit-learn does."""
RARE = 30
"""Rows of a class below which its losses are completed by those that the probabilities expect."""
ROUNDED = 0.05
"""Distance from 1 of the sum of a row's probabilities that rounding explains."""
PSEUDO = 2.0
"""Expected rows that are added to those of a rare class."""


def auc(rows: MetricRows) -> float:
    """Return the area under the ROC curve: of two classes, else the mean of each against the others."""
    rows = rows.scored
    if rows.scores is None or not len(rows):
        return math.nan
    if rows.binary:
        return _area(rows.truth == rows.positive_code, rows.of_positive())[0]
    width = max(rows.classes, 2)
    # scikit-learn refuses such rows too
    if not np.allclose(rows.scores.sum(axis=1), 1):
        return math.nan
    return float(np.mean([_area(rows.truth == code, rows.scores[:, code])[0] for code in range(width)]))


def auc_interval(rows: MetricRows, score: float) -> Interval:
    """Return the interval of an AUC, or of the mean of several."""
    rows = rows.scored
    assert rows.scores is not None
    if rows.binary:
        return _area_interval(*_area(rows.truth == rows.positive_code, rows.of_positive()))
    parts = [_area(rows.truth == code, rows.scores[:, code]) for code in range(max(rows.classes, 2))]
    bounds = [_area_interval(*part) for part in parts]
    influence = np.array([_influence(rows.truth == code, part) for code, part in enumerate(parts)])
    with np.errstate(invalid="ignore", divide="ignore"):
        correlation = np.nan_to_num(np.corrcoef(influence), nan=0.0)
    np.fill_diagonal(correlation, 1.0)
    areas = np.array([part[0] for part in parts])
    lower, upper = np.array(bounds).T
    low, high = intervals.average(areas, lower, upper, correlation)
    return max(low, 0.0), min(high, 1.0)


def _area(happened: npt.NDArray[np.bool_], score: FloatArray) -> tuple[float, FloatArray, FloatArray]:
    """Return the share of pairs in the right order, ties counted half (Mann and Whitney 1947), and the share of each
    positive and of each negative row (DeLong et al. 1988)."""
    from scipy.stats import rankdata

    first, second = score[happened], score[~happened]
    n, m = len(first), len(second)
    if not n or not m:
        return math.nan, np.empty(0), np.empty(0)
    # equal scores share the mean of their ranks, which is where ties count half
    together = rankdata(np.concatenate((first, second)))
    of_first = (together[:n] - rankdata(first)) / m
    of_second = 1 - (together[n:] - rankdata(second)) / n
    return float((together[:n].sum() - n * (n + 1) / 2) / (n * m)), of_first, of_second


def _influence(happened: npt.NDArray[np.bool_], part: tuple[float, FloatArray, FloatArray]) -> FloatArray:
    area, of_first, of_second = part
    found = np.zeros(len(happened))
    if len(of_first) and len(of_second):
        found[happened] = (of_first - area) / len(of_first)
        found[~happened] = (of_second - area) / len(of_second)
    return found


def _area_interval(area: float, of_first: FloatArray, of_second: FloatArray) -> Interval:
    """Return the interval of an AUC.

    DeLong's on the logit scale with Satterthwaite's degrees of freedom. With few rows of a class, that of a proportion
    of as many rows as Hanley and McNeil's (1982) variance has. In between, a mean of both.
    """
    n, m = len(of_first), len(of_second)
    if not n or not m:
        return UNKNOWN
    rarer = min(n, m)
    few = _by_effective_rows(area, n, m)
    many = _by_placements(area, of_first, of_second)
    if rarer <= FEWEST or not math.isfinite(many[0]):
        return few
    weight = min((rarer - FEWEST) / (RELIABLE - FEWEST), 1.0)
    return weight * many[0] + (1 - weight) * few[0], weight * many[1] + (1 - weight) * few[1]


def _by_effective_rows(area: float, n: int, m: int) -> Interval:
    rarer = min(n, m)
    near = (area * rarer + 0.5) / (rarer + 1)  # never 0 or 1, where the variance would vanish
    spread = (
        near * (1 - near) + (n - 1) * (near / (2 - near) - near**2) + (m - 1) * (2 * near**2 / (1 + near) - near**2)
    )
    rows = near * (1 - near) / (spread / (n * m))
    return intervals.proportion(area * rows, rows)


def _by_placements(area: float, of_first: FloatArray, of_second: FloatArray) -> Interval:
    from scipy.special import expit, logit
    from scipy.stats import t

    n, m = len(of_first), len(of_second)
    if min(n, m) < 2 or not 0 < area < 1:
        return UNKNOWN
    first, second = float(of_first.var(ddof=1)) / n, float(of_second.var(ddof=1)) / m
    if not first + second > 0:
        return UNKNOWN
    freedom = (first + second) ** 2 / (first**2 / (n - 1) + second**2 / (m - 1))
    reach = float(t.ppf(1 - intervals.TAIL, freedom)) * math.sqrt(first + second) / (area * (1 - area))
    centre = float(logit(area))
    return float(expit(centre - reach)), float(expit(centre + reach))


def _losses(rows: MetricRows) -> FloatArray:
    assert rows.scores is not None
    total = rows.scores.sum(axis=1)
    chance = rows.scores[np.arange(len(rows)), rows.truth] / np.where(total > 0, total, 1)
    return np.asarray(-np.log(np.clip(chance, CLIPPED, 1 - CLIPPED)))


def _check(rows: MetricRows) -> None:
    """Raise `ValueError` for scores that are not probabilities: logits, per cent, votes."""
    assert rows.scores is not None
    shown = rows.of_positive() if rows.binary else rows.scores
    low, high = float(shown.min()), float(shown.max())
    if low < -ROUNDED or high > 1 + ROUNDED:
        raise ValueError(f"the probabilities are between {low:.3g} and {high:.3g}, and it needs them between 0 and 1")
    if np.abs(rows.scores.sum(axis=1) - 1).max() > ROUNDED:
        raise ValueError("the probabilities of a row do not sum to 1")


def _mean(rows: MetricRows, of_row: Callable[[MetricRows], FloatArray]) -> float:
    rows = rows.scored
    if rows.scores is None or not len(rows):
        return math.nan
    _check(rows)
    return float(of_row(rows).mean())


def log_loss(rows: MetricRows) -> float:
    """Return the mean negative logarithm of the probability of the true class.

    Raises
    ------
    ValueError
        The scores are not probabilities.
    """
    return _mean(rows, _losses)


def log_loss_interval(rows: MetricRows, score: float) -> Interval:
    """Return the interval of the mean loss.

    Common classes together by Hall's interval, and each rare class by the interval of its share times its mean loss, to
    which two rows are added with the loss that the probabilities expect of it. More rows of one class are fewer of
    another, so that the margins are added with their correlation.
    """
    rows = rows.scored
    assert rows.scores is not None
    losses, n = _losses(rows), len(rows)
    counts = np.bincount(rows.truth, minlength=rows.scores.shape[1])
    rare = [code for code in range(max(rows.classes, 2)) if counts[code] < min(RARE, n / 2)]
    parts = [np.where(np.isin(rows.truth, rare), 0.0, losses)]
    lower, upper = intervals.mean(parts[0])
    middle = float(parts[0].mean())
    margins = [(middle - lower, upper - middle)]
    for code in rare:
        own = rows.truth == code
        margins.append(_of_rare(losses[own], rows.scores[:, code], n))
        parts.append(np.where(own, losses, 0.0))
    with np.errstate(invalid="ignore", divide="ignore"):
        correlation = np.nan_to_num(np.atleast_2d(np.corrcoef(np.array(parts))), nan=0.0)
    np.fill_diagonal(correlation, 1.0)
    below, above = (float(np.sqrt(max(side @ correlation @ side, 0.0))) for side in np.array(margins).T)
    return max(score - below, 0.0), score + above


def _of_rare(losses: FloatArray, chance: FloatArray, n: int) -> tuple[float, float]:
    """Return the margins below and above the observed contribution of a rare class to the mean loss."""
    own = -np.log(np.clip(chance, CLIPPED, 1.0))
    weight = np.maximum(chance, CLIPPED)
    expected = float(np.average(own, weights=weight))
    variance = float(np.average((own - expected) ** 2, weights=weight))
    hits = len(losses)
    centre = (float(losses.sum()) + PSEUDO * expected) / (hits + PSEUDO)
    squares = float(((losses - centre) ** 2).sum()) + PSEUDO * (variance + (expected - centre) ** 2)
    spread = math.sqrt(squares / (hits + PSEUDO - 1) / max(hits, 1))
    low, high = intervals.proportion(hits, n)
    most = -high * math.log(CLIPPED)
    if not centre or spread > centre * intervals.LARGEST_POWER:  # losses of nearly zero say nothing of their spread
        return float(losses.sum()) / n, most
    relative = spread / centre
    if not hits:
        return 0.0, min(high * centre * math.exp(relative), most)
    share, observed = hits / n, float(losses.sum()) / n
    down = math.hypot(math.log(share / max(low, 1e-300)), intervals.NORMAL * relative)
    up = math.hypot(math.log(high / share), intervals.NORMAL * relative)
    above = max(observed, share * centre) * math.exp(min(up, intervals.LARGEST_POWER))
    return observed * (1 - math.exp(-down)), min(above, max(most, observed)) - observed


def brier(rows: MetricRows) -> float:
    """Return the mean squared difference of probability and truth: of two classes of the positive one (Brier 1950).

    Raises
    ------
    ValueError
        The scores are not probabilities.
    """
    return _mean(rows, _squares)


def _squares(rows: MetricRows) -> FloatArray:
    rows = rows.scored
    assert rows.scores is not None
    if rows.binary:
        return np.asarray((rows.of_positive() - (rows.truth == rows.positive_code)) ** 2)
    hits = np.eye(rows.scores.shape[1])[rows.truth]
    return np.asarray(((rows.scores - hits) ** 2).sum(axis=1))


def brier_interval(rows: MetricRows, score: float) -> Interval:
    """Return the interval of a mean between 0 and 1, of several classes between 0 and 2."""
    low, high = intervals.mean(_squares(rows))
    return (max(low, 0.0), min(high, 1.0 if rows.binary else 2.0)) if low < high else UNKNOWN
