"""A model's metrics on held-out data, under the names that monitoring uses, so that both can be laid side by side."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator
from typing import Any

from mlops_magics.core.answers import Answers
from mlops_magics.errors import InvalidInput, MissingDependency

Score = tuple[str, Callable[[], float]]


def evaluate(answers: Answers, truth: Any) -> dict[str, float]:
    """Score a model's answers to rows that it was not trained on.

    Parameters
    ----------
    truth
        The true values of the rows, ``(n_samples,)``.

    Returns
    -------
    dict
        For a classifier ``accuracy``, ``f1_macro`` and, where it has probabilities, ``roc_auc`` (one against the
        rest) and ``log_loss``; for any other model ``rmse``, ``mae`` and ``r2``. A score that the rows do not define
        is left out.

    Raises
    ------
    InvalidInput
        The number of truths is not the number of rows.
    MissingDependency
        scikit-learn, which computes them, is not installed.
    """
    try:
        import sklearn.metrics  # noqa: F401 - imported first, so that its absence has an error of its own
    except ImportError as missing:
        raise MissingDependency("The metrics of --test are scikit-learn's", "scikit-learn") from missing
    rows = 0 if answers.predicted is None else len(answers.predicted)
    if rows != len(truth) or not len(truth):
        raise InvalidInput(f"Test data want one truth for each row: {rows} rows, {len(truth)} truths.")
    scores = _of_classes(answers, truth) if _classifies(answers, truth) else _of_numbers(truth, answers.predicted)
    return dict(_defined(scores))


def _classifies(answers: Answers, truth: Any) -> bool:
    """Ask the model; where it does not state it, texts, booleans and categories are classes."""
    if answers.classifies is not None:
        return answers.classifies
    import pandas as pd

    truths = pd.Series(truth)
    measured = pd.api.types.is_numeric_dtype(truths) and not pd.api.types.is_bool_dtype(truths)
    return not measured


def _of_classes(answers: Answers, y: Any) -> Iterator[Score]:
    from sklearn import metrics

    predicted = answers.predicted
    yield "accuracy", lambda: metrics.accuracy_score(y, predicted)
    yield "f1_macro", lambda: metrics.f1_score(y, predicted, average="macro", zero_division=0.0)
    if answers.classes is not None:
        probabilities, labels = answers.probabilities, list(answers.classes)
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
