"""Whether calibrating helps on rows that were held out: NannyML's own test, split by split."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
SPLITS = 10
HELD_OUT = 0.1
SEED = 42
BINS = 10
SEPARATED = 0.999  # area under the ROC curve above which there is nothing to calibrate


def helps(
    scores: FloatArray, truth: IntArray, fit: Callable[[FloatArray, IntArray], Callable[[FloatArray], FloatArray]]
) -> bool:
    """Tell whether the calibrator learned on nine tenths lowers the expected calibration error on the rest, over ten
    stratified splits pooled.

    Parameters
    ----------
    scores, truth
        ``(n_samples,)`` scores of the second class, and 0 or 1.
    fit
        Learns a calibrator.
    """
    if _area(scores, truth) > SEPARATED:
        return False
    before, after, outcome = [], [], []
    for train, test in splits(truth):
        before.append(scores[test])
        after.append(fit(scores[train], truth[train])(scores[test]))
        outcome.append(truth[test])
    known = np.concatenate(outcome)
    return error(np.concatenate(before), known) > error(np.concatenate(after), known)


def error(probability: FloatArray, truth: IntArray) -> float:
    """Return the expected calibration error over ten bins of equal count (Naeini et al. 2015)."""
    order = probability.argsort()
    bins = min(BINS, max(len(order) // 2, 1)) if len(order) <= 2 * BINS else BINS
    edges = np.arange(0, len(order) + 1, len(order) // bins)
    edges[-1] = len(order)
    sums = [np.add.reduceat(values[order].astype(np.float64), edges[:-1]) for values in (probability, truth)]
    return float(np.abs(sums[0] - sums[1]).sum() / len(order))


def splits(truth: IntArray) -> Iterator[tuple[IntArray, IntArray]]:
    """Draw rows to learn from and rows to test on, each class in its proportion: scikit-learn's
    ``StratifiedShuffleSplit`` with seed 42, draw by draw."""
    random = np.random.RandomState(SEED)
    rows = [np.flatnonzero(truth == value) for value in (0, 1)]
    counts = np.array([len(part) for part in rows])
    tested = int(np.ceil(HELD_OUT * len(truth)))
    for _ in range(SPLITS):
        learned = _apportioned(counts, len(truth) - tested, random)
        held = _apportioned(counts - learned, tested, random)
        train: list[IntArray] = []
        test: list[IntArray] = []
        for part, first, second in zip(rows, learned, held):
            mixed = part[random.permutation(len(part))]
            train.append(mixed[:first])
            test.append(mixed[first : first + second])
        yield random.permutation(np.concatenate(train)), random.permutation(np.concatenate(test))


def _apportioned(counts: npt.NDArray[Any], draws: int, random: np.random.RandomState) -> npt.NDArray[Any]:
    """Divide draws among classes by largest remainder; equal remainders are drawn for."""
    exact = counts / counts.sum() * draws
    whole = np.floor(exact)
    missing = int(draws - whole.sum())
    if missing > 0:
        rest = exact - whole
        for value in np.sort(np.unique(rest))[::-1]:
            equal = np.flatnonzero(rest == value)
            chosen = random.choice(equal, size=min(len(equal), missing), replace=False)
            whole[chosen] += 1
            missing -= len(chosen)
            if missing == 0:
                break
    return np.asarray(whole, dtype=np.int64)


def _area(scores: FloatArray, truth: IntArray) -> float:
    from scipy.stats import rankdata

    positives = int(truth.sum())
    below = rankdata(scores)[truth == 1].sum() - positives * (positives + 1) / 2
    return float(below / (positives * (len(truth) - positives)))
