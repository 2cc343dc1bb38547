"""Checks of arrays in estimators without trees, whose compiled code reads them without bounds."""

from __future__ import annotations

from typing import Any

import numpy as np

from mlops_magics.core.versioning.formats.file_checks import integer, require

MOST_FEATURES = 2**31 - 1


def cluster_centers(value: Any) -> None:
    """Check that the centres of KMeans have its features."""
    state = vars(value)
    if "cluster_centers_" in state:
        features = integer(state.get("n_features_in_"), "the number of features", 1, MOST_FEATURES)
        centers = state["cluster_centers_"]
        require(
            type(centers) is np.ndarray and centers.ndim == 2 and centers.shape[1] == features and len(centers),
            "the centres of clusters have other features than the model",
        )


def merged_features(value: Any) -> None:
    """Check that each feature of an agglomeration has the number of a cluster."""
    state = vars(value)
    if "labels_" in state:
        labels, features = (
            state["labels_"],
            integer(state.get("n_features_in_"), "the number of features", 1, MOST_FEATURES),
        )
        require(
            type(labels) is np.ndarray and labels.dtype.kind == "i" and labels.shape == (features,),
            "the clusters are not those of the features",
        )
        require(labels.min() >= 0 and labels.max() < features, "a feature has no cluster")


def numbers_above(most: int, value: Any) -> bool:
    """Return whether an integer above ``most`` is anywhere in a value, its attributes and its arrays."""
    waiting, seen = [value], set()
    while waiting:
        each = waiting.pop()
        if isinstance(each, int | np.integer):
            if each > most:
                return True
        elif isinstance(each, np.ndarray) and each.dtype.kind in "iu":
            if each.size and each.max() > most:
                return True
        elif id(each) not in seen:
            seen.add(id(each))
            waiting += _parts(each)
    return False


def _parts(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [*value, *value.values()]
    if isinstance(value, list | tuple | set):
        return list(value)
    if isinstance(value, np.ndarray):
        return list(value.ravel()) if value.dtype.kind == "O" else []
    return list(vars(value).values()) if hasattr(value, "__dict__") and not isinstance(value, type) else []


def vocabulary(value: Any) -> None:
    """Check that the words of a vectoriser have the numbers 0, 1, 2 and so on: they are the columns of its matrix."""
    words = vars(value).get("vocabulary_")
    if words is not None:
        require(
            isinstance(words, dict) and all(isinstance(each, int | np.integer) for each in words.values()), "no words"
        )
        require(sorted(words.values()) == list(range(len(words))), "the words of a vectoriser are not its columns")


def one_hot_encoder(value: Any) -> None:
    """Check that each category of a one-hot encoder has a column."""
    state = vars(value)
    if "categories_" not in state:
        return
    categories = state["categories_"]
    require(
        type(categories) is list and all(type(each) is np.ndarray for each in categories), "no categories are given"
    )
    require(state.get("n_features_in_") == len(categories), "the categories are not those of the features")
    mappings = state.get("_default_to_infrequent_mappings") or [None] * len(categories)
    columns, dropped = state.get("_n_features_outs"), state.get("_drop_idx_after_grouping")
    require(type(columns) is list and len(columns) == len(categories) == len(mappings), "the columns are incomplete")
    for number, (known, mapping, width) in enumerate(zip(categories, mappings, columns)):
        count = len(known)
        if mapping is not None:
            require(
                type(mapping) is np.ndarray
                and mapping.dtype.kind == "i"
                and len(mapping) == count
                and mapping.min() >= 0,
                "a category has no column",
            )
            count = int(mapping.max()) + 1
        gone = dropped is not None and dropped[number] is not None
        require(isinstance(width, int | np.integer) and width == count - gone, "a category has no column")


def neighbours(value: Any) -> None:
    """Check that the training rows of a neighbours model match its tree, its labels and its features."""
    state = vars(value)
    if state.get("_fit_X") is None:
        return
    rows = state["_fit_X"]
    features = integer(state.get("n_features_in_"), "the number of features", 1, MOST_FEATURES)
    require(getattr(rows, "ndim", 0) == 2 and rows.shape[1] == features, "the training rows have other features")
    require(rows.dtype.kind in "biuf", "the training rows are not numbers")
    count, tree, method = rows.shape[0], state.get("_tree"), state.get("_fit_method")
    require(state.get("n_samples_fit_") == count, "the number of training rows is another one")
    require((tree is not None) == (method in ("kd_tree", "ball_tree")), "the tree of neighbours is missing")
    require(tree is None or tree.data.shape == rows.shape, "the tree of neighbours has other rows than the model")
    if "_y" in state:
        _check_labels(state, count)


def _check_labels(state: dict[str, Any], count: int) -> None:
    labels = state["_y"]
    require(isinstance(labels, np.ndarray) and len(labels) == count, "the labels are not those of the training rows")
    if "classes_" not in state:
        return
    require(labels.dtype.kind == "i", "the labels are not numbers of classes")
    known = state["classes_"] if state.get("outputs_2d_") else [state["classes_"]]
    columns = labels.reshape(count, -1)
    require(type(known) is list and len(known) == columns.shape[1], "the classes are not those of the labels")
    for number, classes in enumerate(known):
        column = columns[:, number]
        # a start value, because numpy refuses the minimum of nothing
        require(column.min(initial=0) >= 0 and column.max(initial=-1) < len(classes), "a label is not a class")


def support_vectors(value: Any) -> None:
    """Check that the arrays of a support vector machine have the lengths that libsvm takes for granted."""
    state = vars(value)
    # the class chooses libsvm's routine by this name, and an attribute of the object would go before it
    require("_impl" not in state, "the kind of a support vector machine is changed")
    if "support_" not in state:
        return
    vectors, dual, offsets, counts = (
        state[name] for name in ("support_vectors_", "_dual_coef_", "_intercept_", "_n_support")
    )
    support, seen = state["support_"], state["shape_fit_"]
    number, classes = len(support), len(counts)
    pairs = classes * (classes - 1) // 2
    # libsvm counts two classes in a regression too, and all vectors in the first one
    sums = counts[0] if "classes_" not in state else counts.sum()
    require(type(support) is np.ndarray and counts.dtype == support.dtype == np.int32, "the numbers are not integers")
    require(support.ndim == counts.ndim == offsets.ndim == 1 and dual.ndim == 2, "an array has another shape")
    require(classes >= 2 and (counts >= 0).all() and sums == number, "the vectors are not those of the classes")
    require(number == 0 or (support.min() >= 0 and support.max() < seen[0]), "a vector is outside the training rows")
    require(
        dual.shape == (classes - 1, number) and len(offsets) == pairs, "the coefficients are not those of the classes"
    )
    require(all(len(state[name]) in (0, pairs) for name in ("_probA", "_probB")), "the probabilities are incomplete")
    width = (0, 0) if state.get("kernel") == "precomputed" else (number, state["n_features_in_"])
    require(vectors.shape == width and (seen[1] == state["n_features_in_"]), "the vectors have other features")
