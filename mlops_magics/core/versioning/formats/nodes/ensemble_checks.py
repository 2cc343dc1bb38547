"""Checks of trees against the estimators around them: each tree reads the features that its ensemble passes on."""

from __future__ import annotations

from typing import Any

import numpy as np

from mlops_magics.core.versioning.formats.file_checks import integer, path_of, require
from mlops_magics.core.versioning.formats.nodes.array_checks import numbers_above

MOST_FEATURES = 2**31 - 1
MOST_LABEL = 2**53
"""Above each number that a member of a vote has for labels, counts, sizes and seeds."""
_ENCODER = "sklearn.preprocessing._encoders.OrdinalEncoder"
_CATEGORIES_OF_HIST = 256
"""Categories that a set of bits of hist gradient boosting holds."""
_SETTINGS_OF_PREDICTION = (
    "predict",
    "machine",
    "input",
    "output",
    "data",
    "valid",
    "config",
    "device",
    "gpu",
    "num_thread",
)
"""Starts of lightgbm's parameters that change how, where or from which file a prediction is made."""


def decision_tree(value: Any) -> None:
    """Check that a tree reads the features that its estimator was fitted on."""
    state = vars(value)
    if "tree_" not in state:
        return
    tree = state["tree_"]
    require(path_of(type(tree)) == "sklearn.tree._tree.Tree", "a decision tree does not hold a tree")
    require(_features(value) == tree.n_features, "a tree has other features than its estimator")
    require(state.get("n_outputs_") == tree.n_outputs, "a tree has other outputs than its estimator")


def forest(value: Any) -> None:
    """Check that all trees of a forest read its features."""
    members = vars(value).get("estimators_")
    if members is not None:
        require(type(members) is list, "the trees of a forest are not a list")
        _check_members(members, _features(value))


def gradient_boosting(value: Any) -> None:
    """Check that all trees of a boosted ensemble read its features and add to a column that exists."""
    state = vars(value)
    if "estimators_" not in state:
        return
    members = state["estimators_"]
    columns = integer(state.get("n_trees_per_iteration_"), "the number of trees in an iteration", 1, MOST_FEATURES)
    require(
        type(members) is np.ndarray and members.dtype == object and members.ndim == 2 and members.shape[1] == columns,
        "the trees are not one for each class",
    )
    require(members.size, "the trees are missing")
    _check_members(members.ravel().tolist(), _features(value))
    require(
        all(each.tree_.n_outputs == 1 and each.tree_.max_n_classes == 1 for each in members.ravel()),
        "a tree of a boosted ensemble has several outputs",
    )
    with np.errstate(all="ignore"):
        # compiled code adds the trees' values to this array and checks nothing but its type
        start = value._raw_predict_init(np.zeros((1, _features(value)), dtype=np.float32))
    require(
        type(start) is np.ndarray and start.shape == (1, columns) and start.dtype == np.float64,
        "the initial predictions are not one for each class",
    )


def isolation_forest(value: Any) -> None:
    """Check that each tree reads the columns that are chosen for it."""
    state = vars(value)
    if "estimators_" not in state:
        return
    members, chosen = state["estimators_"], state.get("estimators_features_")
    features = _features(value)
    require(type(members) is list and type(chosen) is list and len(members) == len(chosen), "a tree has no columns")
    # scikit-learn passes all columns on then, whichever are named
    whole = state.get("_max_features") == features
    for member, columns in zip(members, chosen):
        require(isinstance(columns, np.ndarray) and columns.ndim == 1, "the columns of a tree are not a list")
        _check_members([member], features if whole else len(columns))


def hist_gradient_boosting(value: Any) -> None:
    """Check trees, bins and categories against the number of features."""
    state = vars(value)
    if "_predictors" not in state:
        return
    features, mapper = _features(value), vars(state["_bin_mapper"])
    columns = integer(state.get("n_trees_per_iteration_"), "the number of trees in an iteration", 1, MOST_FEATURES)
    thresholds, categorical = mapper["bin_thresholds_"], mapper["is_categorical_"]
    require(type(thresholds) is list and len(thresholds) == features, "the bins are not those of the features")
    require(
        type(categorical) is np.ndarray and categorical.shape == (features,) and categorical.dtype == np.uint8,
        "the categories are not given for each feature",
    )
    for number in np.flatnonzero(categorical):
        known = thresholds[number]
        within = type(known) is np.ndarray and known.ndim == 1 and known.dtype.kind == "f"
        require(within and np.all((known >= 0) & (known < _CATEGORIES_OF_HIST)), "a category is outside its set")
    for iteration in state["_predictors"]:
        require(type(iteration) is list and len(iteration) == columns, "the trees are not one for each class")
        for predictor in iteration:
            _check_predictor(predictor, features, np.flatnonzero(categorical).size)
    _check_preprocessor(state.get("_preprocessor"), features)


def vote(value: Any) -> None:
    """Check that no member of a vote can answer a number that ``numpy.bincount`` counts outside its array.

    ``bincount`` reserves one more than the largest number, which is 0 for the largest integer of 64 bits.
    """
    for member in vars(value).get("estimators_", ()):
        known = getattr(member, "classes_", None)
        require(not numbers_above(MOST_LABEL, [member, known]), "a member of a vote holds a number that is not a label")


def lightgbm_wrapper(value: Any) -> None:
    """Check that no parameter changes how a prediction is made."""
    others = vars(value).get("_other_params", {})
    require(
        type(others) is dict
        and not any(str(name).lower().startswith(_SETTINGS_OF_PREDICTION) for name in others)
        and all(type(each) in (bool, int, float, str, list, type(None)) for each in others.values()),
        "a parameter is not one of training",
    )


def _features(value: Any) -> int:
    return integer(vars(value).get("n_features_in_"), "the number of features", 1, MOST_FEATURES)


def _check_members(members: list[Any], features: int) -> None:
    from sklearn.tree import BaseDecisionTree

    for member in members:
        require(isinstance(member, BaseDecisionTree) and "tree_" in vars(member), "an ensemble holds no fitted tree")
        require(member.tree_.n_features == features, "a tree has other features than its ensemble")


def _check_predictor(predictor: Any, features: int, categorical: int) -> None:
    require(type(predictor).__name__ == "TreePredictor", "an ensemble holds no fitted tree")
    inner = predictor.nodes[predictor.nodes["is_leaf"] == 0]
    require(np.all(inner["feature_idx"] < features), "a node splits on a feature that the model does not have")
    require(
        categorical or not inner["is_categorical"].any(), "a node splits on a category that the model does not have"
    )


def _check_preprocessor(value: Any, features: int) -> None:
    """Check that the encoder of categories passes on as many columns as it is given."""
    if value is None:
        return
    require(
        path_of(type(value)) == "sklearn.compose._column_transformer.ColumnTransformer", "the encoder is another one"
    )
    steps = vars(value).get("transformers_")
    require(type(steps) is list and len(steps) in (2, 3) and _features(value) == features, "the encoder is incomplete")
    encoder, numbers = steps[0], steps[1]
    masks = [np.zeros(features, dtype=bool), np.zeros(features, dtype=bool)]
    for mask, (_, _, columns) in zip(masks, (encoder, numbers)):
        mask[np.asarray(columns)] = True
    require(np.all(masks[0] ^ masks[1]), "a column is encoded twice or not at all")
    require(
        path_of(type(encoder[1])) == _ENCODER and _features(encoder[1]) == masks[0].sum(), "the encoder is another one"
    )
    function = getattr(getattr(numbers[1], "func", None), "func", None)
    passed = (
        numbers[1] in ("passthrough", "drop")
        if isinstance(numbers[1], str)
        else path_of(function).endswith("check_array")
    )
    require(passed or not masks[1].any(), "the numbers are changed before they reach the trees")
    require(len(steps) == 2 or (type(steps[2][1]) is str and steps[2][1] == "drop"), "the encoder has more steps")
