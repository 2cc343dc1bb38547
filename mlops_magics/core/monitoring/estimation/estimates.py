"""Estimated metrics of a classifier, period by period."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from mlops_magics.core.monitoring.estimation import cbpe
from mlops_magics.core.monitoring.estimation.calibration import IDENTITY, MOST_CLASSES, Calibrator, calibrated, together
from mlops_magics.core.monitoring.estimation.cbpe import Chances, Truths
from mlops_magics.core.monitoring.reading.periods import Period
from mlops_magics.core.monitoring.scoring.metric_score import MetricScore
from mlops_magics.core.monitoring.scoring.metrics import identity
from mlops_magics.core.monitoring.scoring.outcomes import Outcomes, Predictions

DEFAULTS = ("accuracy", "f1_macro", "roc_auc")


def calibrators(found: Outcomes) -> dict[str, Calibrator]:
    """Learn one calibrator per class, one against the rest, where the truth is known."""
    scores = found.scores
    if scores is None:
        return {}
    known = found.known & found.predictions.scored()
    classes = found.predictions.task.classes
    held, truth = scores[known, : len(classes)], found.truth[known]
    inside = truth < len(classes)
    if 2 < len(classes) <= MOST_CLASSES and inside.any():
        return dict(zip(classes, together(held[inside], truth[inside])))
    return {label: calibrated(held[:, code], (truth == code).astype(np.int64)) for code, label in enumerate(classes)}


def estimate(
    predictions: Predictions,
    windows: Sequence[Period],
    learned: Mapping[str, Calibrator],
    metrics: Sequence[Any] | None = None,
) -> list[MetricScore]:
    """Return the score of each metric that can be estimated, in each period.

    Parameters
    ----------
    learned
        A calibrator per class. Without one the scores are read as probabilities.
    """
    asked = [name for name in distinct(metrics or DEFAULTS) if identity(name) in cbpe.METRICS]
    scores, classes = predictions.scores, len(predictions.task.classes)
    if scores is None or not asked:
        return []
    maps = [learned.get(label, IDENTITY) for label in predictions.task.classes]
    positions, known = np.arange(len(predictions.estimate)), predictions.scored() & (predictions.estimate < classes)
    found: list[MetricScore] = []
    for window in windows:
        rows = positions[window.rows]
        rows = rows[known[rows]]
        if not len(rows):
            found += [MetricScore(window.label, name, math.nan, 0, "estimated") for name in asked]
            continue
        chances = Chances.of(scores[rows, :classes], predictions.estimate[rows], maps, predictions.positive)
        truths = Truths(chances)
        for name in asked:
            score = cbpe.estimate(identity(name), chances)
            bounds = truths.interval(identity(name), score)
            found.append(MetricScore(window.label, name, score, len(rows), "estimated", *bounds))
    return found


def distinct(metrics: Sequence[Any]) -> list[str]:
    """Return the metrics that have a name, each once whatever it is called."""
    found: dict[str, str] = {}
    for name in metrics:
        if isinstance(name, str):
            found.setdefault(identity(name), name)
    return list(found.values())
