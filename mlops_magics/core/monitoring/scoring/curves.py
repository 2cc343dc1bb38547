"""Curves of a model's answers against the truth, in at most 200 points: ROC, precision and recall, calibration,
residuals."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mlops_magics.core.monitoring.scoring.outcomes import Outcomes

MOST_POINTS = 200
MOST_CLASSES = 6
"""Classes that have a curve of their own, one against the rest."""
BINS = 10
VIEWS = ("roc", "pr", "calibration", "residuals")
FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Curve:
    """One line of a view.

    Attributes
    ----------
    view
        ``roc``, ``pr``, ``calibration`` or ``residuals``.
    label
        The class of the curve, empty for a regression.
    x, y
        False positive against true positive rate, recall against precision, mean probability against observed share, or
        mean prediction of a tenth of the rows against its mean residual (truth less prediction).
    lower, upper
        The spread of rows around a point: the inner 80 % of the residuals, empty for the others.
    n
        The rows behind each point, or behind the whole curve.
    """

    view: str
    label: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    n: tuple[int, ...]
    lower: tuple[float, ...] = ()
    upper: tuple[float, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return a JSON-safe mapping."""
        told = {name: list(getattr(self, name)) for name in ("x", "y", "n", "lower", "upper")}
        return {"view": self.view, "label": self.label, **told}

    @classmethod
    def from_json(cls, entry: Mapping[str, Any]) -> Curve:
        """Read the mapping of `to_json`."""
        return cls(
            entry["view"],
            entry["label"],
            *(tuple(entry[name]) for name in ("x", "y", "n", "lower", "upper")),
        )


def of_outcomes(outcomes: Outcomes) -> tuple[Curve, ...]:
    """Return the curves of these outcomes, none without probabilities, or with one class only."""
    if outcomes.task == "regression":
        known = outcomes.known
        return _residuals(outcomes.truth[known].astype(np.float64), outcomes.estimate[known].astype(np.float64))
    if outcomes.scores is None:
        return ()
    found = [each for each in _one_against_rest(outcomes) if 0 < each[1].sum() < len(each[1])]
    points = MOST_POINTS // max(len(found), 1)
    return tuple(curve for each in found for curve in (_roc(*each, points), _pr(*each, points), _calibration(*each)))


def _one_against_rest(outcomes: Outcomes) -> list[tuple[str, npt.NDArray[np.bool_], FloatArray]]:
    scores = outcomes.scores
    assert scores is not None
    known = outcomes.known & np.isfinite(scores).all(axis=1)
    truth, scores = outcomes.truth[known], scores[known]
    labels = list(enumerate(outcomes.labels[:MOST_CLASSES]))
    if len(outcomes.labels) <= 2:
        labels = labels[-1:] if outcomes.predictions.positive is None else [labels[outcomes.predictions.positive]]
    return [(label, truth == code, scores[:, code]) for code, label in labels]


def _steps(happened: npt.NDArray[np.bool_], score: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return true and false positives at each distinct score, the highest first. Rows that tie move together."""
    order = np.argsort(-score, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(score[order])), len(order) - 1)
    hits = np.cumsum(happened[order])[ends].astype(np.float64)
    return hits, ends + 1 - hits


def _roc(label: str, happened: npt.NDArray[np.bool_], score: FloatArray, points: int) -> Curve:
    hits, misses = _steps(happened, score)
    x, y = np.append(0, misses / misses[-1]), np.append(0, hits / hits[-1])
    return _curve("roc", label, x, y, (len(happened), points), lambda grid: np.interp(grid, x, y))


def _pr(label: str, happened: npt.NDArray[np.bool_], score: FloatArray, points: int) -> Curve:
    hits, misses = _steps(happened, score)
    x, y = hits / hits[-1], hits / (hits + misses)

    def at(grid: FloatArray) -> FloatArray:
        # steps and not lines: precision does not change linearly with recall (Davis and Goadrich 2006)
        return np.asarray(y[np.minimum(np.searchsorted(x, grid), len(y) - 1)])

    return _curve("pr", label, x, y, (len(happened), points), at)


def _curve(
    view: str,
    label: str,
    x: FloatArray,
    y: FloatArray,
    size: tuple[int, int],
    at: Callable[[FloatArray], FloatArray],
) -> Curve:
    """Return a curve of ``size`` rows and at most so many points, taken at equal distances where there are more."""
    rows, points = size
    if len(x) > points:
        x = np.linspace(0, 1, points)
        y = at(x)
    return Curve(view, label, _short(x), _short(y), (rows,))


def _calibration(label: str, happened: npt.NDArray[np.bool_], score: FloatArray) -> Curve:
    """Return ten bins of equal width, without those that have no rows."""
    # a probability of 1 is in the last bin
    place = np.minimum((np.clip(score, 0, 1) * BINS).astype(np.int64), BINS - 1)
    rows = np.bincount(place, minlength=BINS)
    held = rows > 0
    x, y = (np.bincount(place, weights=each, minlength=BINS)[held] / rows[held] for each in (score, happened))
    return Curve("calibration", label, _short(x), _short(y), tuple(rows[held].tolist()))


def _residuals(truth: FloatArray, estimate: FloatArray) -> tuple[Curve, ...]:
    """Return the residuals of each tenth of the rows in order of prediction."""
    if len(truth) < BINS:
        return ()
    parts = np.array_split(np.argsort(estimate, kind="stable"), BINS)
    apart = truth - estimate
    x, y = [float(estimate[part].mean()) for part in parts], [float(apart[part].mean()) for part in parts]
    lower, upper = np.array([np.quantile(apart[part], (0.1, 0.9)) for part in parts]).T
    n = tuple(len(part) for part in parts)
    return (Curve("residuals", "", _short(x), _short(y), n, _short(lower), _short(upper)),)


def _short(values: Any) -> tuple[float, ...]:
    return tuple(float(f"{value:.5g}") for value in values)
