"""Calibration: a map from a model's score to a probability, with its uncertainty."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
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
MOST_CLASSES = 20
"""Classes whose calibrations are related to each other: of more, the matrices weigh more than the calibrations."""
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
    shared
        ``(3, 3)`` covariances with the terms of each class, in the order of the classes, of maps that were learned
        `together`.
    knots
        Scores and probabilities of a piecewise map without uncertainty, as version 0.1 stored.
    """

    terms: FloatArray = field(default_factory=lambda: np.zeros(3))
    covariance: FloatArray = field(default_factory=lambda: np.zeros((3, 3)))
    centre: float = 0.0
    spread: float = 1.0
    shared: tuple[FloatArray, ...] = ()
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

    def terms_of(self, scores: FloatArray) -> FloatArray:
        """Return the three terms of each score, ``(n_samples, 3)``."""
        return self.basis(_logit(scores))

    def to_json(self) -> dict[str, Any]:
        """Return a JSON-safe mapping."""
        return {
            "terms": self.terms.tolist(),
            "covariance": self.covariance.tolist(),
            "centre": self.centre,
            "spread": self.spread,
        } | ({"shared": [each.tolist() for each in self.shared]} if self.shared else {})

    @classmethod
    def from_json(cls, entry: Mapping[str, Any] | Sequence[Sequence[float]]) -> Calibrator:
        """Read the mapping of `to_json`, or the scores and probabilities that version 0.1 stored."""
        if not isinstance(entry, Mapping):
            scores, probabilities = (np.array(each, dtype=np.float64) for each in entry)
            return cls(knots=(scores, probabilities)) if len(scores) else IDENTITY
        terms, covariance = (np.array(entry[key], dtype=np.float64) for key in ("terms", "covariance"))
        shared = tuple(np.array(each, dtype=np.float64) for each in entry.get("shared", ()))
        return cls(terms, covariance, float(entry["centre"]), float(entry["spread"]), shared)


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


def together(scores: FloatArray, truth: npt.NDArray[np.int64]) -> list[Calibrator]:
    """Learn the maps of several classes at once: the softmax of their logarithms, each with its three terms.

    Maps that are learned one by one and divided by their sum do not have the shares of the truth, and are not certain
    enough of the class that they predict.

    Parameters
    ----------
    scores
        ``(n_samples, n_classes)``.
    truth
        ``(n_samples,)`` codes of the classes.
    """
    classes = scores.shape[1]
    logits = _logit(scores)
    whole = [Calibrator(centre=float(each.mean()), spread=max(float(each.std()), 0.1)) for each in logits.T]
    bases = np.array([each.basis(logits[:, code]) for code, each in enumerate(whole)])  # (n_classes, n_samples, 3)
    spreads = np.concatenate([PRIOR * np.array([1.0, each.spread, each.spread]) for each in whole])
    prior: FloatArray = np.asarray(np.diag(1 / spreads**2))
    terms, curvature = _joint_mode(bases, logarithms(scores), np.eye(classes)[truth], prior)
    covariance = np.linalg.inv(curvature)
    parts = [slice(3 * code, 3 * code + 3) for code in range(classes)]
    return [
        replace(
            each,
            terms=terms[own],
            covariance=np.asarray(covariance[own, own]),
            shared=tuple(np.asarray(covariance[own, other]) for other in parts),
        )
        for each, own in zip(whole, parts)
    ]


def _joint_mode(
    bases: FloatArray, start: FloatArray, happened: FloatArray, prior: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return the posterior mode of all terms, ``(3 * n_classes,)``, and the curvature there.

    Parameters
    ----------
    bases
        ``(n_classes, n_samples, 3)``.
    start
        The logarithms of the scores, ``(n_samples, n_classes)``.
    happened
        ``(n_samples, n_classes)`` of 0 and 1.
    prior
        The precision of the terms.
    """
    classes = len(bases)

    def chances(terms: FloatArray) -> FloatArray:
        return softmax(start + np.einsum("cnt,ct->nc", bases, terms.reshape(classes, 3)))

    def loss(terms: FloatArray, chance: FloatArray) -> float:
        return float(-(happened * np.log(np.maximum(chance, 1e-300))).sum() + terms @ prior @ terms / 2)

    def curvature(chance: FloatArray) -> FloatArray:
        weighted = bases * chance.T[:, :, None]
        found = -np.einsum("ant,bnu->atbu", weighted, weighted)
        for code in range(classes):
            found[code, :, code, :] += weighted[code].T @ bases[code]
        return np.asarray(found.reshape(3 * classes, 3 * classes) + prior)

    terms = np.zeros(3 * classes)
    chance = chances(terms)
    now = loss(terms, chance)
    for _ in range(MOST_STEPS):
        slope = np.einsum("cnt,nc->ct", bases, happened - chance).ravel() - prior @ terms
        step = np.linalg.solve(curvature(chance), slope)
        while (then := loss(terms + step, chances(terms + step))) > now and np.abs(step).max() > CLOSE:
            step = step / 2
        terms, before, now = terms + step, now, then
        chance = chances(terms)
        if abs(before - now) <= CLOSE * max(1.0, abs(before)):
            break
    return terms, curvature(chance)


def logarithms(scores: FloatArray) -> FloatArray:
    """Return the logarithms of scores as shares of their sum, ``(…, n_classes)``."""
    whole = np.maximum(scores.sum(axis=-1, keepdims=True), 1e-300)
    return np.asarray(np.log(np.clip(scores / whole, NEAREST, 1.0)))


def softmax(margins: FloatArray) -> FloatArray:
    """Return chances that sum to 1 over the last axis."""
    raised = np.exp(margins - margins.max(axis=-1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=-1, keepdims=True))


def are_joint(found: Sequence[Calibrator]) -> bool:
    """Return whether the maps of these classes were learned together."""
    return len(found) > 2 and all(len(each.shared) == len(found) for each in found)


def joint(found: Sequence[Calibrator], scores: FloatArray) -> FloatArray:
    """Return the chances of each class by maps that were learned together, ``(n_samples, n_classes)``."""
    logits = _logit(scores)
    moved = [each.basis(logits[:, code]) @ each.terms for code, each in enumerate(found)]
    return softmax(logarithms(scores) + np.column_stack(moved))


def draws(found: Sequence[Calibrator], many: int, random: np.random.Generator) -> FloatArray:
    """Return moves of the terms of calibrations by their uncertainty, ``(n_classes, n_draws, 3)``."""
    classes = len(found)
    whole = np.zeros((3 * classes, 3 * classes))
    for one, each in enumerate(found):
        for other in range(classes):
            known = len(each.shared) == classes
            block = each.covariance if one == other else each.shared[other] if known else np.zeros((3, 3))
            whole[3 * one : 3 * one + 3, 3 * other : 3 * other + 3] = block
    values, vectors = np.linalg.eigh((whole + whole.T) / 2)
    # rounding makes an eigenvalue of 0 a negative one
    moves = random.normal(size=(many, 3 * classes)) @ (vectors * np.sqrt(np.maximum(values, 0.0))).T
    return np.asarray(moves.reshape(many, classes, 3).transpose(1, 0, 2))


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
