"""The metrics by which two models are compared, each as statistics of single rows, so that rows can be resampled."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from mlops_magics.core.monitoring.scoring import metrics
from mlops_magics.core.monitoring.scoring.metric import Metric, is_smaller_better
from mlops_magics.core.monitoring.scoring.model_task import ModelTask, Task
from mlops_magics.errors import InvalidInput

Floats = npt.NDArray[np.float64]
Reads = Literal["labels", "scores", "numbers"]
SMALLEST = 1e-15
"""Probability below which the log loss is cut off, as scikit-learn does for float64."""
MOST_NAMED = 5
"""Classes in a message."""
POINTS = frozenset({"accuracy", "f1", "f1_macro", "precision", "recall", "roc_auc", "balanced_accuracy", "brier"})
"""Metrics between 0 and 1, whose margins are absolute. The margin of any other is a share of the champion's score."""


@dataclass(frozen=True, slots=True)
class RowMetric:
    """A metric that is a function of sums over the rows.

    Attributes
    ----------
    rows
        Truth and prediction to the statistics of each row, ``(n_samples, n_statistics)``.
    value
        Their sums (or weighted sums, ``(…, n_statistics)``) to the metric.
    is_mean
        Whether the metric is the mean of one statistic.
    """

    reads: Reads
    rows: Callable[[Any, Any], Floats]
    value: Callable[[Floats], Floats]
    is_mean: bool = False


def greater_is_better(name: str) -> bool:
    """Return the direction of a metric by its name."""
    return not is_smaller_better(name)


def defaults(task: Task, scored: bool, rarest: float) -> list[str]:
    """Return the metrics of a comparison, the deciding one first.

    Accuracy decides for classes, AUC where the rarer of two classes has less than a tenth of the rows and there are
    probabilities: there accuracy hardly moves. The root mean squared error decides for numbers.

    Parameters
    ----------
    scored
        Whether there are probabilities.
    rarest
        The share of the rarest class.
    """
    if task == "regression":
        return ["rmse", "mae", "r2"]
    shown = ["accuracy", "f1_macro"]
    if scored and task == "binary":
        return ["roc_auc", *shown, "brier", "log_loss"] if rarest < RARE else [*shown, "roc_auc", "brier", "log_loss"]
    return [*shown, "brier", "log_loss"] if scored else shown


RARE = 0.1
"""Share of the rarer class below which AUC decides."""


def row_metric(name: str, task: Task) -> RowMetric | None:
    """Return a metric as statistics of rows, or None for one that is computed from all rows at once."""
    return (_OF_NUMBERS if task == "regression" else _OF_CLASSES).get(name)


def any_metric(name: str) -> Metric:
    """Return a metric by scikit-learn's name.

    Raises
    ------
    NotFound
    """
    return metrics.find(name)


def check(names: Iterable[str | None], task: ModelTask | None = None) -> None:
    """Check names of metrics that both models are compared by. None is the task's usual metric.

    Parameters
    ----------
    task
        The task of the model, or None where it is not known. Classes that are numbers, such as grades, have errors.

    Raises
    ------
    NotFound, InvalidInput
        A metric does not exist, or is not defined for the model's task.
    """
    for name in names:
        found = any_metric(name) if name else None
        if found is None or task is None or found.kind in (None, task.kind):
            continue
        if found.kind == "classification":
            raise InvalidInput(f"{name} is a metric of classes, and this model answers numbers. Name rmse, mae or r2.")
        if task.classes and not all(map(_is_number, task.classes)):
            raise InvalidInput(
                f"{name} is a metric of numbers, and this model answers {', '.join(task.classes[:MOST_NAMED])}. Name "
                "accuracy, roc_auc or f1_macro."
            )


def _is_number(label: str) -> bool:
    try:
        float(label)
    except ValueError:
        return False
    return True


def _column(values: Any) -> Floats:
    return np.asarray(values, dtype=np.float64)[:, None]


def _with_count(*columns: Any) -> Floats:
    parts = [np.asarray(each, dtype=np.float64) for each in columns]
    return np.column_stack([*parts, np.ones(len(parts[0]))])


def _mean(sums: Floats) -> Floats:
    return np.asarray(sums[..., 0] / sums[..., -1])


def _ratio(part: Floats, whole: Floats) -> Floats:
    return np.asarray(np.where(whole > 0, part / np.where(whole > 0, whole, 1), 0.0))


def _chance_of_truth(truth: Any, scores: Any) -> Floats:
    if scores.ndim == 1:
        return np.asarray(np.where(truth == 1, scores, 1 - scores), dtype=np.float64)
    return np.asarray(scores[np.arange(len(truth)), truth])


def _log_loss(truth: Any, scores: Any) -> Floats:
    # one sure and wrong answer is infinite, and would decide the mean of all rows
    return _with_count(-np.log(np.clip(_chance_of_truth(truth, scores), SMALLEST, 1.0)))


def _brier(truth: Any, scores: Any) -> Floats:
    if scores.ndim == 1:
        return _with_count((scores - (truth == 1)) ** 2)
    hit = truth[:, None] == np.arange(scores.shape[1])
    return _with_count(((scores - hit) ** 2).sum(axis=1))


def _counts(truth: Any, estimate: Any) -> Floats:
    """Return three columns for each class: whether it was right, answered and true."""
    # at least two columns, so that `_of_second` finds the second class where only the first was seen
    classes = np.arange(max(int(truth.max(initial=0)), int(estimate.max(initial=0)), 1) + 1)
    answered, happened = estimate[:, None] == classes, truth[:, None] == classes
    return np.hstack([answered & happened, answered, happened]).astype(np.float64)


def _f1_macro(sums: Floats) -> Floats:
    right, answered, happened = np.split(sums, 3, axis=-1)
    present = (answered + happened) > 0
    return np.asarray((_ratio(2 * right, answered + happened) * present).sum(-1) / np.maximum(present.sum(-1), 1))


def _recall_macro(sums: Floats) -> Floats:
    right, _, happened = np.split(sums, 3, axis=-1)
    present = happened > 0
    return np.asarray((_ratio(right, happened) * present).sum(-1) / np.maximum(present.sum(-1), 1))


def _of_second(formula: Callable[[Floats, Floats, Floats], Floats]) -> Callable[[Floats], Floats]:
    """Return a metric of the second class alone."""

    def value(sums: Floats) -> Floats:
        right, answered, happened = np.split(sums, 3, axis=-1)
        return formula(right[..., 1], answered[..., 1], happened[..., 1])

    return value


def _r2_rows(truth: Any, guess: Any) -> Floats:
    # about the mean, which the spread does not depend on: squares of large truths would cancel its digits
    centred = truth - np.sum(truth) / max(len(truth), 1)
    return _with_count((truth - guess) ** 2, centred, centred**2)


def _r2(sums: Floats) -> Floats:
    squared, total, squares, count = (sums[..., place] for place in range(4))
    whole = squares - total**2 / count
    return np.asarray(np.where(whole > 0, 1 - squared / np.where(whole > 0, whole, 1), np.nan))


def _f1(right: Floats, answered: Floats, happened: Floats) -> Floats:
    return _ratio(2 * right, answered + happened)


_OF_CLASSES: dict[str, RowMetric] = {
    "accuracy": RowMetric("labels", lambda truth, guess: _with_count(truth == guess), _mean, is_mean=True),
    "brier": RowMetric("scores", _brier, _mean, is_mean=True),
    "brier_score": RowMetric("scores", _brier, _mean, is_mean=True),
    "log_loss": RowMetric("scores", _log_loss, _mean, is_mean=True),
    "f1_macro": RowMetric("labels", _counts, _f1_macro),
    "balanced_accuracy": RowMetric("labels", _counts, _recall_macro),
    "recall_macro": RowMetric("labels", _counts, _recall_macro),
    "f1": RowMetric("labels", _counts, _of_second(_f1)),
    "precision": RowMetric("labels", _counts, _of_second(lambda right, answered, happened: _ratio(right, answered))),
    "recall": RowMetric("labels", _counts, _of_second(lambda right, answered, happened: _ratio(right, happened))),
}  # fmt: skip
_OF_NUMBERS: dict[str, RowMetric] = {
    "mae": RowMetric("numbers", lambda truth, guess: _with_count(np.abs(truth - guess)), _mean, is_mean=True),
    "mse": RowMetric("numbers", lambda truth, guess: _with_count((truth - guess) ** 2), _mean, is_mean=True),
    "rmse": RowMetric(
        "numbers", lambda truth, guess: _with_count((truth - guess) ** 2), lambda sums: np.sqrt(_mean(sums))
    ),
    "r2": RowMetric("numbers", _r2_rows, _r2),
}
