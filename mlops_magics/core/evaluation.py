"""A model's metrics on held-out data, under the names that monitoring uses, so that both can be laid side by side."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator
from typing import Any

from mlops_magics.errors import InvalidInput, MissingDependency

Score = tuple[str, Callable[[], float]]


def evaluate(model: Any, X: Any, y: Any) -> dict[str, float]:
    """Score a fitted model on data that it has not seen.

    Parameters
    ----------
    X, y
        Rows ``(n_samples, n_features)`` and what came out, ``(n_samples,)``.

    Returns
    -------
    dict
        For a classifier ``accuracy``, ``f1_macro`` and, where it tells probabilities, ``roc_auc`` (one against the
        rest) and ``log_loss``; for any other model ``rmse``, ``mae`` and ``r2``. What they do not define is left out.

    Raises
    ------
    InvalidInput
        The model cannot predict these rows, or there are not as many truths as rows.
    MissingDependency
        scikit-learn, which computes them, is not installed.
    """
    try:
        import sklearn.metrics  # noqa: F401 - asked first, so that its absence is told before the model is
    except ImportError as missing:
        raise MissingDependency(
            "Metrics of --test are scikit-learn's. To fix it: `pip install scikit-learn`."
        ) from missing
    predicted = _predicted(model, X, y)
    scores = _of_classes(model, X, y, predicted) if _classifies(model, y) else _of_numbers(y, predicted)
    return dict(_defined(scores))


def _predicted(model: Any, X: Any, y: Any) -> Any:
    try:
        predicted = model.predict(X)
    except Exception as fault:
        raise InvalidInput(f"The model cannot predict the test rows: {type(fault).__name__}: {fault}") from fault
    if len(predicted) != len(y) or not len(y):
        raise InvalidInput(f"Test data want one truth for each row: {len(predicted)} rows, {len(y)} truths.")
    return predicted


def _classifies(model: Any, y: Any) -> bool:
    """Ask the model; where it does not say, words, truth values and categories are classes."""
    from sklearn.base import is_classifier, is_regressor

    if hasattr(model, "__sklearn_tags__") and (is_classifier(model) or is_regressor(model)):
        return bool(is_classifier(model))
    import pandas as pd

    truths = pd.Series(y)
    measured = pd.api.types.is_numeric_dtype(truths) and not pd.api.types.is_bool_dtype(truths)
    return hasattr(model, "predict_proba") or not measured


def _of_classes(model: Any, X: Any, y: Any, predicted: Any) -> Iterator[Score]:
    from sklearn import metrics

    yield "accuracy", lambda: metrics.accuracy_score(y, predicted)
    yield "f1_macro", lambda: metrics.f1_score(y, predicted, average="macro", zero_division=0.0)
    if hasattr(model, "predict_proba") and hasattr(model, "classes_"):
        probabilities, labels = model.predict_proba(X), list(model.classes_)
        scores = probabilities[:, 1] if len(labels) == 2 else probabilities
        yield "roc_auc", lambda: metrics.roc_auc_score(y, scores, multi_class="ovr", labels=labels)
        yield "log_loss", lambda: metrics.log_loss(y, probabilities, labels=labels)


def _of_numbers(y: Any, predicted: Any) -> Iterator[Score]:
    from sklearn import metrics

    yield "rmse", lambda: metrics.root_mean_squared_error(y, predicted)
    yield "mae", lambda: metrics.mean_absolute_error(y, predicted)
    yield "r2", lambda: metrics.r2_score(y, predicted)


def _defined(scores: Iterator[Score]) -> Iterator[tuple[str, float]]:
    """Compute each; one class only or one row only leaves some without a meaning."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, compute in scores:
            try:
                score = float(compute())
            except ValueError:
                continue
            if math.isfinite(score):
                yield name, score
