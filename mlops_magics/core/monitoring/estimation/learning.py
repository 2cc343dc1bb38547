"""What is learned of a model's answers when it is pinned, so that its performance can be estimated later without
labels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from mlops_magics.core.monitoring.estimation import dle, estimates
from mlops_magics.core.monitoring.reading import tables
from mlops_magics.core.monitoring.reading.column_values import Column

FEWEST_ROWS = 30  # from which anything can be learned
CALIBRATION, LOSS = "calibration", "loss"


def facts(X: Any, truth: Any, prediction: Any, probabilities: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the facts of a reference profile: a calibration per class, or a model of the errors.

    Parameters
    ----------
    X, truth, prediction
        Features ``(n_samples, n_features)``, what came out and what was predicted, ``(n_samples,)``, of rows that the
        model was not trained on: on those, probabilities are too sure of themselves and errors too small.
    probabilities
        Of a classifier, label to ``(n_samples,)``.
    """
    told, guessed = tables.column_of("target", truth), tables.column_of("prediction", prediction)
    if len(told) < FEWEST_ROWS or len(told) != len(guessed):
        return {}
    if probabilities:
        return {CALIBRATION: calibration(told, guessed, probabilities)}
    if not _numbers(told) or not _numbers(guessed):
        return {}
    table = tables.read(X)
    features = {name: table.column(name) for name in table.names}
    return {LOSS: dle.fit(features, guessed.values, told.values).to_json()}


def calibration(truth: Column, prediction: Column, probabilities: Mapping[str, Any]) -> dict[str, list[list[float]]]:
    """Return one monotone map from score to probability per class."""
    columns = {str(label): tables.column_of("probability", values) for label, values in probabilities.items()}
    answers = estimates.answers_of(prediction, columns)
    learned = estimates.calibrators(answers, truth) if answers is not None else {}
    return {label: [found.scores.tolist(), found.probabilities.tolist()] for label, found in learned.items()}


def _numbers(column: Column) -> bool:
    present = column.values[np.isfinite(column.values)] if column.kind == "numeric" else np.empty(0)
    return len(present) >= FEWEST_ROWS
