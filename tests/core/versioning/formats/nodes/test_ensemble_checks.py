"""Ensembles: trees that do not fit the estimator around them are refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.preprocessing import FunctionTransformer

from mlops_magics.errors import SerializationError
from tests.core.versioning.formats.nodes.forged_files import forged, read, setting

pytestmark = pytest.mark.filterwarnings("ignore")


def _one_class(model: Any) -> None:
    model.init_ = DummyClassifier().fit(np.zeros((3, 6)), np.zeros(3))


def _other_encoder(model: Any) -> None:
    steps = model._preprocessor.transformers_
    steps[1] = (steps[1][0], FunctionTransformer(np.negative), steps[1][2])


def _first_tree(name: str, value: Any) -> Any:
    def change(model: Any) -> None:
        model._predictors["nodes"][name][0] = value

    return change


def _categorical(model: Any) -> None:
    nodes = model._predictors["nodes"]
    nodes["bitset_idx"][nodes["is_categorical"] == 1] = 10**6


LIES: list[tuple[str, Any, str]] = [
    ("gradient boosting", setting("n_trees_per_iteration_", 1), "not one for each class"),
    ("gradient boosting", _one_class, "initial predictions|index"),
    ("gradient boosting", setting("n_features_in_", 5), "other features than its ensemble"),
    ("gradient boosting", setting("estimators_.shape", [12]), "not one for each class"),
    ("gradient boosting", setting("estimators_.shape", [3, 4]), "not one for each class"),
    ("isolation forest", setting("estimators_features_.lengths.0", 2), "lengths|other features"),
    ("isolation forest", setting("_max_features", 6), "other features than its ensemble"),
    ("hist gradient boosting", _first_tree("left", 10**6), "outside its tree"),
    ("hist gradient boosting", _first_tree("right", 0), "before its parent"),
    ("hist gradient boosting", _first_tree("feature_idx", 6), "a feature that the model does not have"),
    ("hist gradient boosting", _first_tree("feature_idx", -1), "a feature that the model does not have"),
    ("hist gradient boosting", _first_tree("is_leaf", 2), "is_leaf of a node"),
    ("hist gradient boosting", _first_tree("is_categorical", 1), "a set of categories"),
    ("hist gradient boosting", _first_tree("num_threshold", np.nan), "a threshold is not a number"),
    (
        "hist gradient boosting",
        setting("_bin_mapper.is_categorical_", np.zeros(3, np.uint8)),
        "not given for each feature",
    ),
    ("hist gradient boosting", setting("n_trees_per_iteration_", 2), "not one for each class"),
    ("hist gradient boosting of categories", _categorical, "a set of categories that its tree does not have"),
    ("hist gradient boosting of categories", _other_encoder, "the numbers are changed"),
    ("hist gradient boosting of categories", setting("n_features_in_", 9), "bins are not those"),
    (
        "hist gradient boosting of categories",
        setting("_bin_mapper.bin_thresholds_.0", np.array([0.0, 999.0])),
        "a category is outside its set",
    ),
    (
        "hist gradient boosting of categories",
        setting("_predictors.raw_left_cat_bitsets", np.zeros((1, 8), np.uint32)),
        "shape",
    ),
    ("forest", setting("n_jobs", 10**9), "n_jobs is 1000000000"),
    ("vote", setting("estimators_.0.classes_.0", 2**63 - 1), "a number that is not a label"),
    ("vote", setting("estimators_.1.classes_.2", 2**63 - 1), "a number that is not a label"),
    ("vote", setting("estimators_.1.verbose", np.array([2**63 - 1], dtype=object)), "a number that is not a label"),
]


@pytest.mark.parametrize(("kind", "change", "message"), LIES)
def test_an_ensemble_that_lies_is_refused(kind: str, change: Any, message: str) -> None:
    """Compiled code would read outside its arrays."""
    with pytest.raises((SerializationError, IndexError), match=message):
        read(forged(kind, change))


@pytest.mark.parametrize(
    "name", ["predict_disable_shape_check", "machines", "input_model", "num_threads", "device_type"]
)
def test_a_parameter_of_prediction_is_refused(name: str) -> None:
    """The scikit-learn wrapper of lightgbm hands its parameters to each prediction."""
    with pytest.raises(SerializationError, match="a parameter is not one of training"):
        read(forged("lightgbm", setting(f"attributes._other_params.{name}", "1")))
