"""The metrics of classes, each with its interval: scikit-learn's numbers at a fraction of the cost per call."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

from mlops_magics.core.monitoring.scoring import intervals
from mlops_magics.core.monitoring.scoring.intervals import Interval
from mlops_magics.core.monitoring.scoring.metric_rows import MetricRows

FloatArray = npt.NDArray[np.float64]
HANDFUL = 3
"""Rows up to which averages over classes are held less often than 92 % by the intervals of the classes."""


@dataclass(frozen=True, slots=True)
class Ratio:
    """A ratio per class: its value of right answers, answers and truths, and its interval.

    Attributes
    ----------
    of_right, of_others
        The weight of a right answer in numerator and denominator, and of an answer and a truth in the denominator.
    """

    right: float
    answered: float
    happened: float

    def scores(self, cells: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the ratio of each class, 0 where it is not defined, and its denominator."""
        hits = np.diag(cells) * self.right
        whole = self.answered * cells.sum(axis=0) + self.happened * cells.sum(axis=1)
        # the inner `where` keeps numpy from dividing by zero
        return np.where(whole > 0, hits / np.where(whole > 0, whole, 1), 0.0), whole

    def bounds(self, cells: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the interval of each class.

        Precision and recall are proportions. F1 is 2J/(1+J) of the share J of right answers among all rows in which the
        class was answered or happened, and J is a proportion.
        """
        hits, answered, happened = np.diag(cells), cells.sum(axis=0), cells.sum(axis=1)
        if self.answered and self.happened:
            lower, upper = intervals.proportions(hits, answered + happened - hits)
            return 2 * lower / (1 + lower), 2 * upper / (1 + upper)
        return intervals.proportions(hits, answered if self.answered else happened)

    def correlation(self, cells: FloatArray) -> FloatArray:
        """Return the correlation of the classes' estimates, by the influence of each cell (delta method)."""
        # a little in each cell, so that no denominator is 0
        smooth = cells + 1 / cells.size
        share = smooth / smooth.sum()
        score, whole = self.scores(smooth)
        unit = whole / smooth.sum()
        of_right = (self.right - score * (self.answered + self.happened)) / unit
        of_answer, of_truth = -score * self.answered / unit, -score * self.happened / unit
        both = share * np.outer(of_truth, of_answer)  # truth a, answer b moves a as a truth and b as an answer
        covariance = both + both.T
        hits = np.diag(share)
        missed, wrong = share.sum(axis=1) - hits, share.sum(axis=0) - hits
        np.fill_diagonal(covariance, hits * of_right**2 + missed * of_truth**2 + wrong * of_answer**2)
        # rounding may leave a variance a little below 0
        spread = np.sqrt(np.maximum(np.diag(covariance), 1e-300))
        return np.asarray(np.clip(covariance / np.outer(spread, spread), -1.0, 1.0))


PRECISION, RECALL, F1 = Ratio(1, 1, 0), Ratio(1, 0, 1), Ratio(2, 1, 1)


def accuracy(rows: MetricRows) -> float:
    """Return the share of right answers."""
    return float(np.mean(rows.truth == rows.estimate))


def accuracy_interval(rows: MetricRows, score: float) -> Interval:
    """Return the interval of a proportion."""
    return intervals.proportion(float(np.count_nonzero(rows.truth == rows.estimate)), len(rows))


def of_positive(ratio: Ratio, rows: MetricRows) -> float:
    """Return the ratio of the positive class, of two classes without one that of the second, of more their average."""
    if rows.positive is None and not rows.binary:
        return averaged(ratio, "macro", rows)
    scores, _ = ratio.scores(rows.confusion)
    return float(scores[rows.positive_code])


def of_positive_interval(ratio: Ratio, rows: MetricRows, score: float) -> Interval:
    """Return the interval of the same."""
    if rows.positive is None and not rows.binary:
        return macro_interval(ratio, rows, score)
    lower, upper = ratio.bounds(rows.confusion)
    return float(lower[rows.positive_code]), float(upper[rows.positive_code])


def averaged(ratio: Ratio, average: str, rows: MetricRows) -> float:
    """Return the average over the classes that occur in truth or prediction, as scikit-learn's."""
    if average == "micro":
        return accuracy(rows)
    cells = rows.confusion
    scores, _ = ratio.scores(cells)
    happened = cells.sum(axis=1)
    present = (happened + cells.sum(axis=0)) > 0
    weights = happened[present] if average == "weighted" else None
    return float(np.average(scores[present], weights=weights)) if present.any() else math.nan


def macro_interval(ratio: Ratio, rows: MetricRows, score: float) -> Interval:
    """Return the interval of the average over all classes of the model. One that did not occur yet can be anything.

    Of a handful of rows no class shows how it agrees with the others, so that the interval is at least that of a share.
    """
    cells = rows.confusion
    scores, whole = ratio.scores(cells)
    kept = (np.arange(len(cells)) < rows.classes) | (cells.sum(axis=0) + cells.sum(axis=1) > 0)
    lower, upper = ratio.bounds(cells)
    scores = np.where(whole > 0, scores, 0.5)  # of a class that is not defined here: in the middle of 0 and 1
    correlation = ratio.correlation(cells)
    low, high = intervals.average(scores[kept], lower[kept], upper[kept], correlation[np.ix_(kept, kept)])
    if len(rows) <= HANDFUL:
        of_share = intervals.proportion(score * len(rows), len(rows))
        low, high = min(low, of_share[0]), max(high, of_share[1])
    return max(min(low, score), 0.0), min(max(high, score), 1.0)


def micro_interval(rows: MetricRows, score: float) -> Interval:
    """Return the interval of the micro average, which is the accuracy."""
    return accuracy_interval(rows, score)


def balanced_accuracy(rows: MetricRows) -> float:
    """Return the average recall over the classes that happened."""
    scores, happened = RECALL.scores(rows.confusion)
    return float(scores[happened > 0].mean()) if (happened > 0).any() else math.nan


Measure = Callable[[MetricRows], float]
Bounds = Callable[[MetricRows, float], Interval]


def of_ratio(ratio: Ratio, average: str | None) -> tuple[Measure, Bounds | None]:
    """Return the functions of a ratio and its interval: of the positive class, or averaged."""
    if average is None:
        return partial(of_positive, ratio), partial(of_positive_interval, ratio)
    bounds: dict[str, Bounds] = {"macro": partial(macro_interval, ratio), "micro": micro_interval}
    return partial(averaged, ratio, average), bounds.get(average)
