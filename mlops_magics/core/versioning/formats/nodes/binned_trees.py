"""The trees of hist gradient boosting as arrays.

scikit-learn follows children, features and sets of categories without a check of bounds, so all of them are checked
here and, against the features of the model, in `ensemble_checks`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from mlops_magics.core.versioning.formats.file_checks import array, require
from mlops_magics.core.versioning.formats.nodes.decision_trees import check_children, joined, starts_of
from mlops_magics.core.versioning.formats.nodes.node import Encode, Node

WORDS_OF_SET = 8
"""Words of 32 bits in a set of 256 categories."""
_SETS = ("binned_left_cat_bitsets", "raw_left_cat_bitsets")


class BinnedTreesNode(Node):
    """The predictors of hist gradient boosting: for each iteration, a list with one tree for each class."""

    kind: ClassVar[str] = "binned trees"

    def accepts(self, value: Any) -> bool:
        """Accept lists of lists of trees."""
        return type(value) is list and bool(value) and all(_is_iteration(each) for each in value)

    def encode(self, value: Any, encode: Encode) -> dict[str, Any]:
        """Return all nodes and sets one after the other, and how many are each tree's."""
        trees = [tree for iteration in value for tree in iteration]
        return {
            "iterations": np.array([len(iteration) for iteration in value], dtype=np.int64),
            "counts": np.array([len(tree.nodes) for tree in trees], dtype=np.int64),
            "nodes": joined([tree.nodes for tree in trees]),
            "sets": np.array([len(tree.raw_left_cat_bitsets) for tree in trees], dtype=np.int64),
            **{name: np.concatenate([getattr(tree, name) for tree in trees]) for name in _SETS},
        }

    def decode(self, content: Mapping[str, Any]) -> Any:
        """Return the iterations."""
        from sklearn.ensemble._hist_gradient_boosting.common import PREDICTOR_RECORD_DTYPE
        from sklearn.ensemble._hist_gradient_boosting.predictor import TreePredictor

        nodes = array(content["nodes"], "the node array", PREDICTOR_RECORD_DTYPE, 1)
        counts = array(content["counts"], "the numbers of nodes", np.int64, 1)
        starts = starts_of(counts, len(nodes))
        sizes = array(content["sets"], "the numbers of sets", np.int64, 1)
        require(len(sizes) == len(counts) and np.all(sizes >= 0), "the sets of categories are incomplete")
        sets = {name: array(content[name], "the sets of categories", np.uint32, 2) for name in _SETS}
        require(
            all(each.shape == (sizes.sum(), WORDS_OF_SET) for each in sets.values()),
            "the sets of categories have another shape",
        )
        _check_nodes(nodes, starts, counts, sizes)
        ends = np.cumsum(sizes)
        trees = [
            TreePredictor(nodes[start : start + count].copy(), *(sets[name][end - size : end].copy() for name in _SETS))
            for start, count, size, end in zip(starts, counts, sizes, ends)
        ]
        return _in_iterations(trees, array(content["iterations"], "the iterations", np.int64, 1))


def _is_iteration(value: Any) -> bool:
    return (
        type(value) is list
        and bool(value)
        and all(type(each).__module__ == "sklearn.ensemble._hist_gradient_boosting.predictor" for each in value)
    )


def _check_nodes(nodes: Any, starts: Any, counts: Any, sizes: Any) -> None:
    for name in ("is_leaf", "is_categorical", "missing_go_to_left"):
        require(np.all(nodes[name] <= 1), f"{name} of a node is not 0 or 1")
    inner = nodes["is_leaf"] == 0
    check_children(nodes["left"], nodes["right"], inner, starts, counts)
    require(np.isfinite(nodes["value"]).all(), "the value of a node is not finite")
    require(np.all(nodes["feature_idx"][inner] >= 0), "a node splits on a feature that the model does not have")
    categorical = inner & (nodes["is_categorical"] == 1)
    require(not np.isnan(nodes["num_threshold"][inner & ~categorical]).any(), "a threshold is not a number")
    known = np.repeat(sizes, counts)[categorical]
    require(
        np.all(nodes["bitset_idx"][categorical] < known), "a node reads a set of categories that its tree does not have"
    )


def _in_iterations(trees: list[Any], lengths: Any) -> list[list[Any]]:
    require(len(lengths) and lengths.min() >= 1 and lengths.sum() == len(trees), "the iterations do not hold the trees")
    ends = np.cumsum(lengths).tolist()
    return [trees[end - length : end] for end, length in zip(ends, lengths.tolist())]
