"""The check of a booster of xgboost in UBJSON, which is written anew from the checked values.

xgboost follows children, features, classes and categories of a model without a check of bounds. The layout is that of
https://xgboost.readthedocs.io/en/stable/tutorials/saving_model.html.
"""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np

from mlops_magics.core.versioning.formats.file_checks import integer, require
from mlops_magics.core.versioning.formats.native import ubjson
from mlops_magics.core.versioning.formats.native.xgboost_trees import check_trees

MOST_FEATURES = 2**24
"""xgboost keeps a row of all features for each thread."""
MOST_TEXT = 100_000
"""Characters of an attribute or a parameter, such as the scikit-learn wrapper's own."""
_CODES = {"i1": 9, "u1": 10, "i2": 11, "i4": 13, "i8": 15}
"""Type of categories → its number in a file of xgboost 3."""
_TYPES = ("c", "float", "i", "int", "q", "categorical")
_LINEAR = "gblinear"
_DART = "dart"
_TREES = "gbtree"
_OBJECTIVES = re.compile(r"(reg|binary|multi|count|rank|survival):[a-z0-9]{2,32}")
_NUMBER_TEXT = re.compile(r"[0-9]{1,10}")
_VALUE = re.compile(r"-?[0-9.]+([eE][-+]?[0-9]+)?")


def checked(data: bytes) -> bytearray:
    """Return the bytes of a booster in which all that xgboost reads without bounds was checked.

    Raises
    ------
    SerializationError
        Where something is not valid, or is unknown to this version.
    """
    model = ubjson.decode(data)
    _only(model, "the booster", {"learner", "version"})
    learner = model["learner"]
    _only(
        learner,
        "the learner",
        {"attributes", "feature_names", "feature_types", "gradient_booster", "learner_model_param", "objective"},
    )
    version = model["version"]
    require(type(version) is list and len(version) == 3 and all(type(each) is int for each in version), "no version")
    features, groups, targets = _check_parameters(learner["learner_model_param"])
    _check_texts(learner, features)
    _check_objective(learner["objective"], learner["learner_model_param"])
    rounds = _check_booster(learner["gradient_booster"], features, groups, targets)
    _check_attributes(learner["attributes"], rounds)
    return bytearray(ubjson.encode(model))


def _only(value: Any, name: str, known: set[str], optional: frozenset[str] = frozenset()) -> None:
    require(type(value) is dict, f"{name} is not a dictionary")
    unknown = sorted(set(value) - known - optional)
    require(not unknown, f"{name} has the unknown key {str(unknown[:1])[2:42]}")
    require(known <= set(value), f"{name} is incomplete")


def whole(value: Any, name: str, low: int, high: int) -> int:
    """Return a whole number that is given as a text.

    Parameters
    ----------
    value, name
        The text, and its name in the file.
    low, high
        The limits.

    Raises
    ------
    SerializationError
    """
    require(type(value) is str and _NUMBER_TEXT.fullmatch(value), f"{name} is not a number")
    require(low <= int(value) <= high, f"{name} is {value}, not between {low} and {high}")
    return int(value)


def _check_parameters(value: Any) -> tuple[int, int, int]:
    """Return the numbers of features, of columns that are predicted, and of targets."""
    _only(
        value,
        "the learner's parameters",
        {"base_score", "num_class", "num_feature"},
        frozenset({"boost_from_average", "num_target"}),
    )
    features = whole(value["num_feature"], "num_feature", 1, MOST_FEATURES)
    classes = whole(value["num_class"], "num_class", 0, MOST_FEATURES)
    targets = whole(value.get("num_target", "1"), "num_target", 1, MOST_FEATURES)
    require(value.get("boost_from_average", "1") in ("0", "1"), "boost_from_average is not 0 or 1")
    require(classes <= 1 or targets == 1, "there are both classes and targets")
    groups = max(classes, targets, 1)
    score = value["base_score"]
    require(type(score) is str and len(score) <= MOST_TEXT, "base_score is not a text")
    numbers = score.strip("[]").split(",")
    require(len(numbers) in (1, groups), "base_score is not one for each class")
    require(
        all(_VALUE.fullmatch(each) and math.isfinite(float(each)) for each in numbers), "base_score is not a number"
    )
    return features, groups, targets


def _check_texts(learner: dict[str, Any], features: int) -> None:
    for name in ("feature_names", "feature_types"):
        texts = learner[name]
        require(type(texts) is list and len(texts) in (0, features), f"{name} are not those of the features")
        require(all(type(each) is str and len(each) <= MOST_TEXT for each in texts), f"{name} are not texts")
    require(all(each in _TYPES for each in learner["feature_types"]), "a type of a feature is unknown")


def _check_objective(value: Any, parameters: dict[str, Any]) -> None:
    require(type(value) is dict and type(value.get("name")) is str, "the objective has no name")
    require(_OBJECTIVES.fullmatch(value["name"]), f"the objective {value['name']!r:.60} is unknown")
    for name, each in value.items():
        if name != "name":
            require(type(each) is dict and len(value) <= 4, "the objective's parameters are not a dictionary")
            require(
                all(type(text) is str and len(text) <= MOST_TEXT for text in each.values()), "a parameter is not a text"
            )
    softmax = value.get("softmax_multiclass_param")
    multiclass = value["name"].startswith("multi:")
    require(multiclass == (softmax is not None), "the objective has parameters of another one")
    require(softmax is None or softmax.get("num_class") == parameters["num_class"], "the numbers of classes differ")


def _check_attributes(value: Any, rounds: int) -> None:
    require(type(value) is dict, "the attributes are not a dictionary")
    require(all(type(each) is str and len(each) <= MOST_TEXT for each in value.values()), "an attribute is not a text")
    for name in ("best_iteration", "best_ntree_limit"):
        if name in value:
            whole(value[name], name, 0, rounds)


def _check_booster(value: Any, features: int, groups: int, targets: int) -> int:
    """Return the number of rounds."""
    require(type(value) is dict, "the booster is not a dictionary")
    if value.get("name") == _LINEAR:
        return _check_linear(value, features, groups)
    if value.get("name") == _DART:
        _only(value, "the booster", {"gbtree", "name", "weight_drop"})
        weights = value["weight_drop"]
        count = _check_gbtree(value["gbtree"], features, groups, targets)
        require(len(weights) == len(value["gbtree"]["model"]["trees"]), "the weights are not those of the trees")
        require(np.isfinite(np.asarray(weights, dtype=np.float32)).all(), "a weight of a tree is not finite")
        value["weight_drop"] = np.asarray(weights, dtype=np.float32).tolist()
        return count
    return _check_gbtree(value, features, groups, targets)


def _check_linear(value: dict[str, Any], features: int, groups: int) -> int:
    _only(value, "the booster", {"model", "name"})
    _only(value["model"], "the linear model", {"weights"}, frozenset({"boosted_rounds"}))
    weights, rounds = value["model"]["weights"], value["model"].get("boosted_rounds", 0)
    require(type(weights) is np.ndarray and weights.dtype == np.float32, "the weights are not numbers")
    require(len(weights) == (features + 1) * groups, "the weights are not those of the features")
    require(np.isfinite(weights).all(), "a weight is not finite")
    return integer(rounds, "the number of rounds", 0, 2**31 - 1)


def _check_gbtree(value: Any, features: int, groups: int, targets: int) -> int:
    _only(value, "the booster", {"model", "name"})
    require(value["name"] == _TREES, "the booster is unknown")
    model = value["model"]
    _only(model, "the trees", {"gbtree_model_param", "tree_info", "trees"}, frozenset({"cats", "iteration_indptr"}))
    trees, info, param = model["trees"], model["tree_info"], model["gbtree_model_param"]
    _only(param, "the trees' parameters", {"num_trees"}, frozenset({"num_parallel_tree", "size_leaf_vector"}))
    require(type(trees) is list and trees, "the trees are missing")
    require(whole(param["num_trees"], "num_trees", 1, len(trees)) == len(trees), "num_trees is not that of the trees")
    whole(param.get("num_parallel_tree", "1"), "num_parallel_tree", 0, len(trees))
    whole(param.get("size_leaf_vector", "0"), "size_leaf_vector", 0, max(targets, 1))
    info = model["tree_info"] = _integers(info, "tree_info")
    require(len(info) == len(trees), "tree_info is not that of the trees")
    vector = check_trees(trees, features, groups)
    require(all(0 <= group < groups for group in info), "a tree adds to a class that the model does not have")
    require(vector or len(set(info)) == groups, "a class has no tree")
    rounds = len(trees)
    if "iteration_indptr" in model:
        ends = model["iteration_indptr"] = _integers(model["iteration_indptr"], "iteration_indptr")
        require(ends[:1] == [0] and ends[-1] == len(trees) and ends == sorted(ends), "the rounds do not hold the trees")
        rounds = len(ends) - 1
    if "cats" in model:
        _check_categories(model["cats"], features)
    return rounds


def _integers(value: Any, name: str) -> list[int]:
    numbers = value.tolist() if isinstance(value, np.ndarray) else value
    require(type(numbers) is list and all(type(each) is int for each in numbers), f"{name} are not integers")
    require(all(0 <= each < 2**31 for each in numbers), f"{name} are not valid")
    return list(numbers)


def _check_categories(value: Any, features: int) -> None:
    """Check the categories by which xgboost numbers those of new data."""
    _only(value, "the categories", {"enc", "feature_segments", "sorted_idx"})
    segments, order, known = value["feature_segments"], value["sorted_idx"], value["enc"]
    require(type(known) is list and len(known) in (0, features), "the categories are not those of the features")
    for name in ("feature_segments", "sorted_idx"):
        require(type(value[name]) is np.ndarray and value[name].dtype == np.int32, f"{name} are not integers")
    if not known:
        require(not len(segments) and not len(order), "there are categories of no feature")
        return
    sizes = [_size_of(each) for each in known]
    require(segments.tolist() == np.cumsum([0, *sizes]).tolist(), "the categories are not those of their features")
    require(len(order) == segments[-1], "the order of categories is incomplete")
    for start, size in zip(segments, sizes):
        require(np.array_equal(np.sort(order[start : start + size]), np.arange(size)), "the order names no category")


def _size_of(value: Any) -> int:
    """Return the number of categories of a feature."""
    require(type(value) is dict and type(value.get("values")) is np.ndarray, "the categories of a feature are missing")
    values = value["values"]
    if "offsets" not in value:
        _only(value, "the categories of a feature", {"type", "values"})
        require(type(value["type"]) is int and values.dtype.kind in "iuf", "the categories of a feature are not valid")
        require(value["type"] == _CODES.get(values.dtype.str[1:]), "the type of categories is another one")
        return len(values)
    _only(value, "the categories of a feature", {"offsets", "values"})
    offsets = value["offsets"]
    require(type(offsets) is np.ndarray and offsets.dtype == np.int32 and values.dtype == np.int8, "no categories")
    if not len(offsets):
        require(not len(values), "the texts of categories have no ends")
        return 0
    require(offsets[0] == 0 and offsets[-1] == len(values) and np.all(np.diff(offsets) >= 0), "a text has no end")
    return len(offsets) - 1
