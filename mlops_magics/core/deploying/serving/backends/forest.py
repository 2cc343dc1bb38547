"""A forest through its own trees: the same sums in the same order, without a thread pool and a check for each tree."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mlops_magics.core.deploying.serving.backends import flat_trees
from mlops_magics.core.deploying.serving.backends.backend import NativeBackend
from mlops_magics.core.deploying.serving.backends.transformers import NotRebuilt, Prepare, split_pipeline
from mlops_magics.core.deploying.validation.layout import Layout, Table

FORESTS = {"RandomForestClassifier", "ExtraTreesClassifier", "RandomForestRegressor", "ExtraTreesRegressor"}
MOST_ROWS = 512
"""From about here on the forest's own loop is as quick, and it uses several processors."""


class ForestBackend:
    """Calls every tree by itself. Large tables go to the model's own method."""

    name = "trees"

    def __init__(self, forest: Any, method: str, prepare: Prepare, own: NativeBackend) -> None:
        self._trees = [tree.tree_ for tree in forest.estimators_]
        self._flat = flat_trees.flat_trees(self._trees)
        self._prepare, self._own = prepare, own
        self._classes = getattr(forest, "classes_", None)
        self._method = method

    def __call__(self, table: Table) -> Any:
        if table.n_rows > MOST_ROWS:
            return self._own(table)
        # trees compare features in single precision
        features = np.ascontiguousarray(self._prepare(table), dtype=np.float32)
        # divided after the sum, as scikit-learn does it, so that the last bit is equal
        total = self._sum(features) / len(self._trees)
        if self._classes is None:
            return total[:, 0]
        return total if self._method == "predict_proba" else self._classes.take(total.argmax(axis=1), axis=0)

    def _sum(self, features: npt.NDArray[np.float32]) -> npt.NDArray[Any]:
        if self._flat is not None and len(features) <= flat_trees.MOST_ROWS and not np.isnan(features).any():
            return self._flat(features)
        total: npt.NDArray[Any] = self._trees[0].predict(features)
        for tree in self._trees[1:]:
            total += tree.predict(features)
        return total


def forest_backend(model: Any, method: str, layout: Layout) -> ForestBackend | None:
    """Return the backend for a forest of one output, alone or behind steps that can be rebuilt."""
    try:
        last, prepare = split_pipeline(model, layout)
    except NotRebuilt:
        return None
    if type(last).__name__ not in FORESTS or type(last).__module__.split(".")[0] != "sklearn":
        return None
    if method not in {"predict", "predict_proba"} or last.n_outputs_ != 1:
        return None
    return ForestBackend(last, method, prepare, NativeBackend(model, method))
