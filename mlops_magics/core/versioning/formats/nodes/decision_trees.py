"""scikit-learn's decision trees as arrays: one tree, or all trees of an ensemble together.

scikit-learn follows the children and features in a node array without a check of bounds. They are checked here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from mlops_magics.core.versioning.formats.file_checks import array, integer, path_of, require
from mlops_magics.core.versioning.formats.nodes.node import Encode, Node

TREE_CLASSES = (
    "sklearn.tree._classes.DecisionTreeClassifier",
    "sklearn.tree._classes.DecisionTreeRegressor",
    "sklearn.tree._classes.ExtraTreeClassifier",
    "sklearn.tree._classes.ExtraTreeRegressor",
)
FEWEST_TREES = 8
"""Trees from which an ensemble is stored in one table. Each of fewer trees keeps its identity, as in a vote."""
DEEPEST = 10_000
"""The most levels of a tree. Depth is found level by level, so that a chain of a million nodes would take minutes."""
MOST = 2**31 - 1
"""The most features, outputs or classes."""
LEAF = -1
"""The child of a leaf in scikit-learn's node array."""


class TreeNode(Node):
    """One ``sklearn.tree._tree.Tree``."""

    kind: ClassVar[str] = "tree"

    def accepts(self, value: Any) -> bool:
        """Accept the tree inside a decision tree."""
        return type(value).__name__ == "Tree" and type(value).__module__ == "sklearn.tree._tree"

    def encode(self, value: Any, encode: Encode) -> dict[str, Any]:
        """Return the tree's table."""
        return _table([value])

    def decode(self, content: Mapping[str, Any]) -> Any:
        """Return the tree."""
        trees = _trees(content)
        require(len(trees) == 1, "a tree is stored as several")
        return trees[0]


class TreesNode(Node):
    """The list or array of an ensemble's decision trees: attributes that are equal in all trees are stored once."""

    kind: ClassVar[str] = "trees"

    def accepts(self, value: Any) -> bool:
        """Accept at least `FEWEST_TREES` trees of one class that differ in nodes and parameters only."""
        members = _members(value)
        if len(members) < FEWEST_TREES or path_of(type(members[0])) not in TREE_CLASSES:
            return False
        first = members[0]
        return all(
            type(each) is type(first)
            and vars(each).keys() == vars(first).keys()
            and "tree_" in vars(each)
            and _outline(each.tree_) == _outline(first.tree_)
            for each in members
        )

    def encode(self, value: Any, encode: Encode) -> dict[str, Any]:
        """Return the common attributes, the others as columns, and one table of all nodes."""
        members = _members(value)
        names = [name for name in vars(members[0]) if name != "tree_"]
        columns = {name: [vars(each)[name] for each in members] for name in names}
        common = {name: column[0] for name, column in columns.items() if _all_equal(column)}
        return {
            "class": path_of(type(members[0])),
            "shape": list(value.shape) if isinstance(value, np.ndarray) else None,
            "common": encode(common),
            "columns": encode({name: column for name, column in columns.items() if name not in common}),
            **_table([each.tree_ for each in members]),
        }

    def decode(self, content: Mapping[str, Any]) -> Any:
        """Return the trees, as the list or array that they were in."""
        require(content["class"] in TREE_CLASSES, f"{content['class']!r} is not a decision tree")
        trees = _trees(content)
        common, columns = content["common"], content["columns"]
        require(type(common) is dict and type(columns) is dict, "the attributes of the trees are not dictionaries")
        require(
            all(type(column) is list and len(column) == len(trees) for column in columns.values()),
            "an attribute is not given for each tree",
        )
        from mlops_magics.core.versioning.formats.nodes import estimator_checks, known_types

        kind = _class_of(content["class"])
        known_types.check_names(kind, [*common, *columns])
        built: list[Any] = []
        for number, tree in enumerate(trees):
            one = kind.__new__(kind)
            one.__dict__.update(common, **{name: column[number] for name, column in columns.items()}, tree_=tree)
            estimator_checks.check(one)
            built.append(one)
        return built if content["shape"] is None else _in_shape(built, content["shape"])


def _members(value: Any) -> Sequence[Any]:
    if isinstance(value, list):
        return value
    return value.ravel().tolist() if isinstance(value, np.ndarray) and value.dtype == object else []


def _outline(tree: Any) -> tuple[int, int, list[int]]:
    return int(tree.n_features), int(tree.n_outputs), tree.n_classes.tolist()


def _all_equal(column: list[Any]) -> bool:
    first = column[0]
    if isinstance(first, np.ndarray):
        return all(
            isinstance(each, np.ndarray) and each.dtype == first.dtype and np.array_equal(each, first)
            for each in column
        )
    if isinstance(first, bool | int | float | str | np.generic):
        return all(type(each) is type(first) and each == first for each in column)
    # estimators have no ==, so only one and the same object is common
    return all(each is first for each in column)


def _table(trees: list[Any]) -> dict[str, Any]:
    """Return the nodes and values of trees one after the other, and how many are each tree's."""
    states = [tree.__getstate__() for tree in trees]
    return {
        "n_features": int(trees[0].n_features),
        "n_classes": np.asarray(trees[0].n_classes, dtype=np.int64),
        "max_depth": np.array([state["max_depth"] for state in states], dtype=np.int64),
        "counts": np.array([len(state["nodes"]) for state in states], dtype=np.int64),
        "nodes": joined([state["nodes"] for state in states]),
        "values": np.concatenate([state["values"] for state in states]),
    }


def joined(records: Sequence[Any]) -> Any:
    """Return arrays of records as one. Its padding is zero, where the padding of a record may be any bytes."""
    whole = np.zeros(sum(map(len, records)), dtype=records[0].dtype)
    np.concatenate(records, out=whole)
    return whole


def _trees(content: Mapping[str, Any]) -> list[Any]:
    """Return the trees of a table that was checked."""
    from sklearn.tree._tree import NODE_DTYPE, Tree

    n_features = integer(content["n_features"], "the number of features", 1, MOST)
    n_classes = array(content["n_classes"], "the numbers of classes", np.int64, 1)
    require(n_classes.size and n_classes.min() >= 1 and n_classes.max() <= MOST, "a number of classes is not valid")
    nodes = array(content["nodes"], "the node array", NODE_DTYPE, 1)
    values = array(content["values"], "the value array", np.float64, 3)
    require(values.shape == (len(nodes), len(n_classes), n_classes.max()), "the value array has another shape")
    require(np.isfinite(values).all(), "a value of a tree is not finite")
    counts = array(content["counts"], "the numbers of nodes", np.int64, 1)
    depths = array(content["max_depth"], "the depths", np.int64, 1)
    starts = starts_of(counts, len(nodes))
    require(len(depths) == len(counts), "the depth is not given for each tree")
    _check_nodes(nodes, starts, counts, n_features)
    found = depths_of(nodes["left_child"], nodes["right_child"], starts, counts)
    require(np.all((found <= depths) & (depths < counts)), "a depth is not that of the tree")
    built = []
    for start, count, depth in zip(starts.tolist(), counts.tolist(), depths.tolist()):
        tree = Tree(n_features, n_classes.astype(np.intp), len(n_classes))
        part = slice(start, start + count)
        tree.__setstate__({"max_depth": depth, "node_count": count, "nodes": nodes[part], "values": values[part]})
        built.append(tree)
    return built


def starts_of(counts: Any, total: int) -> Any:
    """Return the index of each tree's root in the table of all trees, shape ``(n_trees,)``.

    Raises
    ------
    SerializationError
        Where the numbers of nodes do not add up to the table.
    """
    require(len(counts) and counts.min() >= 1 and counts.max() <= total, "a number of nodes is not valid")
    ends = np.cumsum(counts)
    # each sum is larger than the one before, or it wrapped around
    require(ends[-1] == total and np.all(np.diff(ends) > 0), "the numbers of nodes do not add up to the table")
    return ends - counts


def _check_nodes(nodes: Any, starts: Any, counts: Any, n_features: int) -> None:
    left, right = nodes["left_child"], nodes["right_child"]
    inner = left != LEAF
    require(np.all(right[~inner] == LEAF), "a leaf has a right child")
    check_children(left, right, inner, starts, counts)
    feature = nodes["feature"][inner]
    require(np.all((feature >= 0) & (feature < n_features)), "a node splits on a feature that the model does not have")
    require(not np.isnan(nodes["threshold"][inner]).any(), "a threshold is not a number")
    require(np.all(nodes["missing_go_to_left"] <= 1), "a direction of missing values is not valid")


def check_children(left: Any, right: Any, inner: Any, starts: Any, counts: Any) -> None:
    """Check that children are inside their tree, after their parent, and the children of one parent only.

    Parameters
    ----------
    left, right
        The children of each node by their index in their own tree, shape ``(n_nodes,)``.
    inner
        Whether a node has children, shape ``(n_nodes,)``.
    starts, counts
        The index of each tree's root and the number of its nodes, shape ``(n_trees,)``.

    Raises
    ------
    SerializationError
    """
    own, size = np.repeat(starts, counts)[inner], np.repeat(counts, counts)[inner]
    parent = np.flatnonzero(inner) - own
    # a root is reached once, from outside
    seen = [starts]
    for child in (left[inner].astype(np.int64), right[inner].astype(np.int64)):
        require(np.all((child > parent) & (child < size)), "a child is outside its tree or before its parent")
        seen.append(own + child)
    parents = np.bincount(np.concatenate(seen), minlength=len(inner))
    require(np.all(parents == 1), "a node does not have exactly one parent")


def depths_of(left: Any, right: Any, starts: Any, counts: Any) -> Any:
    """Return the depth of each tree, shape ``(n_trees,)``: 0 for a root alone. The children were checked.

    Parameters
    ----------
    left, right
        The children of each node, ``(n_nodes,)``.
    starts, counts
        The first node and the number of nodes of each tree, ``(n_trees,)``.

    Raises
    ------
    SerializationError
        For trees deeper than `DEEPEST`.
    """
    depths = np.zeros(len(counts), dtype=np.int64)
    owner, level, at = np.arange(len(counts)), starts.copy(), 0
    while True:
        inner = left[level] != LEAF
        owner, level = owner[inner], level[inner]
        if not len(level):
            return depths
        at += 1
        require(at <= DEEPEST, f"a tree is deeper than {DEEPEST} levels")
        depths[owner] = at
        level = np.concatenate([starts[owner] + left[level], starts[owner] + right[level]])
        owner = np.concatenate([owner, owner])


def _in_shape(members: list[Any], shape: Any) -> Any:
    require(type(shape) is list and all(type(each) is int and each >= 0 for each in shape), "a shape is not valid")
    require(len(shape) <= 2 and np.prod(shape, dtype=np.int64) == len(members), "the shape does not hold the trees")
    # not np.array, which would look for sequences inside the trees
    found = np.empty(len(members), dtype=object)
    found[:] = members
    return found.reshape(shape)


def _class_of(path: str) -> Any:
    from sklearn import tree

    return getattr(tree, path.rpartition(".")[2])
