"""Checks of one tree in lightgbm's text format: children, leaves, features, categories and linear leaves."""

from __future__ import annotations

import re

import numpy as np

from mlops_magics.core.versioning.formats.file_checks import require

MOST_LEAVES = 2**27
DEEPEST = 10_000
"""The most levels of a tree, because lightgbm finds the depth by recursion."""
# ten digits at most, which int64 holds
_INTEGER = re.compile(r"-?[0-9]{1,10}( -?[0-9]{1,10})*")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?( -?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?)*")
_OF_NODES = ("split_feature", "split_gain", "threshold", "decision_type", "left_child", "right_child")
_ABOUT_NODES = ("internal_value", "internal_weight", "internal_count")
_OF_LEAVES = ("leaf_value", "leaf_weight", "leaf_count")
_OF_CATEGORIES = ("cat_boundaries", "cat_threshold")
_LINEAR = ("leaf_const", "num_features", "leaf_features", "leaf_coeff")
_SINGLE = ("num_leaves", "num_cat", "is_linear", "shrinkage")
_KNOWN = {*_OF_NODES, *_ABOUT_NODES, *_OF_LEAVES, *_OF_CATEGORIES, *_LINEAR, *_SINGLE}
_CATEGORICAL = 1
"""The bit of a node's decision type for a split by categories. Three more bits are for missing values."""
_MOST_DECISION = 15
_WORD = 2**32


def check_tree(number: int, lines: list[str], features: int) -> str:
    """Return the text of a tree after a check of its values.

    Parameters
    ----------
    number
        The number of the tree in the booster.
    lines
        The tree's own lines: a name, ``=`` and values.
    features
        The features of the booster.

    Raises
    ------
    SerializationError
    """
    values: dict[str, str] = {}
    for line in lines:
        name, mark, value = line.partition("=")
        require(mark and name in _KNOWN and name not in values, f"{name!r:.40} of a tree is unknown or double")
        values[name] = value
    require("num_leaves" in values and "leaf_value" in values, "a tree is incomplete")
    leaves = int(_integers(values, "num_leaves", 1)[0])
    require(1 <= leaves <= MOST_LEAVES, "the number of leaves is not valid")
    _numbers(values, "shrinkage", 1)
    for name in _OF_LEAVES:
        if values.get(name):
            _numbers(values, name, leaves)
    require(values.get("is_linear", "0") in ("0", "1"), "is_linear is not 0 or 1")
    if leaves > 1:
        _check_nodes(values, leaves - 1, features)
    if values.get("is_linear") == "1":
        _check_linear(values, leaves, features)
    return f"Tree={number}\n" + "".join(f"{name}={value}\n" for name, value in values.items()) + "\n\n"


def _integers(values: dict[str, str], name: str, count: int | None) -> np.ndarray:
    text = values.get(name, "")
    require(_INTEGER.fullmatch(text), f"{name} of a tree are not integers")
    found = np.array(text.split(" "), dtype=np.int64)
    require(count is None or len(found) == count, f"{name} of a tree has another length")
    return found


def _numbers(values: dict[str, str], name: str, count: int) -> np.ndarray:
    text = values.get(name, "")
    require(_NUMBER.fullmatch(text), f"{name} of a tree are not numbers")
    found = np.array(text.split(" "), dtype=np.float64)
    require(len(found) == count and np.isfinite(found).all(), f"{name} of a tree are not finite or too many")
    return found


def _check_nodes(values: dict[str, str], count: int, features: int) -> None:
    splits, kinds = (_integers(values, name, count) for name in ("split_feature", "decision_type"))
    require(np.all((splits >= 0) & (splits < features)), "a node splits on a feature that the model does not have")
    require(np.all((kinds >= 0) & (kinds <= _MOST_DECISION)), "the decision of a node is unknown")
    thresholds = _numbers(values, "threshold", count)
    _numbers(values, "split_gain", count)
    for name in _ABOUT_NODES:
        if values.get(name):
            _numbers(values, name, count)
    _check_children(values, count)
    _check_categories(values, thresholds[kinds & _CATEGORICAL == _CATEGORICAL])


def _check_children(values: dict[str, str], count: int) -> None:
    """Check that each node and leaf has one parent, which comes first: a leaf is written as its number's complement."""
    left, right = (_integers(values, name, count) for name in ("left_child", "right_child"))
    children = np.concatenate([left, right])
    parents = np.concatenate([np.arange(count), np.arange(count)])
    inner = children >= 0
    # no path comes back to a node that is before it, so every walk of the tree ends
    require(np.all(children[inner] > parents[inner]), "a child is before its parent")
    require(np.array_equal(np.sort(children[inner]), np.arange(1, count)), "a node does not have exactly one parent")
    require(np.array_equal(np.sort(~children[~inner]), np.arange(count + 1)), "a leaf does not have exactly one parent")
    level, depth = np.array([0]), 0
    while len(level):
        depth += 1
        require(depth <= DEEPEST, f"a tree is deeper than {DEEPEST} levels")
        below = np.concatenate([left[level], right[level]])
        level = below[below >= 0]


def _check_categories(values: dict[str, str], rows: np.ndarray) -> None:
    """Check that each split by categories names a set of bits. ``rows`` are the numbers of those sets."""
    count = int(_integers(values, "num_cat", 1)[0])
    require(count == 0 or values.keys() >= set(_OF_CATEGORIES), "the categories of a tree are missing")
    require(np.all(rows == np.floor(rows)) and np.all((rows >= 0) & (rows < max(count, 0))), "a set does not exist")
    if not count:
        require(not any(values.get(name) for name in _OF_CATEGORIES), "a tree has sets that it does not count")
        return
    ends, words = _integers(values, "cat_boundaries", count + 1), _integers(values, "cat_threshold", None)
    require(ends[0] == 0 and ends[-1] == len(words) and np.all(np.diff(ends) >= 1), "the sets of categories overlap")
    require(np.all((words >= 0) & (words < _WORD)), "a set of categories is not bits")


def _check_linear(values: dict[str, str], leaves: int, features: int) -> None:
    """Check the linear models in leaves: each reads features that exist."""
    _numbers(values, "leaf_const", leaves)
    counts = _integers(values, "num_features", leaves)
    require(np.all(counts >= 0), "the number of features of a leaf is not valid")
    used = values.get("leaf_features", "").split()
    require(
        all(_INTEGER.fullmatch(each) and 0 <= int(each) < features for each in used), "a leaf reads an unknown feature"
    )
    require(len(used) == counts.sum(), "a leaf reads an unknown feature")
    numbers = values.get("leaf_coeff", "").split()
    require(len(numbers) == len(used), "a leaf has no coefficients")
    require(
        all(_NUMBER.fullmatch(each) and np.isfinite(float(each)) for each in numbers), "a coefficient is not finite"
    )
