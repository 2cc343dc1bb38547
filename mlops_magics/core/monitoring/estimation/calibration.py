"""Making scores into probabilities, where that helps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mlops_magics.core.monitoring.estimation import held_out

FloatArray = npt.NDArray[np.float64]
FOLDS = 10
SEED = 42
ERROR_BINS = 10
GROUPS = 1_000
EXACT_ROWS = 100_000  # up to which the test is NannyML's own, row by row; beyond, groups of rows decide as well


@dataclass(frozen=True, slots=True)
class Calibrator:
    """A monotone, piecewise linear map from score to probability; the identity where calibrating does not help."""

    scores: FloatArray
    probabilities: FloatArray

    def __call__(self, scores: FloatArray) -> FloatArray:
        """Return the probability of each score."""
        if not len(self.scores):
            return np.clip(scores, 0.0, 1.0)
        return np.interp(scores, self.scores, self.probabilities)


IDENTITY = Calibrator(np.empty(0), np.empty(0))


def calibrated(scores: FloatArray, truth: npt.NDArray[np.int64]) -> Calibrator:
    """Return the isotonic calibrator (Zadrozny and Elkan 2002) if it lowers the calibration error on held-out rows,
    else the identity.

    Parameters
    ----------
    scores, truth
        ``(n_samples,)`` scores of the second class, and 0 or 1.
    """
    if len(np.unique(truth)) < 2 or len(truth) < FOLDS:
        return IDENTITY
    helps = held_out.helps(scores, truth, fit) if len(truth) <= EXACT_ROWS else _helps(scores, truth)
    return fit(scores, truth) if helps else IDENTITY


def fit(scores: FloatArray, truth: npt.NDArray[np.int64]) -> Calibrator:
    """Fit by pooling adjacent violators (Ayer et al. 1955)."""
    order = np.argsort(scores)
    ordered = scores[order]
    starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
    weight = np.diff(starts, append=len(ordered)).astype(np.float64)
    return _fitted(ordered[starts], np.add.reduceat(truth[order].astype(np.float64), starts) / weight, weight)


def calibration_error(probability: FloatArray, truth: FloatArray, weight: FloatArray) -> float:
    """Return the expected calibration error over ten bins of equal count (Naeini et al. 2015).

    Parameters
    ----------
    probability, truth, weight
        ``(n_groups,)`` mean probability, share of the second class, and number of rows.
    """
    order = np.argsort(probability, kind="stable")
    cumulative = np.cumsum(weight[order])
    bins = np.minimum((cumulative - weight[order] / 2) / cumulative[-1] * ERROR_BINS, ERROR_BINS - 1).astype(np.int64)
    gaps = np.bincount(bins, weights=(weight * (probability - truth))[order], minlength=ERROR_BINS)
    return float(np.abs(gaps).sum() / cumulative[-1])


def _helps(scores: FloatArray, truth: npt.NDArray[np.int64]) -> bool:
    """Tell whether calibrating on nine tenths lowers the error on the rest, over ten stratified folds.

    Scores are grouped by their quantiles first: a thousand groups tell as much as a million rows.
    """
    edges = np.unique(np.quantile(scores, np.linspace(0, 1, GROUPS + 1)[1:-1]))
    group = np.searchsorted(edges, scores, side="right")
    cell = _folds(truth) * (len(edges) + 1) + group
    shape = (FOLDS, len(edges) + 1)
    rows, positives, total = (
        np.bincount(cell, weights=weights, minlength=shape[0] * shape[1]).reshape(shape)
        for weights in (None, truth, scores)
    )
    centre = total.sum(axis=0) / np.maximum(rows.sum(axis=0), 1)
    after = np.array([_from_the_rest(centre, rows, positives, k) for k in range(FOLDS)])
    present = rows > 0
    before, outcome = (total[present] / rows[present]), positives[present] / rows[present]
    weight = rows[present].astype(np.float64)
    return calibration_error(after[present], outcome, weight) < calibration_error(before, outcome, weight)


def _from_the_rest(centre: FloatArray, rows: npt.NDArray[Any], positives: npt.NDArray[Any], fold: int) -> FloatArray:
    weight, hits = rows.sum(axis=0) - rows[fold], positives.sum(axis=0) - positives[fold]
    held = weight > 0
    return _fitted(centre[held], hits[held] / weight[held], weight[held].astype(np.float64))(centre)


def _folds(truth: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    shuffled, fold = np.random.default_rng(SEED), np.empty(len(truth), dtype=np.int64)
    for value in (0, 1):
        rows = np.flatnonzero(truth == value)
        fold[rows] = shuffled.permutation(len(rows)) % FOLDS
    return fold


def _fitted(distinct: FloatArray, mean: FloatArray, weight: FloatArray) -> Calibrator:
    """Return the monotone fit, kept at its corners only: between two of them it is a straight line."""
    from scipy.optimize import isotonic_regression

    level = np.clip(isotonic_regression(mean, weights=weight).x, 0.0, 1.0)
    if len(level) < 3:
        return Calibrator(distinct, level)
    corner = np.concatenate(([True], (level[1:-1] != level[:-2]) | (level[1:-1] != level[2:]), [True]))
    return Calibrator(distinct[corner], level[corner])
