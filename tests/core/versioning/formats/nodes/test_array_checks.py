"""Estimators without trees whose compiled code reads arrays without bounds: lengths and labels are checked."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mlops_magics.errors import SerializationError
from tests.core.versioning.formats.nodes.forged_files import forged, read, setting

pytestmark = pytest.mark.filterwarnings("ignore")


def _labels(model: Any) -> None:
    model._y = model._y + 50


def _fewer_rows(model: Any) -> None:
    model._fit_X = model._fit_X[:10]


def _shifted_words(model: Any) -> None:
    words = model.steps[0][1].vocabulary_
    words[next(iter(words))] = 10**6


LIES: list[tuple[str, Any, str]] = [
    ("neighbours in a k-d tree", _fewer_rows, "the number of training rows"),
    ("neighbours in a k-d tree", setting("_tree", None), "the tree of neighbours is missing"),
    ("neighbours in a k-d tree", setting("_tree.leaf_size", 0), "the size of a leaf is 0"),
    ("neighbours in a k-d tree", setting("_tree.metric", "pyfunc"), "a metric is not valid"),
    ("neighbours in a k-d tree", setting("_tree.class", "KernelDensity"), "is not a tree of neighbours"),
    ("neighbours in a k-d tree", setting("_tree.data", np.full((150, 6), np.nan)), "not finite"),
    ("neighbours in a k-d tree", setting("_tree.data", np.zeros((150, 2))), "other rows than the model"),
    ("neighbours in a ball tree", setting("_tree.parameters.p", 0.5), "the power of a metric"),
    ("neighbours in a ball tree", setting("_tree.parameters.w", np.ones(3)), "a metric is not valid|no weights"),
    ("neighbours without a tree", _labels, "a label is not a class"),
    ("neighbours without a tree", setting("_y", np.zeros(3, dtype=np.int64)), "not those of the training rows"),
    ("neighbours of sparse rows", setting("_fit_X.indices.0", 10**6), "an index of a matrix is outside its shape"),
    ("neighbours of sparse rows", setting("_fit_X.indices.0", -1), "an index of a matrix is outside its shape"),
    ("neighbours of sparse rows", setting("_fit_X.indptr.1", 10**6), "index|pointer"),
    ("neighbours of sparse rows", setting("_fit_X.shape", [150, 3]), "outside its shape"),
    ("neighbours of sparse rows", setting("_fit_X.class", "lil_matrix"), "is not a sparse matrix"),
    (
        "support vectors",
        setting("_n_support", np.array([1, 1, 1], np.int32)),
        "the vectors are not those of the classes",
    ),
    ("support vectors", setting("_dual_coef_", np.zeros((1, 1))), "the coefficients are not those of the classes"),
    ("support vectors", setting("_intercept_", np.zeros(1)), "the coefficients are not those of the classes"),
    ("support vectors", setting("support_vectors_", np.zeros((3, 6))), "the vectors have other features"),
    ("support vectors", setting("_impl", "nu_svr"), "the kind of a support vector machine is changed"),
    ("clusters", setting("cluster_centers_", np.zeros((3, 2))), "other features than the model"),
    ("merged features", setting("steps.0.1.labels_.0", 2**63 - 1), "a feature has no cluster"),
    ("merged features", setting("steps.0.1.labels_", np.zeros(2, dtype=np.int64)), "not those of the features"),
    ("clusters", setting("_n_threads", 10**6), "_n_threads is 1000000"),
    ("words and forest", _shifted_words, "are not its columns"),
]


@pytest.mark.parametrize(("kind", "change", "message"), LIES)
def test_an_array_that_lies_is_refused(kind: str, change: Any, message: str) -> None:
    """The message names what is wrong."""
    with pytest.raises((SerializationError, ValueError), match=message):
        read(forged(kind, change))


def test_a_category_without_a_column_is_refused() -> None:
    """A one-hot encoder would write outside the matrix that the next step multiplies."""

    def change(model: Any) -> None:
        vars(model.steps[0][1].transformers_[0][1])["_n_features_outs"] = [1]

    with pytest.raises(SerializationError, match="a category has no column"):
        read(forged("columns and forest", change))
