"""A linear model as one product and one sum, without the checks that the endpoint has made already."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from mlops_magics.core.deploying.serving.backends.backend import NativeBackend
from mlops_magics.core.deploying.serving.backends.transformers import NotRebuilt, Prepare, split_pipeline
from mlops_magics.core.deploying.validation.layout import Layout, Table

Array = npt.NDArray[Any]
Finish = Callable[[Array], Array]
"""From the scores ``(n_rows,)`` or ``(n_rows, n_outputs)`` to the method's answer."""


class LinearBackend:
    """Computes the scores by itself. Rows that are not finite go to the model's own method, which refuses them."""

    name = "linear"

    def __init__(self, last: Any, prepare: Prepare, finish: Finish, own: NativeBackend) -> None:
        self._weights = np.ascontiguousarray(last.coef_.T)
        self._intercept = last.intercept_
        self._prepare, self._finish, self._own = prepare, finish, own

    def __call__(self, table: Table) -> Any:
        features = self._prepare(table)
        if not np.isfinite(features).all():
            return self._own(table)
        return self._finish(features @ self._weights + self._intercept)


def linear_backend(model: Any, method: str, layout: Layout) -> LinearBackend | None:
    """Return the backend for a model of `sklearn.linear_model`, alone or behind steps that can be rebuilt."""
    try:
        last, prepare = split_pipeline(model, layout)
    except NotRebuilt:
        return None
    finish = FINISHES.get(_inherited(last, method))
    if finish is None or not isinstance(getattr(last, "coef_", None), np.ndarray):
        return None
    if hasattr(last, "decision_function") and _inherited(last, "decision_function") not in FINISHES:
        return None
    return LinearBackend(last, prepare, finish(last), NativeBackend(model, method))


def _inherited(last: Any, method: str) -> str:
    """Return which method of scikit-learn's linear models this one is, with its class."""
    function: Any = getattr(type(last), method, None)
    return function.__qualname__ if getattr(function, "__module__", "").startswith("sklearn.linear_model") else ""


def _flat(scores: Array) -> Array:
    return scores.ravel() if scores.ndim > 1 and scores.shape[1] == 1 else scores


def _label(scores: Array, classes: Array) -> Array:
    # a score of 0 is the first class, as in scikit-learn
    return classes.take((scores > 0).astype(np.intp) if scores.ndim == 1 else scores.argmax(axis=1), axis=0)


def _probabilities(scores: Array) -> Array:
    from scipy.special import expit, softmax

    if scores.ndim > 1:
        return np.asarray(softmax(scores, axis=1))
    likely = expit(scores)
    return np.stack([1 - likely, likely], axis=1)


FINISHES: dict[str, Callable[[Any], Finish]] = {
    **dict.fromkeys(
        (
            "LinearModel.predict",
            "MultiOutputLinearModel.predict",
            "BaseSGDRegressor.predict",
            "BayesianRidge.predict",
            "ARDRegression.predict",
            "Ridge.predict",
            "RidgeCV.predict",
        ),
        lambda last: lambda scores: scores,
    ),
    "LinearClassifierMixin.decision_function": lambda last: _flat,
    "LinearClassifierMixin.predict": lambda last: lambda scores: _label(_flat(scores), last.classes_),
    "LogisticRegression.predict_proba": lambda last: lambda scores: _probabilities(_flat(scores)),
}
"""By the method that a model inherits from scikit-learn, given the model, the function of its scores."""
