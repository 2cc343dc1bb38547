"""The metrics of a model on held-out data, as monitoring computes them for one period."""

from __future__ import annotations

import math
from typing import Any

from mlops_magics.core.answers import Answers
from mlops_magics.core.monitoring.reading import periods, tables
from mlops_magics.core.monitoring.scoring import outputs, performance
from mlops_magics.core.monitoring.scoring.metric_score import MetricScore
from mlops_magics.core.monitoring.scoring.model_task import ModelTask, of_model
from mlops_magics.core.monitoring.scoring.outcomes import Asked
from mlops_magics.errors import InvalidInput

OF_CLASSES, OF_PROBABILITIES = ("accuracy", "f1_macro"), ("roc_auc", "log_loss")
OF_NUMBERS = ("rmse", "mae", "r2")


def task_of(answers: Answers, truth: Any, positive: Any = None) -> ModelTask:
    """Return the task of a model: a classification with its classes and the positive one, or a regression.

    Parameters
    ----------
    truth
        The target of the rows, ``(n_samples,)`` or ``(n_samples, n_outputs)``.
    positive
        The positive class, where the usual rule does not name it.

    Raises
    ------
    InvalidInput
        The positive class is not one of the classes.
    """
    columns = {} if truth is None else outputs.columns_of(tables.NamedColumns({}), truth, "truth")
    first = next(iter(columns.values()), None)
    found = of_model(answers.labels, answers.classifies, first, answers.positive if positive is None else positive)
    return found if len(columns) < 2 else ModelTask(found.kind, outputs=tuple(columns))


def evaluate(answers: Answers, truth: Any, task: ModelTask | None = None) -> list[MetricScore]:
    """Score a model's predictions for rows that it was not trained on.

    Parameters
    ----------
    truth
        The true values of the rows, ``(n_samples,)``, or ``(n_samples, n_outputs)``.
    task
        The task of the model, by default as the model's tags state it.

    Returns
    -------
    list of MetricScore
        With rows and 95 % interval.
        For a classifier ``accuracy``, ``f1_macro`` and, where it has probabilities, ``roc_auc`` (one against the
        rest) and ``log_loss``. For any other model ``rmse``, ``mae`` and ``r2``. A score that the rows do not define
        is left out.

    Raises
    ------
    InvalidInput
        The number of truths is not the number of rows, or truths and predictions have no label in common.
    """
    rows = 0 if answers.predicted is None else len(answers.predicted)
    if rows != len(truth) or not len(truth):
        raise InvalidInput(f"Test data want one truth for each row: {rows} rows, {len(truth)} truths.")
    nothing = tables.NamedColumns({})
    known = task if task is not None else task_of(answers, truth)
    pairs = outputs.paired(
        outputs.columns_of(nothing, truth, "truth"), outputs.columns_of(nothing, answers.predicted, "prediction")
    )
    several = len(pairs) > 1
    chances = None if several else answers.by_label
    found = performance.read(nothing, pairs, chances, Asked(ModelTask(known.kind) if several else known))
    names = OF_NUMBERS if known.kind == "regression" else OF_CLASSES + (OF_PROBABILITIES if chances else ())
    scores = performance.measure(found, periods.whole(rows), names)
    return [each for each in scores if math.isfinite(each.score)]
