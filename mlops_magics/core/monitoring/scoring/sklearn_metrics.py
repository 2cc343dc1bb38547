"""Metrics that scikit-learn computes, and callables, with their inputs."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from mlops_magics.core.monitoring.scoring import number_metrics
from mlops_magics.core.monitoring.scoring.intervals import Scale
from mlops_magics.core.monitoring.scoring.metric import Metric, is_smaller_better
from mlops_magics.core.monitoring.scoring.metric_rows import MetricRows
from mlops_magics.core.monitoring.scoring.model_task import Kind
from mlops_magics.errors import InvalidInput, MissingDependency, NotFound

AVERAGES = ("macro", "micro", "weighted", "samples")
# fmt: off
OF_NUMBERS = frozenset({
    "mean_absolute_error", "mean_squared_error", "root_mean_squared_error", "mean_absolute_percentage_error",
    "median_absolute_error", "mean_squared_log_error", "root_mean_squared_log_error", "max_error", "r2_score",
    "explained_variance_score", "mean_pinball_loss", "mean_poisson_deviance", "mean_gamma_deviance",
    "mean_tweedie_deviance", "d2_absolute_error_score", "d2_pinball_score", "d2_tweedie_score",
})
"""Functions of scikit-learn that are defined for numbers."""
OF_SCORES = frozenset({
    "roc_auc_score", "average_precision_score", "log_loss", "brier_score_loss", "top_k_accuracy_score",
    "d2_log_loss_score", "d2_brier_score", "hinge_loss", "ndcg_score", "dcg_score",
})
"""Functions of scikit-learn that read probabilities."""
# fmt: on
CORRELATIONS = frozenset({"matthews_corrcoef", "cohen_kappa_score"})
"""Functions of scikit-learn between −1 and 1."""
UNBOUNDED = frozenset({"hinge_loss", "dcg_score"})
"""Functions of scikit-learn for classes that are 0 or more."""
SCORE_NAMES = ("y_score", "y_proba", "y_prob", "y_pred_proba", "probabilities", "proba", "scores")
"""Names of the second parameter of a callable that reads probabilities."""


def of_callable(function: Callable[..., Any]) -> Metric:
    """Wrap a function of (truth, prediction). The name of its second parameter selects labels or probabilities."""
    name = str(getattr(function, "__name__", type(function).__name__))
    score_function = getattr(function, "_score_func", None)  # a scorer of scikit-learn's make_scorer
    if score_function is not None:
        return _of_scorer(function, score_function)
    scored = name in OF_SCORES or _second_parameter(function) in SCORE_NAMES
    smaller = not function.greater_is_better if hasattr(function, "greater_is_better") else is_smaller_better(name)

    def measure(rows: MetricRows) -> float:
        if scored:
            rows = rows.scored
            return float(function(rows.labels(rows.truth), rows.of_positive() if rows.binary else rows.scores))
        return float(function(rows.labels(rows.truth), rows.labels(rows.estimate)))

    kind: Kind | None = "regression" if name in OF_NUMBERS else "classification" if scored else None
    return Metric(name, measure, kind, scored, smaller_is_better=bool(smaller))


def _of_scorer(scorer: Any, function: Callable[..., Any]) -> Metric:
    found = of_callable(function)
    options, sign = dict(getattr(scorer, "_kwargs", {})), int(getattr(scorer, "_sign", 1))
    scored = "predict" not in str(getattr(scorer, "_response_method", "predict")).split("'") and found.needs_scores

    def measure(rows: MetricRows) -> float:
        guess: Any = rows.labels(rows.estimate)
        if scored:
            guess = rows.of_positive() if rows.binary else rows.scores
        return sign * float(function(rows.labels(rows.truth), guess, **options))

    return replace(found, measure=measure, needs_scores=scored, smaller_is_better=False)


def _second_parameter(function: Callable[..., Any]) -> str:
    try:
        parameters = list(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return ""
    return parameters[1] if len(parameters) > 1 else ""


def of_name(asked: str, bare: str, known: Callable[[], list[str]]) -> Metric:
    """Return a metric that scikit-learn computes, on codes of classes or on numbers.

    Parameters
    ----------
    asked, bare
        The name as the user wrote it, and without sign and short forms.
    known
        The names of all metrics, for the error.

    Raises
    ------
    InvalidInput, NotFound
        The metric is for several labels per row, or its name is unknown.
    MissingDependency
        scikit-learn is not installed.
    """
    function, options = _function(asked, bare, known)
    name = function.__name__
    if options.get("average") == "samples":
        raise InvalidInput(f"{asked!r} is defined for several labels per row, and these data have one.")
    numbers, scored = name in OF_NUMBERS, name in OF_SCORES
    binary = "average" in inspect.signature(function).parameters and "average" not in options and not scored
    return Metric(
        asked,
        lambda rows: _call(function, options, rows, numbers=numbers, scored=scored, binary=binary),
        "regression" if numbers else "classification",
        scored,
        binary or "pos_label" in inspect.signature(function).parameters,
        is_smaller_better(name),
        number_metrics.BOUNDS.get(name),
        _scale(name),
    )


def _scale(name: str) -> Scale:
    """Return the values that a function of scikit-learn can have."""
    if name in CORRELATIONS:
        return "correlation"
    if name in UNBOUNDED or name in OF_NUMBERS:
        return "error" if name in UNBOUNDED or is_smaller_better(name) else "gain"
    return "gain" if name.startswith("d2_") else "share"


def _function(asked: str, bare: str, known: Callable[[], list[str]]) -> tuple[Callable[..., Any], dict[str, Any]]:
    try:
        import sklearn.metrics
    except ImportError as missing:
        raise MissingDependency(f"The metric {asked!r} is scikit-learn's", "scikit-learn") from missing
    if asked in sklearn.metrics.get_scorer_names():
        scorer = sklearn.metrics.get_scorer(asked)
        # the positive class is the model's, and not the larger label
        options = {key: value for key, value in scorer._kwargs.items() if (key, value) != ("average", "binary")}
        options.pop("pos_label", None)
        return scorer._score_func, options
    options = {}
    for average in AVERAGES:
        if bare.endswith(f"_{average}"):
            bare, options = bare.removesuffix(f"_{average}"), {"average": average}
    for candidate in (bare, f"{bare}_score"):
        function = getattr(sklearn.metrics, candidate, None)
        # not a class, such as a display of a curve
        if inspect.isfunction(function) and candidate.islower():
            return function, options
    raise NotFound("metric", asked, known())


def _call(
    function: Callable[..., Any],
    options: Mapping[str, Any],
    rows: MetricRows,
    *,
    numbers: bool,
    scored: bool,
    binary: bool,
) -> float:
    """Call a function of scikit-learn with the answers that it reads."""
    if numbers:
        truth, guess = (np.asarray(rows.labels(each), dtype=np.float64) for each in (rows.truth, rows.estimate))
        return float(function(truth, guess, **options))
    given = dict(options)
    accepted = inspect.signature(function).parameters
    if "zero_division" in accepted:
        # scikit-learn's own default has the same value, with a warning
        given["zero_division"] = 0.0
    if not scored:
        if binary and rows.binary:
            given |= {
                "average": "binary",
                "pos_label": len(rows.values) - 1 if rows.positive is None else rows.positive,
            }
        elif binary:
            given |= {"average": "macro"}
        return float(function(rows.truth, rows.estimate, **given))
    rows = rows.scored
    assert rows.scores is not None
    if rows.binary and function.__name__ not in ("d2_log_loss_score", "d2_brier_score"):
        given.pop("multi_class", None)
        happened = (rows.truth == rows.positive_code).astype(np.int64)
        given |= {"labels": [0, 1]} if function.__name__ in ("log_loss", "top_k_accuracy_score") else {}
        return float(function(happened, rows.of_positive(), **given))
    if "labels" in accepted:
        # a class may be missing from these rows
        given["labels"] = np.arange(rows.scores.shape[1])
    if function.__name__ == "roc_auc_score":
        given = {"multi_class": "ovr"} | given
    return float(function(rows.truth, rows.scores, **given))
