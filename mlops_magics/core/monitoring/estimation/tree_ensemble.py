"""A small regression forest as plain arrays: grown by scikit-learn, kept as JSON, read without it."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mlops_magics.errors import MissingDependency

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
TREES = 20
MOST_LEAVES = 32
"""Leaves of a tree, which is about 2 kB of JSON."""
MOST_ROWS = 4_000
"""Rows that are learned from. More make the forest hardly better, and pinning slower."""
SEED = 13
"""The choice of rows is arbitrary, but the same for the same data."""


@dataclass(frozen=True, slots=True)
class Tree:
    """One tree, node by node: the column and the limit of its split, the next nodes, and the answers of leaves.

    ``left`` is -1 at a leaf, and ``values`` is ``(n_nodes, n_outputs)``.
    """

    column: IntArray
    limit: FloatArray
    left: IntArray
    right: IntArray
    values: FloatArray

    def __call__(self, rows: npt.NDArray[np.float32]) -> FloatArray:
        """Return the answers for rows ``(n_samples, n_columns)``."""
        node = np.zeros(len(rows), dtype=np.int64)
        asking = np.arange(len(rows)) if self.left[0] >= 0 else np.empty(0, dtype=np.int64)
        while len(asking):
            here = node[asking]
            lower = rows[asking, self.column[here]] <= self.limit[here]
            node[asking] = np.where(lower, self.left[here], self.right[here])
            asking = asking[self.left[node[asking]] >= 0]
        return self.values[node]


@dataclass(frozen=True, slots=True)
class Forest:
    """The mean of some trees."""

    trees: tuple[Tree, ...]

    def __call__(self, design: FloatArray) -> FloatArray:
        """Return the answers for rows ``(n_samples, n_columns)``, as ``(n_samples, n_outputs)``."""
        rows = design.astype(np.float32)  # as scikit-learn does before it compares
        return np.asarray(sum(tree(rows) for tree in self.trees) / len(self.trees))

    @classmethod
    def fit(cls, design: FloatArray, outcome: FloatArray) -> tuple[Forest, FloatArray]:
        """Grow trees whose leaves hold many rows, so that they return means and not single errors.

        Returns
        -------
        tuple
            The forest, and for each row the answers of the trees that did not see it, ``(n_samples, n_outputs)``.

        Raises
        ------
        MissingDependency
            scikit-learn is not installed.
        """
        try:
            from sklearn.ensemble import RandomForestRegressor
        except ImportError as missing:
            raise MissingDependency("The estimate of regression errors needs scikit-learn", "scikit-learn") from missing
        chosen = np.random.default_rng(SEED).permutation(len(design))[:MOST_ROWS]
        grown = RandomForestRegressor(
            TREES,
            max_leaf_nodes=MOST_LEAVES,
            min_samples_leaf=max(1, min(20, len(chosen) // 10)),
            max_features=0.35,
            random_state=SEED,
            oob_score=True,
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of few rows some were seen by every tree
            grown.fit(design[chosen], outcome[chosen])
        unseen = np.full(outcome.shape, np.nan)
        unseen[chosen] = grown.oob_prediction_
        return cls(tuple(_plain(each.tree_) for each in grown.estimators_)), unseen

    def to_json(self) -> list[dict[str, Any]]:
        """Return plain lists."""
        return [
            {
                "column": tree.column.tolist(),
                "limit": [float(f"{limit:.9g}") for limit in tree.limit],
                "left": tree.left.tolist(),
                "right": tree.right.tolist(),
                "values": [[float(f"{value:.6g}") for value in row] for row in tree.values],
            }
            for tree in self.trees
        ]

    @classmethod
    def from_json(cls, trees: Sequence[Mapping[str, Any]]) -> Forest:
        """Read the lists of `to_json`."""
        return cls(
            tuple(
                Tree(
                    np.array(tree["column"], dtype=np.int64),
                    np.array(tree["limit"], dtype=np.float64),
                    np.array(tree["left"], dtype=np.int64),
                    np.array(tree["right"], dtype=np.int64),
                    np.array(tree["values"], dtype=np.float64),
                )
                for tree in trees
            )
        )


def _plain(tree: Any) -> Tree:
    """Copy the documented attributes of a fitted tree of scikit-learn."""
    return Tree(
        tree.feature.astype(np.int64),
        tree.threshold.astype(np.float64),
        tree.children_left.astype(np.int64),
        tree.children_right.astype(np.int64),
        tree.value[:, :, 0].astype(np.float64),
    )
