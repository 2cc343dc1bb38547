"""Scikit-learn's metrics by name, and any callable, on truths and predictions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from mlops_magics.core.monitoring.scoring import fast_metrics
from mlops_magics.errors import InvalidInput, MissingDependency, NotFound

Task = Literal["binary", "multiclass", "regression"]
Response = Literal["labels", "scores"]

DEFAULTS: dict[Task, tuple[str, ...]] = {
    "binary": ("accuracy", "f1_macro", "roc_auc"),
    "multiclass": ("accuracy", "f1_macro", "roc_auc"),
    "regression": ("rmse", "mae", "r2"),
}
# short names and scorer names that differ from the function's
_FUNCTIONS = {
    "accuracy": "accuracy_score",
    "auc": "roc_auc_score",
    "average_precision": "average_precision_score",
    "balanced_accuracy": "balanced_accuracy_score",
    "brier_score": "brier_score_loss",
    "explained_variance": "explained_variance_score",
    "f1": "f1_score",
    "jaccard": "jaccard_score",
    "kappa": "cohen_kappa_score",
    "mae": "mean_absolute_error",
    "mape": "mean_absolute_percentage_error",
    "mcc": "matthews_corrcoef",
    "mse": "mean_squared_error",
    "precision": "precision_score",
    "r2": "r2_score",
    "recall": "recall_score",
    "rmse": "root_mean_squared_error",
    "roc_auc": "roc_auc_score",
}
_OF_SCORES = {"roc_auc_score", "average_precision_score", "log_loss", "brier_score_loss", "top_k_accuracy_score"}
_AVERAGED = {"f1_score", "precision_score", "recall_score", "jaccard_score"}
_AVERAGES = ("macro", "micro", "weighted")


@dataclass(frozen=True, slots=True)
class Metric:
    """A named function of truths and predictions, and which predictions it reads."""

    name: str
    compute: Callable[[Any, Any], float]
    response: Response = "labels"


def defaults(task: Task, scored: bool) -> list[str]:
    """Return what is measured when nothing is asked for; ``scored`` when there are probabilities."""
    return [name for name in DEFAULTS[task] if scored or name != "roc_auc"]


def find(metric: str | Callable[..., Any], task: Task) -> Metric:
    """Return a metric by scikit-learn's scorer or function name, or wrap a callable ``f(truth, prediction)``.

    Raises
    ------
    NotFound
        No such metric; the message lists near names.
    """
    if callable(metric):
        return Metric(getattr(metric, "__name__", type(metric).__name__), metric, _response_of(metric))
    if not isinstance(metric, str):
        raise InvalidInput(
            f"A metric is a name such as 'accuracy' or a function of (truth, prediction), not {metric!r}."
        )
    base, options = metric.removeprefix("neg_"), {}
    for average in _AVERAGES:
        if base.endswith(f"_{average}"):
            base, options = base.removesuffix(f"_{average}"), {"average": average}
    function = _function(metric, _FUNCTIONS.get(base, base))
    compute = fast_metrics.of(function.__name__, task, options) or partial(_call, function, task, options)
    if metric.startswith("neg_"):
        return Metric(metric, lambda truth, guess: -compute(truth, guess), _response_of(function))
    return Metric(metric, compute, _response_of(function))


def _function(asked: str, name: str) -> Callable[..., Any]:
    try:
        import sklearn.metrics
    except ImportError as missing:
        raise MissingDependency(f"The metric {asked!r} is scikit-learn's", "scikit-learn") from missing
    for candidate in (name, f"{name}_score"):
        function = getattr(sklearn.metrics, candidate, None)
        if callable(function) and candidate.islower():
            return function  # type: ignore[no-any-return]
    raise NotFound("metric", asked, names())


def names() -> list[str]:
    """Return the names that scikit-learn and we know a metric by."""
    import sklearn.metrics

    return sorted({*_FUNCTIONS, *sklearn.metrics.get_scorer_names()})


def _call(function: Callable[..., Any], task: Task, options: dict[str, Any], truth: Any, guess: Any) -> float:
    name = getattr(function, "__name__", "")
    if name in _AVERAGED:
        options = options or ({"average": "binary"} if task == "binary" else {"average": "macro"})
        options = {**options, "zero_division": 0.0}
    if name == "roc_auc_score" and task == "multiclass":
        options = {"multi_class": "ovr", "labels": np.arange(guess.shape[1])}
    if name == "log_loss":
        options = {"labels": np.arange(guess.shape[1] if guess.ndim > 1 else 2)}
    return float(function(truth, guess, **options))


def _response_of(function: Callable[..., Any]) -> Response:
    import inspect

    if getattr(function, "__name__", "") in _OF_SCORES:
        return "scores"
    try:
        names = list(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return "labels"
    return "scores" if len(names) > 1 and names[1] in ("y_score", "y_proba", "y_prob", "probabilities") else "labels"


def safely(metric: Metric, truth: npt.NDArray[Any], guess: npt.NDArray[Any]) -> float:
    """Return the metric, NaN where it is not defined for these rows (one class only, one row, …)."""
    import warnings

    if not len(truth):
        return float("nan")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return float(metric.compute(truth, guess))
        except (ValueError, ZeroDivisionError, FloatingPointError):
            return float("nan")
