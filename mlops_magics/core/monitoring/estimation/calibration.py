"""Calibration: a map from a model's score to a probability, with its uncertainty."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
NEAREST = 1e-6
"""Scores nearer to 0 or 1 are read as this: their logit is finite."""
FARTHEST = 4.0
"""Standard deviations from the mean logit beyond which the map continues as a shift."""
PRIOR = np.array([2.0, 1.0, 0.5])
"""Standard deviations of the terms before any row is seen: a shift in logits, and slope and curvature in shares of the
spread of the logits. Half of all models are then within a factor of two of calibrated, and few held-out rows leave a
wide band."""
MOST_STEPS = 100
"""Newton steps, of which ten are usual."""
CLOSE = 1e-9
"""Relative change of the likelihood at which the steps end."""


@dataclass(frozen=True, slots=True)
class Calibrator:
    """Logistic recalibration in three terms: shift, slope and curvature of the score's logit.

    Attributes
    ----------
    terms, covariance
        ``(3,)`` the posterior mode, and ``(3, 3)`` its covariance: the uncertainty of the calibration.
    centre, spread
        Mean and standard deviation of the logits that it was learned on.
    knots
        Scores and probabilities of a piecewise map without uncertainty, as version 0.1 stored.
    """

    terms: FloatArray = field(default_factory=lambda: np.zeros(3))
    covariance: FloatArray = field(default_factory=lambda: np.zeros((3, 3)))
    centre: float = 0.0
    spread: float = 1.0
    knots: tuple[FloatArray, FloatArray] | None = None

    def __call__(self, scores: FloatArray) -> FloatArray:
        """Return the probability of each score, ``(n_samples,)``."""
        if self.knots is not None:
            return np.asarray(np.interp(scores, *self.knots))
        if not self.terms.any() and not self.covariance.any():
            return np.clip(scores, 0.0, 1.0)
        from scipy.special import expit

        logits = _logit(scores)
        return np.asarray(expit(logits + self.basis(logits) @ self.terms))

    def basis(self, logits: FloatArray) -> FloatArray:
        """Return the three terms of each logit, ``(n_samples, 3)``."""
        unit = np.clip((logits - self.centre) / self.spread, -FARTHEST, FARTHEST)
        return np.column_stack((np.ones(len(unit)), unit, unit * unit - 1))

    def to_json(self) -> dict[str, Any]:
        """Return a JSON-safe mapping."""
        return {
            "terms": self.terms.tolist(),
            "covariance": self.covariance.tolist(),
            "centre": self.centre,
            "spread": self.spread,
        }

    @classmethod
    def from_json(cls, entry: Mapping[str, Any] | Sequence[Sequence[float]]) -> Calibrator:
        """Read the mapping of `to_json`, or the scores and probabilities that version 0.1 stored."""
        if not isinstance(entry, Mapping):
            scores, probabilities = (np.array(each, dtype=np.float64) for each in entry)
            return cls(knots=(scores, probabilities)) if len(scores) else IDENTITY
        terms, covariance = (np.array(entry[key], dtype=np.float64) for key in ("terms", "covariance"))
        return cls(terms, covariance, float(entry["centre"]), float(entry["spread"]))


IDENTITY = Calibrator()
"""The scores as they are."""


def _logit(scores: FloatArray) -> FloatArray:
    from scipy.special import logit

    return np.asarray(logit(np.clip(scores, NEAREST, 1 - NEAREST)))


def calibrated(scores: FloatArray, truth: npt.NDArray[np.int64]) -> Calibrator:
    """Learn the map on rows that the model was not trained on (Platt 1999, with a prior at the identity).

    Parameters
    ----------
    scores, truth
        ``(n_samples,)`` scores of a class, and 0 or 1.
    """
    if not len(scores):
        return IDENTITY
    logits = _logit(scores)
    whole = Calibrator(np.zeros(3), np.eye(3), float(logits.mean()), max(float(logits.std()), 0.1))
    design, happened = whole.basis(logits), truth.astype(np.float64)
    prior: FloatArray = np.asarray(np.diag(1 / (PRIOR * np.array([1.0, whole.spread, whole.spread])) ** 2))
    terms = _mode(design, logits, happened, prior)
    covariance: FloatArray = np.asarray(np.linalg.inv(_curvature(design, logits, terms, prior)), dtype=np.float64)
    return Calibrator(terms, covariance, whole.centre, whole.spread)


def _mode(design: FloatArray, logits: FloatArray, happened: FloatArray, prior: FloatArray) -> FloatArray:
    """Return the posterior mode by Newton's method, in which a step that overshoots is halved."""
    from scipy.special import expit

    def loss(terms: FloatArray) -> float:
        margin = logits + design @ terms
        return float(np.logaddexp(0, margin).sum() - happened @ margin + terms @ prior @ terms / 2)

    terms = np.zeros(3)
    now = loss(terms)
    for _ in range(MOST_STEPS):
        slope = design.T @ (happened - expit(logits + design @ terms)) - prior @ terms
        step = np.linalg.solve(_curvature(design, logits, terms, prior), slope)
        while (then := loss(terms + step)) > now and np.abs(step).max() > CLOSE:
            step = step / 2
        terms, before, now = terms + step, now, then
        if abs(before - now) <= CLOSE * max(1.0, abs(before)):
            break
    return terms


def _curvature(design: FloatArray, logits: FloatArray, terms: FloatArray, prior: FloatArray) -> FloatArray:
    from scipy.special import expit

    chance = expit(logits + design @ terms)
    return np.asarray((design.T * (chance * (1 - chance))) @ design + prior)
