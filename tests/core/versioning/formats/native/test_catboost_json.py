"""Models of catboost in JSON: numbers come back exactly, and what lies is refused before catboost reads it."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from typing import Any

import pytest

from mlops_magics.core.versioning.formats.native import catboost_json
from mlops_magics.errors import SerializationError
from tests.core.versioning.formats import safe_models

catboost = pytest.importorskip("catboost")
pytestmark = pytest.mark.filterwarnings("ignore")


@functools.cache
def _text() -> str:
    return catboost_json.to_text(safe_models.build("catboost of two categories")[0])


def _split(**values: Any) -> Callable[[dict[str, Any]], Any]:
    return lambda it: it["model"]["oblivious_trees"][0]["splits"][0].update(values)


def _number(**values: Any) -> Callable[[dict[str, Any]], Any]:
    return lambda it: it["model"]["features_info"]["float_features"][0].update(values)


LIES: dict[str, tuple[Callable[[dict[str, Any]], Any], str]] = {
    "a condition outside": (_split(split_index=10**6), "the number of a split"),
    "another condition": (_split(border=123.0, value=5), "does not exist|a split is incomplete"),
    "a feature outside": (_split(float_feature_index=99, cat_feature_index=99), "the feature of a split|incomplete"),
    "a split by counts": (_split(split_type="OnlineCtr"), "stored as .cbm alone"),
    "fewer leaves": (lambda it: it["model"]["oblivious_trees"][0]["leaf_values"].pop(), "leaves are incomplete"),
    "fewer values": (lambda it: it["leaf_values"].pop(), "the values of leaves are not numbers"),
    "more predictions": (lambda it: it["bias"].append(0.0), "the bias is not numbers"),
    "borders in disorder": (_number(borders=[2.0, 1.0]), "not in order|does not exist|the number of a split"),
    "two features in one place": (_number(flat_feature_index=1), "two features have one place"),
    "another class of Python": (lambda it: it.update(catboost="CatBoostError"), "is unknown"),
    "an unknown part": (lambda it: it["model"].update(ctr_data={}), "stored as .cbm alone"),
    "no loss": (lambda it: it["model"]["model_info"]["params"].pop("loss_function"), "the loss function is missing"),
    "parameters of no type": (lambda it: it.update(parameters=[]), "the parameters are not JSON"),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_model_that_lies_is_refused(lie: str) -> None:
    """The message names what is wrong."""
    change, message = LIES[lie]
    document = json.loads(_text())
    change(document)

    with pytest.raises(SerializationError, match=message):
        catboost_json.from_text(json.dumps(document))


def test_parameters_come_back() -> None:
    """As they were given, not as catboost completes them."""
    model, _ = safe_models.build("catboost of two categories")

    assert catboost_json.from_text(_text()).get_params() == model.get_params()


@pytest.mark.parametrize("options", [{"grow_policy": "Lossguide"}, {"cat_features": ["c"], "one_hot_max_size": 1}])
def test_other_trees_and_features_are_left_to_the_native_format(options: dict[str, Any]) -> None:
    """The error says in which format they are stored."""
    rows = safe_models.MIXED if "cat_features" in options else safe_models.FRAME
    model = catboost.CatBoostClassifier(iterations=30, depth=4, verbose=False, allow_writing_files=False, **options)
    model.fit(rows, safe_models.Y > 0)

    with pytest.raises(SerializationError, match=r"\.cbm alone"):
        catboost_json.to_text(model)
