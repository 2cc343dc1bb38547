"""Checks of the features and the symmetric trees of a model of catboost in JSON."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import Any

from mlops_magics.core.versioning.formats.file_checks import integer, require

MOST_FEATURES = 2**20
DEEPEST = 16
"""catboost's own limit of the depth of a symmetric tree."""
MOST_TREES = 2**20
_KEYS_OF_NUMBER = {"borders", "feature_id", "feature_index", "flat_feature_index", "has_nans", "nan_value_treatment"}
_TREATMENTS = ("AsFalse", "AsIs", "AsTrue")
_LARGEST = 3.4028234663852886e38
"""The largest number of four bytes. Its negative is the border of missing values."""


@dataclass(frozen=True, slots=True)
class Bins:
    """The conditions that a split can test: for each feature the number of its first one, and all values."""

    numbers: list[tuple[int, list[Any]]]
    categories: list[tuple[int, list[Any]]]


def check_features(info: Any) -> Bins:
    """Return the conditions on the features of a model.

    Raises
    ------
    SerializationError
        Where a feature is not valid, or is of a kind that is not read.
    """
    require(type(info) is dict, "the features are missing")
    require(set(info) <= {"float_features", "categorical_features"}, "its features are stored as .cbm alone")
    numbers, categories = info.get("float_features", []), info.get("categorical_features", [])
    require(type(numbers) is list and type(categories) is list, "the features are not lists")
    total = len(numbers) + len(categories)
    require(1 <= total <= MOST_FEATURES, "the number of features is not valid")
    require(all(type(each) is dict for each in (*numbers, *categories)), "a feature is not a dictionary")
    places = sorted(
        integer(each.get("flat_feature_index"), "the place of a feature", 0, total - 1)
        for each in (*numbers, *categories)
    )
    require(places == list(range(total)), "two features have one place")
    # catboost numbers the conditions of all features in one row, numbers before categories
    found, at = Bins([], []), 0
    for place, feature in enumerate(numbers):
        borders = _borders(feature, place)
        found.numbers.append((at, borders))
        at += len(borders)
    for place, feature in enumerate(categories):
        values = _values(feature, place)
        found.categories.append((at, values))
        at += len(values)
    return found


def _borders(feature: dict[str, Any], place: int) -> list[float]:
    require(set(feature) == _KEYS_OF_NUMBER and feature["feature_index"] == place, "a feature is incomplete")
    require(type(feature["feature_id"]) is str and type(feature["has_nans"]) is bool, "a feature is not valid")
    require(feature["nan_value_treatment"] in _TREATMENTS, "the treatment of missing values is unknown")
    borders = feature["borders"]
    require(
        type(borders) is list and all(type(each) in (int, float) for each in borders), "the borders are not numbers"
    )
    require(all(math.isfinite(each) and abs(each) <= _LARGEST for each in borders), "a border is not finite")
    require(all(one < next_one for one, next_one in itertools.pairwise(borders)), "the borders are not in order")
    return [float(each) for each in borders]


def _values(feature: dict[str, Any], place: int) -> list[int]:
    require(
        set(feature) - {"values"} == {"feature_id", "feature_index", "flat_feature_index"}, "a feature is incomplete"
    )
    require(type(feature["feature_id"]) is str and feature["feature_index"] == place, "a feature is not valid")
    values = feature.get("values", [])
    # by repr: a list in hostile JSON has no hash, and True would equal 1
    require(type(values) is list and len(set(map(repr, values))) == len(values), "the categories are not a list")
    return [integer(each, "a category", -(2**31), 2**32 - 1) for each in values]


def check_trees(trees: Any, bins: Bins, dimensions: int) -> int:
    """Check that each split tests a condition that exists, and return the number of values in all leaves.

    Raises
    ------
    SerializationError
    """
    require(type(trees) is list and 1 <= len(trees) <= MOST_TREES, "the trees are missing")
    total = 0
    for tree in trees:
        require(
            type(tree) is dict and set(tree) - {"leaf_weights"} == {"leaf_values", "splits"}, "a tree is incomplete"
        )
        splits, values, weights = tree["splits"], tree["leaf_values"], tree.get("leaf_weights", [])
        require(type(splits) is list and len(splits) <= DEEPEST, "a tree is too deep")
        for split in splits:
            _check_split(split, bins)
        leaves = 2 ** len(splits)
        require(type(values) is list and len(values) == leaves * dimensions, "the values of leaves are incomplete")
        require(type(weights) is list and len(weights) in (0, leaves), "the weights of leaves are incomplete")
        numbers = (*values, *weights)
        require(all(type(each) in (int, float) and math.isfinite(each) for each in numbers), "a leaf is not finite")
        total += len(values)
    return total


def _check_split(split: Any, bins: Bins) -> None:
    require(type(split) is dict, "a split is not a dictionary")
    names: dict[str, tuple[str, str, list[tuple[int, list[Any]]]]] = {
        "FloatFeature": ("border", "float_feature_index", bins.numbers),
        "OneHotFeature": ("value", "cat_feature_index", bins.categories),
    }
    require(split.get("split_type") in names, "a split is of a kind that is stored as .cbm alone")
    value, feature, known = names[split["split_type"]]
    require(set(split) == {value, feature, "split_index", "split_type"}, "a split is incomplete")
    place = integer(split[feature], "the feature of a split", 0, len(known) - 1)
    first, values = known[place]
    number = integer(split["split_index"], "the number of a split", first, first + len(values) - 1)
    require(values[number - first] == split[value], "a split tests a condition that does not exist")
