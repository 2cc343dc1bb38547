"""An array instead of a frame, for estimators that turn a frame of numbers into one array anyway."""

from __future__ import annotations

import copy
from typing import Any

from mlops_magics.core.deploying.serving.backends.single_job import with_single_job
from mlops_magics.core.deploying.validation.layout import Layout, Table


class ArrayBackend:
    """Calls a scikit-learn estimator with the matrix. A copy of it is without the names, so that it does not warn."""

    name = "array"

    def __init__(self, model: Any, method: str) -> None:
        self._ask = with_single_job(without_feature_names(model), method)

    def __call__(self, table: Table) -> Any:
        return self._ask(table.array())


def array_backend(model: Any, method: str, layout: Layout) -> ArrayBackend | None:
    """Return the backend where every column is a float64 number and the model's libraries are known to take arrays."""
    if (
        layout.form.kind != "frame"
        or not layout.uniform
        or not hasattr(model, "feature_names_in_")
        or not _is_sklearn(model)
    ):
        return None
    if list(model.feature_names_in_) != list(layout.names):
        return None
    return ArrayBackend(model, method)


def without_feature_names(model: Any) -> Any:
    """Return a shallow copy of a fitted estimator, and of its pipeline's steps, without ``feature_names_in_``."""
    twin = copy.copy(model)
    if "steps" in vars(twin):
        twin.steps = [
            (name, without_feature_names(step) if hasattr(step, "fit") else step) for name, step in twin.steps
        ]
    vars(twin).pop("feature_names_in_", None)
    return twin


def _is_sklearn(model: Any) -> bool:
    return type(model).__module__.split(".")[0] == "sklearn"
