"""Boosters of xgboost: what the library would follow without a check of bounds is refused before it gets the bytes."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import xgboost

from mlops_magics.core.versioning.formats.native import ubjson, xgboost_model
from mlops_magics.errors import SerializationError
from tests.core.versioning.formats import safe_models

pytestmark = pytest.mark.filterwarnings("ignore")
KINDS = [kind for kind in safe_models.BUILDERS if kind.startswith("xgboost")]


@functools.cache
def _bytes(kind: str = "xgboost of categories") -> bytes:
    return bytes(safe_models.build(kind)[0].get_booster().save_raw("ubj"))


def _changed(change: Callable[[dict[str, Any]], Any], kind: str = "xgboost of categories") -> bytes:
    model = ubjson.decode(_bytes(kind))
    change(model["learner"])
    return ubjson.encode(model)


def _trees(learner: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = learner["gradient_booster"]["model"]
    return found


def _in_first_tree(name: str, place: int, value: Any) -> Callable[[dict[str, Any]], None]:
    def change(learner: dict[str, Any]) -> None:
        _trees(learner)["trees"][0][name][place] = value

    return change


def _parameter(name: str, value: str) -> Callable[[dict[str, Any]], None]:
    return lambda learner: learner["learner_model_param"].update({name: value})


def _of_first_tree(**values: Any) -> Callable[[dict[str, Any]], None]:
    return lambda learner: _trees(learner)["trees"][0].update(values)


def _threshold(learner: dict[str, Any]) -> None:
    tree = _trees(learner)["trees"][0]
    numeric = (tree["left_children"] >= 0) & (tree["split_type"] == 0)
    tree["split_conditions"][np.flatnonzero(numeric)[0]] = np.nan


def _category(learner: dict[str, Any]) -> None:
    tree = next(each for each in _trees(learner)["trees"] if len(each["categories"]))
    tree["categories"][0] = 2**30


def _no_category(learner: dict[str, Any]) -> None:
    tree = next(each for each in _trees(learner)["trees"] if len(each["categories"]))
    tree["categories_nodes"][0] = len(tree["parents"]) - 1


LIES: dict[str, tuple[Callable[[dict[str, Any]], Any], str]] = {
    "a child outside": (_in_first_tree("left_children", 0, 10**6), "a child is outside its tree"),
    "a child with two parents": (_in_first_tree("left_children", 0, 2), "two parents"),
    "a loop": (_in_first_tree("right_children", 1, 1), "two parents|another parent"),
    "another parent": (_in_first_tree("parents", 1, 2), "a node names another parent"),
    "a feature outside": (_in_first_tree("split_indices", 0, 6), "a feature that the model does not have"),
    "an unknown kind of split": (_in_first_tree("split_type", 0, 7), "not 0 or 1"),
    "no threshold": (_threshold, "a threshold is not a number"),
    "an infinite leaf": (_in_first_tree("split_conditions", -1, np.inf), "not finite"),
    "fewer nodes": (lambda it: _trees(it)["trees"][0]["tree_param"].update(num_nodes="3"), "not one for each node"),
    "other features": (_parameter("num_feature", "9"), "not those of the features"),
    "huge features": (_parameter("num_feature", "2000000000"), "num_feature is 2000000000"),
    "more classes": (_parameter("num_class", "9"), "the numbers of classes differ|one for each class"),
    "a negative number": (_parameter("num_feature", "-6"), "num_feature is not a number"),
    "no base score": (_parameter("base_score", "[x]"), "base_score"),
    "a class outside": (lambda it: _trees(it)["tree_info"].__setitem__(0, 3), "a class that the model does not have"),
    "rounds outside": (
        lambda it: _trees(it)["iteration_indptr"].__setitem__(1, 99),
        "the rounds do not hold the trees",
    ),
    "trees in disorder": (lambda it: _trees(it)["trees"].reverse(), "the trees are not in order"),
    "fewer trees": (lambda it: _trees(it)["trees"].pop(), "num_trees"),
    "a best round outside": (lambda it: it["attributes"].update(best_iteration="999"), "best_iteration is 999"),
    "an unknown objective": (lambda it: it["objective"].update(name="os:system"), "is unknown"),
    "another objective": (lambda it: it["objective"].update(name="reg:squarederror"), "parameters of another one"),
    "an unknown key": (lambda it: it.update(extra="1"), "has the unknown key"),
    "another booster": (lambda it: it["gradient_booster"].update(name="gbfile"), "the booster is unknown"),
    "a huge category": (_category, "a category is too large"),
    "a category of another node": (_no_category, "not those of the nodes"),
    "categories that overlap": (_of_first_tree(categories_sizes=np.array([5], np.int64)), "categories"),
    "an array of another type": (_of_first_tree(parents=np.zeros(15, np.int64)), "not one for each node"),
    "categories of data": (
        lambda it: _trees(it)["cats"]["sorted_idx"].__setitem__(0, 77),
        "the order names no category",
    ),
    "texts of categories": (
        lambda it: _trees(it)["cats"]["enc"][2]["offsets"].__setitem__(1, 10**6),
        "a text has no end",
    ),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_booster_that_lies_is_refused(lie: str) -> None:
    """The message names what is wrong."""
    change, message = LIES[lie]

    with pytest.raises(SerializationError, match=message):
        xgboost_model.checked(_changed(change))


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_checked_is_the_same_booster(kind: str) -> None:
    """All is written anew, and xgboost saves it as it saved the original."""
    booster = xgboost.Booster(model_file=xgboost_model.checked(_bytes(kind)))

    assert bytes(booster.save_raw("ubj")) == _bytes(kind)


@pytest.mark.parametrize("method", ["exact", "hist", "approx"])
def test_pruned_trees_are_read(method: str) -> None:
    """The exact method keeps the nodes that it pruned in the array."""
    data = xgboost.DMatrix(safe_models.X, safe_models.NUMBERS)
    booster = xgboost.train({"tree_method": method, "gamma": 5, "max_depth": 5}, data, 3)
    checked = xgboost.Booster(model_file=xgboost_model.checked(bytes(booster.save_raw("ubj"))))

    np.testing.assert_array_equal(checked.predict(data), booster.predict(data))


@pytest.mark.parametrize("length", [0, 1, 30, 500, -1])
def test_a_booster_that_is_cut_off_is_refused(length: int) -> None:
    """So is one with bytes after its end."""
    for data in (_bytes()[:length], _bytes() + b"x"):
        with pytest.raises(SerializationError):
            xgboost_model.checked(data)
