"""Checks of the trees of a booster of xgboost: children, features, leaves and categories."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from mlops_magics.core.versioning.formats.file_checks import require

MOST_CATEGORY = 2**24
"""xgboost's own limit of a category. A node has a bit for each up to its highest one."""
MOST_BITS = 2**30
"""Bits of all nodes together, which xgboost makes room for: 128 MB."""
DELETED = 2**31 - 1
"""The feature of a node that was pruned and is kept in the array."""
_LEAF = -1
_FLOATS = ("base_weights", "loss_changes", "split_conditions", "sum_hessian")
_INTEGERS = ("left_children", "parents", "right_children", "split_indices")
_FLAGS = ("default_left", "split_type")
_CATEGORIES = {
    "categories": np.int32,
    "categories_nodes": np.int32,
    "categories_segments": np.int64,
    "categories_sizes": np.int64,
}
_KNOWN = {*_FLOATS, *_INTEGERS, *_FLAGS, *_CATEGORIES, "id", "tree_param"}
_PARAMETERS = {"num_deleted", "num_feature", "num_nodes", "size_leaf_vector"}
_NUMBER = re.compile(r"[0-9]{1,10}")


def check_trees(trees: list[Any], features: int, groups: int) -> bool:
    """Check all trees, and return whether their leaves hold a value for each target.

    Raises
    ------
    SerializationError
    """
    bits = 0
    widths = set()
    for number, tree in enumerate(trees):
        require(type(tree) is dict and set(tree) - {"leaf_weights"} == _KNOWN, "a tree is incomplete")
        require(type(tree["id"]) is int and tree["id"] == number, "the trees are not in order")
        count, width = _check_sizes(tree, features, groups)
        widths.add(width)
        inner = _check_structure(tree, count, features, width)
        bits += _check_categories(tree, inner)
        require(bits <= MOST_BITS, "the categories of all nodes take too much memory")
    require(len(widths) == 1, "the leaves of trees have several sizes")
    return widths.pop() > 1


def _check_sizes(tree: dict[str, Any], features: int, groups: int) -> tuple[int, int]:
    """Return the number of nodes and of values in a leaf."""
    param = tree["tree_param"]
    require(type(param) is dict and set(param) == _PARAMETERS, "the parameters of a tree are incomplete")
    require(
        all(type(each) is str and _NUMBER.fullmatch(each) for each in param.values()), "a parameter is not a number"
    )
    count, width = int(param["num_nodes"]), max(int(param["size_leaf_vector"]), 1)
    require(int(param["num_feature"]) == features, "a tree has other features than the booster")
    require(1 <= width <= groups and width in (1, groups), "a leaf has values of targets that the model does not have")
    names = {
        **dict.fromkeys(_FLOATS, np.float32),
        **dict.fromkeys(_INTEGERS, np.int32),
        **dict.fromkeys(_FLAGS, np.uint8),
    }
    for name, dtype in names.items():
        found = tree[name]
        right = type(found) is np.ndarray and (
            found.dtype == dtype or (name == "split_indices" and found.dtype == np.int64)
        )
        length = count * width if name == "base_weights" else count
        require(right and len(found) == length, f"{name} of a tree is not one for each node")
    require(count >= 1, "a tree has no nodes")
    return count, width


def _check_structure(tree: dict[str, Any], count: int, features: int, width: int) -> Any:
    """Return which nodes have children, shape ``(n_nodes,)``."""
    left, right, parents = (tree[name].astype(np.int64) for name in ("left_children", "right_children", "parents"))
    inner = left != _LEAF
    at = np.flatnonzero(inner)
    children = np.concatenate([left[inner], right[inner]])
    require(np.all((children >= 1) & (children < count)), "a child is outside its tree")
    # xgboost takes the node after the left child for the right one, whatever right_children contains
    require(np.all(left[inner] + 1 < count), "a child is outside its tree")
    require(np.all(np.bincount(children, minlength=count) <= 1), "a node has two parents")
    require(np.array_equal(parents[children], np.concatenate([at, at])), "a node names another parent")
    # -1 also without its sign bit, in which xgboost keeps whether a node is a left child
    require(parents[0] in (2**31 - 1, -1), "the root has a parent")
    splits = tree["split_indices"].astype(np.int64)[inner]
    require(np.all((splits >= 0) & (splits < features)), "a node splits on a feature that the model does not have")
    require(all(np.all(tree[name] <= 1) for name in _FLAGS), "a flag of a node is not 0 or 1")
    values = tree["split_conditions"]
    numeric = inner & (tree["split_type"] == 0)
    require(not np.isnan(values[numeric]).any(), "a threshold is not a number")
    deleted = np.sum(tree["split_indices"] == DELETED)
    require(int(tree["tree_param"]["num_deleted"]) == deleted, "the number of pruned nodes is another one")
    if width == 1:
        require("leaf_weights" not in tree and np.isfinite(values[~inner]).all(), "the value of a leaf is not finite")
        require(np.all(right[~inner] == _LEAF), "a leaf has a right child")
    else:
        _check_leaves(tree, right[~inner], width)
    return inner


def _check_leaves(tree: dict[str, Any], rows: Any, width: int) -> None:
    """Check the values of leaves for several targets: a leaf's right child is its row in the table of values."""
    require(np.isfinite(tree["base_weights"]).all(), "the value of a leaf is not finite")
    weights = tree.get("leaf_weights")
    if weights is None:
        return
    require(type(weights) is np.ndarray and weights.dtype == np.float32, "the values of leaves are not numbers")
    require(np.isfinite(weights).all() and len(weights) == len(rows) * width, "the values of leaves are incomplete")
    require(np.array_equal(np.sort(rows), np.arange(len(rows))), "a leaf has no value")


def _check_categories(tree: dict[str, Any], inner: Any) -> int:
    """Return the number of bits that xgboost makes room for."""
    for name, dtype in _CATEGORIES.items():
        require(type(tree[name]) is np.ndarray and tree[name].dtype == dtype, f"{name} of a tree are not integers")
    known, nodes = tree["categories"], tree["categories_nodes"]
    starts, sizes = tree["categories_segments"], tree["categories_sizes"]
    categorical = np.flatnonzero(inner & (tree["split_type"] == 1))
    require(np.array_equal(nodes, categorical), "the categories are not those of the nodes")
    require(not np.any(tree["split_type"][~inner]), "a leaf has categories")
    require(len(starts) == len(sizes) == len(nodes) and np.all(sizes >= 1), "the categories of a node are missing")
    require(np.all(sizes <= len(known)), "the categories of a node are missing")
    require(np.array_equal(starts, np.cumsum(sizes) - sizes) and sizes.sum() == len(known), "categories are of no node")
    if not len(known):
        return 0
    require(known.min() >= 0 and known.max() < MOST_CATEGORY, "a category is too large")
    # no segment is empty (sizes were checked): reduceat would return the next segment's first value for it
    return int(np.sum(np.maximum.reduceat(known, starts) // 32 + 1)) * 32
