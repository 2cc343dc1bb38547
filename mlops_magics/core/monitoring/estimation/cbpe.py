"""Confidence-based performance estimation: the confusion matrix that calibrated probabilities expect (NannyML's CBPE),
and the values that the metrics can have when the truth arrives."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mlops_magics.core.monitoring.estimation import calibration
from mlops_magics.core.monitoring.estimation.calibration import NEAREST, Calibrator
from mlops_magics.core.monitoring.scoring.class_metrics import F1, PRECISION, RECALL, Ratio
from mlops_magics.core.monitoring.scoring.intervals import NORMAL, TAIL, Interval
from mlops_magics.errors import NotFound

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
DRAWS = 400
"""Truths and calibrations that are drawn for a band."""
MOST_BINS = 1_000
"""Groups of rows with nearly equal scores that truths are drawn for: more give the same band."""
ROUNDING = 1e-9
"""Share of an end by which the band of a loss is wider: its lower end is often the very value that the truth gives."""
SEED = 29
"""The draws are arbitrary, but the same for the same data."""


@dataclass(frozen=True, slots=True)
class Chances:
    """Calibrated probabilities of rows.

    Attributes
    ----------
    chance
        ``(n_samples, n_classes)``, each row sums to 1.
    scores
        The model's own, ``(n_samples, n_classes)``: they order the rows.
    predicted
        ``(n_samples,)`` codes of the predicted classes.
    positive
        The code of the positive class, or of two classes without one, the second.
    calibrators
        One per class. Of two classes that of the positive one counts.
    """

    chance: FloatArray
    scores: FloatArray
    predicted: IntArray
    positive: int
    calibrators: tuple[Calibrator, ...]

    @classmethod
    def of(
        cls, scores: FloatArray, predicted: IntArray, calibrators: Sequence[Calibrator], positive: int | None = None
    ) -> Chances:
        """Calibrate scores, ``(n_samples, n_classes)``.

        Parameters
        ----------
        scores
            ``(n_samples, n_classes)``.
        predicted
            Places of the predicted classes, ``(n_samples,)``.
        calibrators
            One for each class.
        positive
            The place of the positive class.
        """
        classes = scores.shape[1]
        place = classes - 1 if positive is None else positive
        if classes == 2:
            of_positive = calibrators[place](scores[:, place])
            chance = np.column_stack((1 - of_positive, of_positive))[:, :: 1 if place == 1 else -1]
        elif calibration.are_joint(calibrators):
            chance = calibration.joint(calibrators, scores)
        else:
            chance = np.column_stack([calibrators[code](scores[:, code]) for code in range(classes)])
            total = chance.sum(axis=1, keepdims=True)
            chance = np.where(total > 0, chance / np.where(total > 0, total, 1), 1 / classes)
        return cls(chance, scores, predicted, place, tuple(calibrators))

    @property
    def classes(self) -> int:
        """The number of classes."""
        return int(self.chance.shape[1])

    def confusion(self) -> FloatArray:
        """Return the expected counts of truth (rows) and prediction (columns), ``(n_classes, n_classes)``."""
        cells = np.zeros((self.classes, self.classes))
        for code in range(self.classes):
            cells[:, code] = self.chance[self.predicted == code].sum(axis=0)
        return cells


def expected_auc(scores: FloatArray, chance: FloatArray) -> float:
    """Return the expected area under the ROC curve. Rows with equal scores form one step, in any order.

    The trapezoid rule over distinct scores (Fawcett 2006, algorithm 3) with the chances as fractional positives.
    """
    order = np.argsort(scores)
    ordered = scores[order]
    ends = np.append(np.flatnonzero(ordered[1:] != ordered[:-1]), len(ordered) - 1)
    positives = np.diff(np.cumsum(chance[order])[ends], prepend=0.0)
    negatives = np.diff(ends + 1, prepend=0) - positives
    return float(_area(positives[None], negatives[None])[0])


def _area(positives: FloatArray, negatives: FloatArray) -> FloatArray:
    """Return the areas of draws of positives and negatives at ascending scores, ``(n_draws, n_steps)`` each."""
    below = np.cumsum(negatives, axis=1) - negatives
    total = positives.sum(axis=1) * negatives.sum(axis=1)
    area = (positives * (below + negatives / 2)).sum(axis=1)
    return np.where(total > 0, area / np.where(total > 0, total, 1), np.nan)


def _ratio(ratio: Ratio, cells: FloatArray, average: str | None, positive: int) -> FloatArray:
    """Return a ratio of confusion matrices, ``(n_draws, n_classes, n_classes)``, as scikit-learn averages it."""
    hits = np.einsum("dii->di", cells) * ratio.right
    answered, happened = cells.sum(axis=1), cells.sum(axis=2)
    whole = ratio.answered * answered + ratio.happened * happened
    each = np.where(whole > 0, hits / np.where(whole > 0, whole, 1), 0.0)
    if average is None:
        return np.asarray(each[:, positive])
    weights = happened if average == "weighted" else ((answered + happened) > 0).astype(np.float64)
    return np.asarray((each * weights).sum(axis=1) / np.maximum(weights.sum(axis=1), 1e-300))


def _accuracy(cells: FloatArray, positive: int) -> FloatArray:
    return np.asarray(np.einsum("dii->d", cells) / cells.sum(axis=(1, 2)))


def _specificity(cells: FloatArray, positive: int) -> FloatArray:
    others = cells.sum(axis=(1, 2)) - cells[:, positive].sum(axis=1)
    wrong = cells[:, :, positive].sum(axis=1) - cells[:, positive, positive]
    return np.where(others > 0, 1 - wrong / np.where(others > 0, others, 1), np.nan)


def _balanced(cells: FloatArray, positive: int) -> FloatArray:
    happened = cells.sum(axis=2)
    recall = np.einsum("dii->di", cells) / np.where(happened > 0, happened, 1)
    return np.asarray(recall.sum(axis=1) / np.maximum((happened > 0).sum(axis=1), 1))


def _named(ratio: Ratio, average: str | None) -> Callable[[FloatArray, int], FloatArray]:
    return lambda cells, positive: _ratio(ratio, cells, average, positive)


OF_CELLS: Mapping[str, Callable[[FloatArray, int], FloatArray]] = {
    "accuracy": _accuracy,
    "balanced_accuracy": _balanced,
    "specificity": _specificity,
    **{
        name if average is None else f"{name}_{average}": _named(ratio, average)
        for name, ratio in (("precision", PRECISION), ("recall", RECALL), ("f1", F1))
        for average in (None, "macro", "weighted")
    },
    **dict.fromkeys(("precision_micro", "recall_micro", "f1_micro"), _accuracy),
}
"""Metrics of confusion matrices ``(n_draws, n_classes, n_classes)`` and the code of the positive class."""
METRICS = (*OF_CELLS, "roc_auc", "log_loss")
"""Metrics that can be estimated without truth."""


def check(name: str) -> None:
    """Raise `NotFound` for a metric that cannot be estimated.

    Raises
    ------
    NotFound
    """
    if name not in METRICS:
        raise NotFound("metric that can be estimated without labels", name, METRICS)


def estimate(name: str, chances: Chances) -> float:
    """Return the expected value of a metric.

    Raises
    ------
    NotFound
        It cannot be estimated.
    """
    check(name)
    if not len(chances.predicted):
        return math.nan
    if name == "log_loss":
        return float(-(chances.chance * np.log(_own(chances.scores))).sum(axis=1).mean())
    if name != "roc_auc":
        return float(OF_CELLS[name](chances.confusion()[None], chances.positive)[0])
    codes = [chances.positive] if chances.classes == 2 else range(chances.classes)
    return float(np.mean([expected_auc(chances.scores[:, code], chances.chance[:, code]) for code in codes]))


def _own(scores: FloatArray) -> FloatArray:
    return np.asarray(np.clip(scores / np.maximum(scores.sum(axis=-1, keepdims=True), 1e-300), NEAREST, 1.0))


class Truths:
    """Truths that the rows can have, drawn from their probabilities and from the uncertainty of the calibration.

    A draw moves the calibration by its covariance, and then draws the truth of each group of rows with nearly equal
    scores of the class that was predicted.
    """

    def __init__(self, chances: Chances) -> None:
        self._positive, self._classes = chances.positive, chances.classes
        group, self._codes = _groups(chances)
        self._rows = np.bincount(group).astype(np.int64)
        losses = -np.log(_own(chances.scores))  # not of the groups' scores: their loss is smaller than that of the rows
        if self._classes == 2:
            mean, self._scores, self._losses = (
                np.array([np.bincount(group, weights=column) / self._rows for column in each.T]).T
                for each in (chances.chance, chances.scores, losses)
            )
        else:  # a row for its group: with means of the scores the classes would not make up for each other
            middle = np.argsort(group, kind="stable")[np.cumsum(self._rows) - (self._rows + 1) // 2]
            mean, self._scores, self._losses = chances.chance[middle], chances.scores[middle], losses[middle]
        self._expected: FloatArray = np.asarray((mean * self._rows[:, None])[None], dtype=np.float64)
        random = np.random.default_rng(SEED)
        moved = self._moved(mean, chances.calibrators, random)
        self._counts = random.multinomial(self._rows, moved).astype(np.float64)
        self._likely: FloatArray = moved * self._rows[:, None] if self._classes > 2 else self._expected

    def _moved(self, mean: FloatArray, calibrators: Sequence[Calibrator], random: np.random.Generator) -> FloatArray:
        """Return the probabilities of each draw, ``(n_draws, n_groups, n_classes)``."""
        from scipy.special import expit, logit

        found = np.empty((DRAWS, *mean.shape))
        codes = [self._positive] if self._classes == 2 else list(range(self._classes))
        together = calibration.are_joint([calibrators[code] for code in codes])
        start = np.log(np.clip(mean, NEAREST, 1.0)) if together else logit(np.clip(mean, NEAREST, 1 - NEAREST))
        for code, moves in zip(codes, calibration.draws([calibrators[code] for code in codes], DRAWS, random)):
            margin = start[:, code] + moves @ calibrators[code].terms_of(self._scores[:, code]).T
            found[:, :, code] = margin if together else expit(margin)
        if together:
            return calibration.softmax(found)
        if self._classes == 2:
            found[:, :, 1 - self._positive] = 1 - found[:, :, self._positive]
        return np.asarray(found / found.sum(axis=2, keepdims=True))

    def interval(self, name: str, score: float) -> Interval:
        """Return the interval of a metric of these rows in 95 % of all cases.

        Rows of a group have nearly equal scores of the class that was predicted. Those of other classes differ, so that
        a metric of scores is another one for the groups than for the rows. The draws are moved by that difference.
        Calibrations of several classes that are drawn are less certain in the mean than the one that is known, and the
        true one is not: the draws are moved by this as well.
        """
        likely = self._values(name, self._likely)
        values = self._values(name, self._counts) + (score - float(likely.mean()))
        values = values[np.isfinite(values)]
        if not len(values) or not math.isfinite(score):
            return math.nan, math.nan
        if name == "roc_auc":
            return _around(values + (score - float(values.mean())), score)
        if self._classes > 2 and name != "log_loss":
            return _around(values, score)
        low, high = (float(each) for each in np.quantile(values, (TAIL, 1 - TAIL)))
        slack = ROUNDING if name == "log_loss" else 0.0
        return min(low, score) * (1 - slack), max(high, score) * (1 + slack)

    def _values(self, name: str, counts: FloatArray) -> FloatArray:
        """Return a metric of draws of the truths of each group, ``(n_draws, n_groups, n_classes)``."""
        if name == "log_loss":
            return np.asarray((counts * self._losses).sum(axis=(1, 2)) / self._rows.sum())
        if name == "roc_auc":
            codes = [self._positive] if self._classes == 2 else range(self._classes)
            return np.asarray(np.mean([self._areas(code, counts) for code in codes], axis=0))
        cells = np.zeros((len(counts), self._classes, self._classes))
        for code in range(self._classes):
            cells[:, :, code] = counts[:, self._codes == code].sum(axis=1)
        return OF_CELLS[name](cells, self._positive)

    def _areas(self, code: int, counts: FloatArray) -> FloatArray:
        order = np.argsort(self._scores[:, code], kind="stable")
        positives = counts[:, order, code]
        return _area(positives, self._rows[order] - positives)


def _around(values: FloatArray, score: float) -> Interval:
    """Return the interval of a share around its estimate.

    The spread of the draws is narrower where the estimate is too large, so that the wider one of the quantiles and of
    the standard deviation counts on each side.
    """
    low, high = (float(each) for each in np.quantile(values, (TAIL, 1 - TAIL)))
    reach = NORMAL * float(values.std())
    return max(min(low, score - reach), 0.0), min(max(high, score + reach), 1.0)


def _groups(chances: Chances) -> tuple[IntArray, IntArray]:
    """Return the group of each row, and the predicted class of each group."""
    place = chances.positive if chances.classes == 2 else None
    key = chances.scores[:, place] if place is not None else chances.scores.max(axis=1)
    group = np.zeros(len(key), dtype=np.int64)
    codes: list[int] = []
    for code in range(chances.classes):
        rows = np.flatnonzero(chances.predicted == code)
        if not len(rows):
            continue
        distinct, of_row = np.unique(key[rows], return_inverse=True)
        if len(distinct) > MOST_BINS or place is None:
            of_row = np.empty(len(rows), dtype=np.int64)
            of_row[np.argsort(key[rows], kind="stable")] = np.arange(len(rows)) * min(MOST_BINS, len(rows)) // len(rows)
        group[rows] = of_row + len(codes)
        codes += [code] * (int(of_row.max()) + 1)
    return group, np.array(codes, dtype=np.int64)
