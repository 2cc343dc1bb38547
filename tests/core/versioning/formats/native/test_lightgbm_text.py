"""Boosters of lightgbm: what the library would follow without a check of bounds is refused before it gets the text."""

from __future__ import annotations

import functools
import re

import lightgbm
import numpy as np
import pytest

from mlops_magics.core.versioning.formats.native import lightgbm_text
from mlops_magics.errors import SerializationError
from tests.core.versioning.formats import safe_models

pytestmark = pytest.mark.filterwarnings("ignore")
KINDS = [kind for kind in safe_models.BUILDERS if kind.startswith("lightgbm")]


@functools.cache
def _text(kind: str = "lightgbm of categories") -> str:
    return str(safe_models.build(kind)[0].booster_.model_to_string(num_iteration=-1))


def _line(name: str, new: str, kind: str = "lightgbm of categories") -> str:
    """Return the text with another value in the first line of a name."""
    changed, count = re.subn(rf"^{name}=[^\n]*$", f"{name}={new}", _text(kind), count=1, flags=re.MULTILINE)
    assert count == 1, name
    return changed


def _first(name: str, new: str) -> str:
    """Return the text with another first number in the first line of a name."""
    old = re.search(rf"^{name}=([^ \n]*)([^\n]*)$", _text(), flags=re.MULTILINE)
    assert old is not None
    return _line(name, new + old[2])


LIES = {
    "a child outside": (lambda: _first("left_child", "99"), "exactly one parent"),
    "a leaf outside": (lambda: _first("left_child", "-99"), "exactly one parent"),
    "a loop": (lambda: _first("left_child", "0"), "a child is before its parent"),
    "a feature outside": (lambda: _first("split_feature", "6"), "a feature that the model does not have"),
    "a negative feature": (lambda: _first("split_feature", "-1"), "a feature that the model does not have"),
    "an unknown decision": (lambda: _first("decision_type", "99"), "the decision of a node is unknown"),
    "no threshold": (lambda: _first("threshold", "nan"), "threshold of a tree are not numbers"),
    "no leaf": (lambda: _first("leaf_value", "inf"), "leaf_value of a tree are not numbers"),
    "more leaves": (lambda: _line("num_leaves", "500"), "another length|too many|not finite"),
    "huge leaves": (lambda: _line("num_leaves", "2000000000"), "the number of leaves is not valid"),
    "fewer sets of categories": (lambda: _line("num_cat", "0"), "a set does not exist"),
    "more sets of categories": (lambda: _line("num_cat", "9"), "the categories of a tree are missing|another length"),
    "sets that overlap": (lambda: _first("cat_boundaries", "5"), "overlap"),
    "sets that are not bits": (lambda: _first("cat_threshold", "9999999999"), "not bits"),
    "more features": (lambda: _line("max_feature_idx", "9"), "not those of the features"),
    "huge features": (lambda: _line("max_feature_idx", "999999999"), "max_feature_idx is 999999999"),
    "more classes": (lambda: _line("num_class", "9"), "numbers of classes differ|one for each class"),
    "more trees for a class": (lambda: _line("num_tree_per_iteration", "9"), "not one for each class"),
    "other objective": (lambda: _line("objective", "multiclass num_class:99"), "the numbers of classes differ"),
    "one class": (lambda: _line("objective", "binary sigmoid:1"), "the objective has one class"),
    "a text in place of a number": (lambda: _line("num_class", "x"), "num_class is not a number"),
    "an unknown line": (lambda: _text().replace("num_class=", "forcedsplits=x\nnum_class=", 1), "unknown or double"),
    "a line twice": (lambda: _text().replace("num_cat=", "num_cat=0\nnum_cat=", 1), "unknown or double"),
    "no end": (lambda: _text().replace("end of trees", "the end"), "the trees have no end"),
    "control characters": (lambda: _text().replace("Tree=1", "Tree=1\x00"), "control characters"),
    "categories of pandas": (lambda: _text().rpartition("pandas_categorical:")[0] + "pandas_categorical:{}", "a list"),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_booster_that_lies_is_refused(lie: str) -> None:
    """The message names what is wrong."""
    change, message = LIES[lie]

    with pytest.raises(SerializationError, match=message):
        lightgbm_text.checked(change())


def test_the_offsets_of_trees_are_those_of_the_text_that_is_read() -> None:
    """The header's own are not believed: lightgbm reads each tree where they say."""
    checked = lightgbm_text.checked(_line("tree_sizes", " ".join(["999999999"] * 12)))

    assert lightgbm.Booster(model_str=checked).num_trees() == 12


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_checked_is_the_same_booster(kind: str) -> None:
    """All is written anew, and lightgbm saves it as it saved the original."""
    booster = lightgbm.Booster(model_str=lightgbm_text.checked(_text(kind)))

    assert booster.model_to_string() == lightgbm.Booster(model_str=_text(kind)).model_to_string()


def test_a_linear_leaf_that_reads_an_unknown_feature_is_refused() -> None:
    """The leaves of linear trees have features of their own."""
    kind = "lightgbm, linear leaves"
    text = _text(kind)

    with pytest.raises(SerializationError, match="an unknown feature"):
        lightgbm_text.checked(re.sub(r"^leaf_features=.*\d.*$", r"leaf_features=99", text, flags=re.MULTILINE))
    with pytest.raises(SerializationError, match="no coefficients"):
        lightgbm_text.checked(re.sub(r"^leaf_coeff=.*\d.*$", r"leaf_coeff=", text, flags=re.MULTILINE))


@pytest.mark.parametrize("objective", ["poisson", "quantile", "huber", "cross_entropy", "mape"])
def test_objectives_with_parameters_are_read(objective: str) -> None:
    """Each writes its own words into the header."""
    model = lightgbm.LGBMRegressor(objective=objective, **safe_models.SETTINGS)
    text = model.fit(safe_models.X, (safe_models.Y > 0) + 0).booster_.model_to_string()

    np.testing.assert_array_equal(
        lightgbm.Booster(model_str=lightgbm_text.checked(text)).predict(safe_models.X),
        model.booster_.predict(safe_models.X),
    )
