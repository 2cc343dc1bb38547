"""Metrics by scikit-learn's names, by short names, and of any callable, with their inputs and directions."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from mlops_magics.core.monitoring.scoring import class_metrics, number_metrics, probability_metrics, sklearn_metrics
from mlops_magics.core.monitoring.scoring.class_metrics import F1, PRECISION, RECALL
from mlops_magics.core.monitoring.scoring.intervals import Interval
from mlops_magics.core.monitoring.scoring.metric import ALIASES, Metric
from mlops_magics.core.monitoring.scoring.metric_rows import MetricRows
from mlops_magics.core.monitoring.scoring.model_task import Kind, Task
from mlops_magics.errors import InvalidInput

DEFAULTS: dict[Task, tuple[str, ...]] = {
    "binary": ("accuracy", "f1_macro", "roc_auc"),
    "multiclass": ("accuracy", "f1_macro", "roc_auc"),
    "regression": ("rmse", "mae", "r2"),
}
OF_PARTITIONS = frozenset({
    "adjusted_mutual_info", "adjusted_rand", "completeness", "fowlkes_mallows", "homogeneity", "mutual_info",
    "normalized_mutual_info", "rand", "v_measure",
})  # fmt: skip
"""Metrics of clusters, by `identity`."""
RATIOS = {"precision": PRECISION, "recall": RECALL, "f1": F1}


def defaults(task: Task, scored: bool) -> list[str]:
    """Return the metrics by default. ``scored`` is whether there are probabilities."""
    return [name for name in DEFAULTS[task] if scored or name != "roc_auc"]


def find(metric: str | Callable[..., Any], smaller_is_better: Iterable[str] = ()) -> Metric:
    """Return a metric by scikit-learn's scorer or function name, or a callable ``f(truth, prediction)``.

    Parameters
    ----------
    smaller_is_better
        Names of further metrics that are better when they are smaller.

    Raises
    ------
    NotFound
        The metric is unknown. The message lists near names.
    """
    if callable(metric):
        found = sklearn_metrics.of_callable(metric)
    elif isinstance(metric, str):
        found = _of_name(spelled(metric))
    else:
        raise InvalidInput(
            f"A metric is a name such as 'accuracy' or a function of (truth, prediction), not {metric!r}."
        )
    return replace(found, smaller_is_better=True) if found.name in tuple(smaller_is_better) else found


def spelled(asked: str) -> str:
    """Return the name of a metric that is written in other letters: ``ROC AUC``, ``Mean Absolute Error``, ``f1-score``.

    A name that is known as it is, or not known at all, is returned as it is.
    """
    in_code = asked == asked.casefold().strip() and "_" in asked
    if asked in OWN or asked in ALIASES or in_code:
        return asked
    known = names()
    held = {_letters(form): name for name in known for form in (name.removeprefix("neg_"), name)}
    found = held.get(_letters(asked)) or held.get(_letters(asked).removesuffix("score"))
    if found is None or asked in known:
        return asked
    return found if _letters(asked).startswith("neg") else found.removeprefix("neg_")


def _letters(name: str) -> str:
    """Return the letters and digits of a name, small: ``R²`` and ``r^2`` are ``r2``."""
    return re.sub(r"[^a-z0-9]", "", unicodedata.normalize("NFKC", name).casefold())


def identity(name: str) -> str:
    """Return one name for all names of a metric: ``rmse`` and ``root_mean_squared_error``, ``r2`` and ``r2_score``."""
    sign = "neg_" if name.startswith("neg_") else ""
    base, bracket, output = name.removeprefix("neg_").partition("[")
    return sign + ALIASES.get(base, base).removesuffix("_score") + bracket + output


def kind_of(names: Iterable[Any] | None) -> Kind | None:
    """Return the kind of task that all named metrics are defined for, or ``None`` where they do not decide."""
    kinds = set()
    for name in names or ():
        if isinstance(name, str):
            kinds.add(find(name).kind)
    kinds.discard(None)
    return kinds.pop() if len(kinds) == 1 else None


def are_of_partitions(names: Iterable[Any] | None) -> bool:
    """Return whether all named metrics compare how rows are grouped, whatever the groups are called."""
    asked = list(names or ())
    return bool(asked) and all(isinstance(name, str) and identity(name) in OF_PARTITIONS for name in asked)


def names() -> list[str]:
    """Return the names of a metric in scikit-learn and here."""
    try:
        import sklearn.metrics
    except ImportError:
        return sorted({*OWN, *ALIASES})
    return sorted({*OWN, *ALIASES, *sklearn.metrics.get_scorer_names()})


def _own() -> dict[str, Metric]:
    found = [
        Metric("accuracy", class_metrics.accuracy, "classification", bounds=class_metrics.accuracy_interval),
        Metric("balanced_accuracy", class_metrics.balanced_accuracy, "classification",
               bounds=_recalls_interval),
        Metric("roc_auc", probability_metrics.auc, "classification", True, bounds=probability_metrics.auc_interval),
        Metric("log_loss", probability_metrics.log_loss, "classification", True, smaller_is_better=True,
               bounds=probability_metrics.log_loss_interval),
        Metric("brier_score_loss", probability_metrics.brier, "classification", True, smaller_is_better=True,
               bounds=probability_metrics.brier_interval),
        Metric("mean_squared_error", number_metrics.mse, "regression", smaller_is_better=True,
               bounds=number_metrics.mse_interval, scale="error"),
        Metric("root_mean_squared_error", number_metrics.rmse, "regression", smaller_is_better=True,
               bounds=number_metrics.rmse_interval, scale="error"),
        Metric("mean_absolute_error", number_metrics.mae, "regression", smaller_is_better=True,
               bounds=number_metrics.mae_interval, scale="error"),
        Metric("r2", number_metrics.r2, "regression", bounds=number_metrics.r2_interval, scale="gain"),
    ]  # fmt: skip
    for name, ratio in RATIOS.items():
        for average in (None, "macro", "micro", "weighted"):
            measure, bounds = class_metrics.of_ratio(ratio, average)
            whole = name if average is None else f"{name}_{average}"
            found.append(Metric(whole, measure, "classification", needs_positive=average is None, bounds=bounds))
    return {metric.name: metric for metric in found}


def _recalls_interval(rows: MetricRows, score: float) -> Interval:
    return class_metrics.macro_interval(RECALL, rows, score)


OWN = _own()
"""Metrics that are computed here, by the name of the scorer or function."""


def _of_name(asked: str) -> Metric:
    bare = asked.removeprefix("neg_")
    found = OWN.get(bare) or OWN.get(ALIASES.get(bare, bare)) or OWN.get(bare.removesuffix("_score"))
    found = found or sklearn_metrics.of_name(asked, ALIASES.get(bare, bare), names)
    if not asked.startswith("neg_"):
        return replace(found, name=asked)
    return _negated(asked, found)


def _negated(name: str, metric: Metric) -> Metric:
    """Return the negative of a loss, which is better when it is larger."""

    def bounds(rows: MetricRows, score: float) -> Interval:
        low, high = metric.interval(rows, -score)
        return -high, -low

    return replace(
        metric,
        name=name,
        measure=lambda rows: -metric.measure(rows),
        smaller_is_better=False,
        bounds=bounds,
        scale="free",
    )
