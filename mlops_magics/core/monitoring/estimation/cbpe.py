"""Confidence-based performance estimation: the expected confusion matrix of calibrated probabilities (NannyML's
CBPE)."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mlops_magics.core.monitoring.estimation.calibration import Calibrator
from mlops_magics.errors import NotFound

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Expected:
    """The confusion matrix that calibrated probabilities expect, in rows, and the area under the ROC curve."""

    tp: float
    fp: float
    fn: float
    tn: float
    auc: float

    @property
    def rows(self) -> float:
        """The number of rows."""
        return self.tp + self.fp + self.fn + self.tn


def expect(scores: FloatArray, predicted: IntArray, calibrator: Calibrator, auc: bool = True) -> Expected:
    """Return what to expect of rows whose truth is unknown.

    Parameters
    ----------
    scores, predicted
        ``(n_samples,)`` scores of the second class, and the class that was answered, 0 or 1.
    """
    chance = calibrator(scores)
    positive = predicted == 1
    tp, fn = float(chance[positive].sum()), float(chance[~positive].sum())
    called = int(np.count_nonzero(positive))
    return Expected(tp, called - tp, fn, len(scores) - called - fn, expected_auc(scores, chance) if auc else math.nan)


def expected_auc(scores: FloatArray, chance: FloatArray) -> float:
    """Return the expected area under the ROC curve; rows with equal scores form one step, so their order does not
    matter.

    The trapezoid rule over distinct scores (Fawcett 2006, algorithm 3) with the chances as fractional positives.
    """
    order = np.argsort(scores)
    ordered = scores[order]
    ends = np.append(np.flatnonzero(ordered[1:] != ordered[:-1]), len(ordered) - 1)
    positives = np.diff(np.cumsum(chance[order])[ends], prepend=0.0)
    rows = np.diff(ends + 1, prepend=0)
    negatives = rows - positives
    total = positives.sum() * negatives.sum()
    if total <= 0:
        return math.nan
    below = np.cumsum(negatives) - negatives
    return float(np.sum(positives * (below + negatives / 2)) / total)


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole > 0 else math.nan


METRICS: dict[str, Callable[[Expected], float]] = {
    "accuracy": lambda e: _ratio(e.tp + e.tn, e.rows),
    "precision": lambda e: _ratio(e.tp, e.tp + e.fp),
    "recall": lambda e: _ratio(e.tp, e.tp + e.fn),
    "specificity": lambda e: _ratio(e.tn, e.tn + e.fp),
    "f1": lambda e: _ratio(2 * e.tp, 2 * e.tp + e.fp + e.fn),
    "f1_macro": lambda e: (_ratio(2 * e.tp, 2 * e.tp + e.fp + e.fn) + _ratio(2 * e.tn, 2 * e.tn + e.fp + e.fn)) / 2,
    "roc_auc": lambda e: e.auc,
}


def metric(name: str) -> Callable[[Expected], float]:
    """Return the function of the expected confusion matrix that a metric is."""
    if name not in METRICS:
        raise NotFound("metric that can be estimated without labels", name, METRICS)
    return METRICS[name]


def sampling_error(name: str, scores: FloatArray, predicted: IntArray, calibrator: Calibrator) -> float:
    """Return the standard error of an estimate over these rows.

    Of a mean by the variance of its rows; of a ratio by the delta method on its rows (Casella and Berger 2002, 5.5.4);
    of the AUC by Hanley and McNeil (1982).
    """
    chance = calibrator(scores)
    positive = predicted == 1
    right = np.where(positive, chance, 1 - chance)
    if name == "accuracy":
        return _binomial(right)
    if name == "precision":
        return _binomial(chance[positive])
    if name == "specificity":
        return _share_error(~positive, 1 - chance)
    if name == "recall":
        return _share_error(positive, chance)
    if name == "roc_auc":
        return _auc_error(expected_auc(scores, chance), float(chance.sum()), len(chance) - float(chance.sum()))
    return _binomial(right)


def _binomial(chance: FloatArray) -> float:
    """Return the standard error of a mean of trials with these chances."""
    return (
        float(np.sqrt(np.sum(chance * (1 - chance)) + np.var(chance) * len(chance)) / len(chance))
        if len(chance)
        else math.nan
    )


def _share_error(hit: npt.NDArray[np.bool_], weight: FloatArray) -> float:
    whole = float(weight.sum())
    if whole <= 0:
        return math.nan
    share = float(weight[hit].sum()) / whole
    return float(np.sqrt(np.sum(weight * (hit - share) ** 2)) / whole)


def _auc_error(auc: float, positives: float, negatives: float) -> float:
    if not positives * negatives > 0:
        return math.nan
    spread_up, spread_down = auc / (2 - auc) - auc**2, 2 * auc**2 / (1 + auc) - auc**2
    return math.sqrt(
        (auc * (1 - auc) + (positives - 1) * spread_up + (negatives - 1) * spread_down) / (positives * negatives)
    )
