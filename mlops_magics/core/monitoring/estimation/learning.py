"""The facts of a model that are learned when it is pinned, for later estimates of its performance without labels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from mlops_magics.core.monitoring.estimation import dle, estimates
from mlops_magics.core.monitoring.reading import tables
from mlops_magics.core.monitoring.reading.column_values import Column
from mlops_magics.core.monitoring.scoring import outcome_reader
from mlops_magics.core.monitoring.scoring.model_task import ModelTask
from mlops_magics.core.monitoring.scoring.outcomes import Asked
from mlops_magics.errors import InvalidInput

FEWEST_ROWS = 30
"""Held-out rows from which anything can be learned."""
CALIBRATION, LOSS = "calibration", "loss"


def facts(
    X: Any, truth: Any, prediction: Any, probabilities: Mapping[Any, Any] | None = None, task: ModelTask | None = None
) -> dict[str, Any]:
    """Return the facts of a reference profile: a calibration per class, or a model of the errors.

    Parameters
    ----------
    X, truth, prediction
        Features ``(n_samples, n_features)``, truths and predictions, ``(n_samples,)``, of rows that the model was not
        trained on: on those, probabilities are too sure of themselves and errors too small.
    probabilities
        Of a classifier, label to ``(n_samples,)``.
    task
        The task of the model.
    """
    known, guessed = tables.column_of("target", truth), tables.column_of("prediction", prediction)
    if len(known) < FEWEST_ROWS or len(known) != len(guessed):
        return {}
    if probabilities:
        return {CALIBRATION: _calibration(known, guessed, probabilities, task)}
    if not _numbers(known) or not _numbers(guessed):
        return {}
    table = tables.read(X)
    features = {name: table.column(name) for name in table.names}
    return {LOSS: dle.fit(features, guessed.values, known.values).to_json()}


def _calibration(
    truth: Column, prediction: Column, probabilities: Mapping[Any, Any], task: ModelTask | None
) -> dict[str, Any]:
    chances = {label: tables.column_of("probability", values) for label, values in probabilities.items()}
    try:
        found = outcome_reader.build(truth, prediction, chances, Asked(task))
    except InvalidInput:  # truths of other labels, which the metrics of the held-out rows report
        return {}
    return {label: each.to_json() for label, each in estimates.calibrators(found).items()}


def _numbers(column: Column) -> bool:
    present = column.values[np.isfinite(column.values)] if column.kind == "numeric" else np.empty(0)
    return len(present) >= FEWEST_ROWS
