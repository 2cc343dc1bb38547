"""Decision trees: a node array that lies is refused before a tree is built from it."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from mlops_magics.core.versioning.formats.nodes.decision_trees import DEEPEST, depths_of
from mlops_magics.errors import SerializationError
from tests.core.versioning.formats import safe_models
from tests.core.versioning.formats.nodes.forged_files import forged, read, setting

pytestmark = pytest.mark.filterwarnings("ignore")

LIES: dict[str, tuple[Any, str]] = {
    "a child beyond the array": (setting("estimators_.nodes.left_child.0", 10**6), "a child is outside its tree"),
    "a child of another tree": (setting("estimators_.nodes.right_child.0", 40), "exactly one parent|outside its tree"),
    "a negative child": (setting("estimators_.nodes.right_child.0", -7), "a child is outside its tree"),
    "a child before its parent": (setting("estimators_.nodes.left_child.1", 0), "before its parent"),
    "its own child": (setting("estimators_.nodes.left_child.0", 0), "before its parent"),
    "a leaf with one child": (setting("estimators_.nodes.left_child.0", -1), "a leaf has a right child"),
    "a feature beyond the model's": (
        setting("estimators_.nodes.feature.0", 6),
        "a feature that the model does not have",
    ),
    "a negative feature": (setting("estimators_.nodes.feature.0", -1), "a feature that the model does not have"),
    "no threshold": (setting("estimators_.nodes.threshold.0", np.nan), "a threshold is not a number"),
    "an unknown direction": (setting("estimators_.nodes.missing_go_to_left.0", 9), "a direction of missing values"),
    "an infinite value": (setting("estimators_.values", np.full((1, 1, 3), np.inf)), "another shape|not finite"),
    "too few values": (setting("estimators_.values", np.zeros((1, 1, 3))), "the value array has another shape"),
    "values of another type": (setting("estimators_.values", np.zeros((1, 1, 3), "f4")), "has the dtype float32"),
    "more features than the forest": (setting("estimators_.n_features", 60), "other features than its estimator"),
    "more classes than values": (setting("estimators_.n_classes", np.array([30])), "the value array has another shape"),
    "no classes": (setting("estimators_.n_classes", np.array([0])), "a number of classes is not valid"),
    "too shallow": (setting("estimators_.max_depth.0", 1), "a depth is not that of the tree"),
    "too deep": (setting("estimators_.max_depth.0", 10**9), "a depth is not that of the tree"),
    "a tree without nodes": (setting("estimators_.counts.0", 0), "a number of nodes is not valid"),
    "counts that do not add up": (setting("estimators_.counts.0", 3), "do not add up"),
    "counts that overflow": (setting("estimators_.counts.0", 2**62), "a number of nodes is not valid"),
    "another class": (setting("estimators_.class", "os.system"), "is not a decision tree"),
    "an attribute of too few trees": (setting("estimators_.columns.random_state", [1]), "not given for each tree"),
    "a hidden method": (setting("estimators_.common._validate_X_predict", np.positive), "hides"),
    "other features than its trees": (setting("n_features_in_", 7), "other features than its ensemble"),
    "no number of features": (setting("n_features_in_", None), "the number of features is not an integer"),
    "a list of something else": (setting("estimators_", [1, 2]), "an ensemble holds no fitted tree"),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_forest_that_lies_is_refused(lie: str) -> None:
    """The message names what is wrong."""
    change, message = LIES[lie]

    with pytest.raises(SerializationError, match=message):
        read(forged("forest", change))


def test_a_hidden_method_of_the_forest_is_refused() -> None:
    """An attribute that replaces the check of the input would let any number of columns through."""
    with pytest.raises(SerializationError, match=re.escape("hides RandomForestClassifier._validate_X_predict")):
        read(forged("forest", setting("_validate_X_predict", np.positive)))


def test_the_node_array_of_another_version_of_scikit_learn_is_refused() -> None:
    """A record with other fields is not cast."""

    def change(model: Any) -> None:
        nodes = model.estimators_["nodes"]
        model.estimators_["nodes"] = nodes[list(nodes.dtype.names[:-1])].copy()

    with pytest.raises(SerializationError, match="the node array has the dtype"):
        read(forged("forest", change))


def test_depth_is_bounded() -> None:
    """A chain of nodes is found out level by level, and given up where no real tree is."""
    count = 2 * DEEPEST + 5
    left = np.full(count, -1)
    left[0 : count - 2 : 2] = np.arange(2, count, 2)
    right = np.where(left > 0, left - 1, -1)

    with pytest.raises(SerializationError, match="deeper than"):
        depths_of(left, right, np.array([0]), np.array([count]))


def test_trees_are_in_the_shape_that_they_had() -> None:
    """Gradient boosting keeps an array of trees, one row for each round."""
    model, _ = safe_models.build("gradient boosting")
    loaded = read(forged("gradient boosting", lambda encoded: None))

    assert loaded.estimators_.shape == model.estimators_.shape == (4, 3)
    assert [tree.tree_.node_count for tree in loaded.estimators_.ravel()] == [
        tree.tree_.node_count for tree in model.estimators_.ravel()
    ]
