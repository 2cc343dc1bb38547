"""Estimated metrics, period by period, beside the measured ones."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mlops_magics.core.monitoring.estimation import cbpe
from mlops_magics.core.monitoring.estimation.calibration import IDENTITY, Calibrator, calibrated
from mlops_magics.core.monitoring.reading.column_values import Column, as_categorical
from mlops_magics.core.monitoring.reading.periods import Period
from mlops_magics.core.monitoring.scoring import confidence
from mlops_magics.core.monitoring.scoring.performance import MetricScore

DEFAULTS = ("accuracy", "f1_macro", "roc_auc")


@dataclass(frozen=True, slots=True)
class Answers:
    """What a classifier answered: the class it named, and the probability of each class.

    Attributes
    ----------
    labels
        The classes, in the order of the columns of ``scores``.
    predicted
        ``(n_samples,)`` codes into ``labels``, -1 for missing.
    scores
        ``(n_samples, n_classes)``.
    """

    labels: tuple[str, ...]
    predicted: npt.NDArray[np.int64]
    scores: npt.NDArray[np.float64]

    def known(self) -> npt.NDArray[np.bool_]:
        """Return the rows that have a class and all probabilities."""
        return (self.predicted >= 0) & np.isfinite(self.scores).all(axis=1)


def answers_of(prediction: Column, probabilities: Mapping[str, Column]) -> Answers | None:
    """Set predictions beside probabilities; ``None`` without probabilities of at least two classes."""
    labels = tuple(sorted(probabilities))
    if len(labels) < 2:
        return None
    coded = as_categorical(prediction)
    place = {label: code for code, label in enumerate(labels)}
    lookup = np.array([*(place.get(label, -1) for label in coded.labels), -1], dtype=np.int64)
    return Answers(labels, lookup[coded.values], np.column_stack([probabilities[label].values for label in labels]))


def calibrators(answers: Answers, truth: Column) -> dict[str, Calibrator]:
    """Learn one calibrator per class, one against the rest, where the truth is known."""
    coded = as_categorical(truth)
    place = {label: code for code, label in enumerate(answers.labels)}
    codes = np.array([*(place.get(label, -1) for label in coded.labels), -1], dtype=np.int64)[coded.values]
    known = answers.known() & (codes >= 0)
    return {
        label: calibrated(answers.scores[known, k], (codes[known] == k).astype(np.int64))
        for k, label in enumerate(answers.labels)
    }


def estimate(
    answers: Answers, windows: Sequence[Period], learned: Mapping[str, Calibrator], metrics: Sequence[Any] | None = None
) -> list[MetricScore]:
    """Return the score of each metric that can be estimated, in each period."""
    asked = [name for name in metrics or DEFAULTS if name in cbpe.METRICS]
    positions, known = np.arange(len(answers.predicted)), answers.known()
    scores = []
    for window in windows:
        rows = positions[window.rows]
        rows = rows[known[rows]]
        for name in asked:
            score, error = _estimate(answers, rows, learned, name) if len(rows) else (math.nan, math.nan)
            band = confidence.band(score, error)
            scores.append(MetricScore(window.label, name, score, len(rows), "estimated", *band))
    return scores


def _estimate(
    answers: Answers, rows: npt.NDArray[np.int64], learned: Mapping[str, Calibrator], name: str
) -> tuple[float, float]:
    """Estimate one metric: of the second class when there are two, else one against the rest, averaged."""
    compute = cbpe.metric(name)
    if len(answers.labels) == 2:
        label = answers.labels[1]
        scores, predicted, calibrator = answers.scores[rows, 1], answers.predicted[rows], learned.get(label, IDENTITY)
        return compute(cbpe.expect(scores, predicted, calibrator, name == "roc_auc")), cbpe.sampling_error(
            name, scores, predicted, calibrator
        )
    chances = _normalised(answers, rows, learned)
    right = chances[np.arange(len(rows)), answers.predicted[rows]]
    error = float(np.sqrt(np.sum(right * (1 - right)) + np.var(right) * len(right)) / len(right))
    if name == "accuracy":
        return float(right.mean()), error
    if name == "roc_auc":  # ranked by the model's own scores, as for two classes
        areas = [cbpe.expected_auc(answers.scores[rows, k], chances[:, k]) for k in range(len(answers.labels))]
        return float(np.mean(areas)), error
    single = {"f1_macro": "f1"}.get(name, name)
    each = [
        cbpe.metric(single)(
            cbpe.expect(chances[:, k], (answers.predicted[rows] == k).astype(np.int64), IDENTITY, auc=False)
        )
        for k in range(len(answers.labels))
    ]
    return float(np.mean(each)), error


def _normalised(
    answers: Answers, rows: npt.NDArray[np.int64], learned: Mapping[str, Calibrator]
) -> npt.NDArray[np.float64]:
    chances = np.column_stack(
        [learned.get(label, IDENTITY)(answers.scores[rows, k]) for k, label in enumerate(answers.labels)]
    )
    total = chances.sum(axis=1, keepdims=True)
    return np.where(total > 0, chances / np.where(total > 0, total, 1), 1 / len(answers.labels))
