"""Trees of nearest neighbours: data, leaf size and metric are stored, and the tree is built again from them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from mlops_magics.core.versioning.formats.file_checks import array, integer, require
from mlops_magics.core.versioning.formats.nodes.node import Encode, Node

TREES = ("KDTree", "BallTree")
METRICS = {
    "EuclideanDistance64": ("euclidean", ()),
    "ManhattanDistance64": ("manhattan", ()),
    "ChebyshevDistance64": ("chebyshev", ()),
    "MinkowskiDistance64": ("minkowski", ("p", "w")),
    "SEuclideanDistance64": ("seuclidean", ("V",)),
    "HammingDistance64": ("hamming", ()),
    "CanberraDistance64": ("canberra", ()),
    "BrayCurtisDistance64": ("braycurtis", ()),
    "JaccardDistance64": ("jaccard", ()),
    "DiceDistance64": ("dice", ()),
    "RogersTanimotoDistance64": ("rogerstanimoto", ()),
    "RussellRaoDistance64": ("russellrao", ()),
    "SokalSneathDistance64": ("sokalsneath", ()),
    "HaversineDistance64": ("haversine", ()),
}
"""Class of a metric → the name that scikit-learn builds it from, and its parameters."""
COLUMNS_OF_HAVERSINE = 2


class NeighbourTreeNode(Node):
    """``sklearn.neighbors.KDTree`` and ``BallTree``."""

    kind: ClassVar[str] = "neighbour tree"

    def accepts(self, value: Any) -> bool:
        """Accept trees whose metric is one of `METRICS`."""
        kind = type(value)
        return (
            kind.__module__ in ("sklearn.neighbors._kd_tree", "sklearn.neighbors._ball_tree")
            and kind.__name__ in TREES
            and type(_metric(value)).__name__ in METRICS
        )

    def encode(self, value: Any, encode: Encode) -> dict[str, Any]:
        """Return the data, the size of a leaf, the weights and the metric."""
        # the state has no names: in scikit-learn's tuple the size of a leaf is the fifth, the metric the twelfth
        state = value.__getstate__()
        name, parameters = METRICS[type(_metric(value)).__name__]
        metric = _metric(value).__getstate__()
        known = dict(zip(("p", "vec"), metric))
        given: dict[str, Any] = {
            each: float(known["p"]) if each == "p" else np.asarray(known["vec"]) for each in parameters
        }
        if "w" in given and len(given["w"]) != value.data.shape[1]:
            del given["w"]
        weights = None if value.sample_weight is None else np.asarray(value.sample_weight)
        return {
            "class": type(value).__name__,
            "data": encode(np.asarray(value.data)),
            "leaf_size": int(state[4]),
            "metric": name,
            "parameters": given,
            "weights": weights,
        }

    def decode(self, content: Mapping[str, Any]) -> Any:
        """Return the tree, built from the data."""
        import sklearn.neighbors

        name, metric, given = content["class"], content["metric"], content["parameters"]
        require(name in TREES, f"{name!r:.40} is not a tree of neighbours")
        known = dict(METRICS.values())
        require(metric in known and type(given) is dict and set(given) <= set(known[metric]), "a metric is not valid")
        data = array(content["data"], "the rows of a tree", np.float64, 2)
        require(data.size and np.isfinite(data).all(), "the rows of a tree are not finite numbers")
        require(metric != "haversine" or data.shape[1] == COLUMNS_OF_HAVERSINE, "a metric needs two columns")
        for parameter, each in given.items():
            if parameter == "p":
                require(type(each) is float and each >= 1, "the power of a metric is not valid")
            else:
                vector = array(each, "the weights of a metric", np.float64, 1)
                require(
                    vector.shape == data.shape[1:] and np.isfinite(vector).all() and vector.min() >= 0, "no weights"
                )
        weights = content["weights"]
        if weights is not None:
            weights = array(weights, "the weights of rows", np.float64, 1)
            require(
                len(weights) == len(data) and np.isfinite(weights).all() and weights.min() > 0, "no weights of rows"
            )
        leaf_size = integer(content["leaf_size"], "the size of a leaf", 1, 2**31 - 1)
        kind = getattr(sklearn.neighbors, name)
        return kind(data, leaf_size=leaf_size, metric=metric, sample_weight=weights, **given)


def _metric(value: Any) -> Any:
    return value.__getstate__()[11]
