"""Models of catboost as JSON that is checked before catboost reads it.

catboost's own JSON rounds numbers, so leaf values, scale and bias are stored apart and set again after it was read.
Only symmetric trees are stored so, on numbers and on categories with few values. Others are stored as ``.cbm``, which
catboost reads without a check.
"""

from __future__ import annotations

import json
import math
import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from mlops_magics.core.versioning.formats.file_checks import integer, require
from mlops_magics.core.versioning.formats.native.catboost_trees import check_features, check_trees

CLASSES = ("CatBoost", "CatBoostClassifier", "CatBoostRanker", "CatBoostRegressor")
MOST_DIMENSIONS = 2**16
DEEPEST = 12
_KEYS = ("features_info", "oblivious_trees", "scale_and_bias")
_KEYS_OF_INFO = ("class_params", "output_options", "params")
_LABEL_TYPES = ("Boolean", "Float", "Integer", "String")


def supports(model: Any) -> bool:
    """Return whether a class of catboost is stored so. The parts of its trees are checked when they are written."""
    kind = type(model)
    return kind.__module__ == "catboost.core" and kind.__name__ in CLASSES


def to_text(model: Any) -> str:
    """Return a fitted model as JSON.

    Raises
    ------
    SerializationError
        For trees and features that are not stored so.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.json"
        model.save_model(os.fspath(path), format="json")
        found = json.loads(path.read_text(encoding="utf-8"))
    scale, bias = model.get_scale_and_bias()
    info = {name: each for name, each in found["model_info"].items() if name in _KEYS_OF_INFO}
    kept = {name: each for name, each in found.items() if name in (*_KEYS, "trees", "ctr_data")}
    parameters = model._init_params
    document = {
        "catboost": type(model).__name__,
        "model": {**kept, "model_info": info},
        "leaf_values": model.get_leaf_values().tolist(),
        "scale": float(scale),
        "bias": [float(each) for each in (bias if isinstance(bias, list) else [bias])],
        "parameters": parameters if _is_json(parameters) else {},
    }
    _check(document)
    return json.dumps(document)


def from_text(text: str | bytes) -> Any:
    """Return the model of `to_text`.

    Raises
    ------
    SerializationError
        Where the text is not valid.
    """
    import catboost

    document = json.loads(text)
    _check(document)
    model = getattr(catboost, document["catboost"])()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.json"
        path.write_text(json.dumps(document["model"]), encoding="utf-8")
        model.load_model(os.fspath(path), format="json")
    model.set_leaf_values(np.array(document["leaf_values"]))
    bias = document["bias"]
    # catboost takes a number for one dimension and a list for several
    model.set_scale_and_bias(document["scale"], bias if len(bias) > 1 else bias[0])
    model._init_params = document["parameters"]
    return model


def unfitted(name: Any, parameters: Any) -> Any:
    """Return a model that is not fitted, by its class and the JSON of its parameters.

    Raises
    ------
    SerializationError
        Where the class is unknown or the text is not valid.
    """
    import catboost

    require(name in CLASSES and type(parameters) is str, "the class of catboost is unknown")
    given = json.loads(parameters)
    require(type(given) is dict and _is_json(given), "the parameters are not JSON")
    model = getattr(catboost, name)()
    model._init_params = given
    return model


def _check(document: Any) -> None:
    known = {"catboost", "model", "leaf_values", "scale", "bias", "parameters"}
    require(type(document) is dict and set(document) == known, "a model of catboost is incomplete")
    require(document["catboost"] in CLASSES, "the class of catboost is unknown")
    model, bias = document["model"], document["bias"]
    require(
        type(model) is dict and set(model) == {*_KEYS, "model_info"}, "its trees or features are stored as .cbm alone"
    )
    require(_are_finite([document["scale"]]), "the scale is not a number")
    require(type(bias) is list and 1 <= len(bias) <= MOST_DIMENSIONS and _are_finite(bias), "the bias is not numbers")
    given = model["scale_and_bias"]
    require(type(given) is list and len(given) == 2 and _are_finite(given[:1]), "the scale is not a number")
    require(type(given[1]) is list and len(given[1]) == len(bias) and _are_finite(given[1]), "the bias is not numbers")
    bins = check_features(model["features_info"])
    count = check_trees(model["oblivious_trees"], bins, len(bias))
    values = document["leaf_values"]
    require(
        type(values) is list and len(values) == count and _are_finite(values), "the values of leaves are not numbers"
    )
    _check_info(model["model_info"], len(bias))
    require(type(document["parameters"]) is dict and _is_json(document["parameters"]), "the parameters are not JSON")


def _check_info(info: Any, dimensions: int) -> None:
    require(type(info) is dict and set(info) <= set(_KEYS_OF_INFO), "the facts of a model are unknown")
    require(_is_json(info.get("params")) and type(info.get("params")) is dict, "the parameters are not JSON")
    loss = info["params"].get("loss_function")
    require(type(loss) is dict and type(loss.get("type")) is str, "the loss function is missing")
    options = info.get("output_options", "{}")
    require(type(options) is str and type(json.loads(options)) is dict, "the options of output are not JSON")
    classes = info.get("class_params")
    if classes is None:
        return
    names, labels = classes.get("class_names"), classes.get("class_to_label")
    require(classes.get("class_label_type") in _LABEL_TYPES, "the type of classes is unknown")
    integer(classes.get("classes_count"), "the number of classes", 0, MOST_DIMENSIONS)
    # a binary classifier has one dimension for two classes
    count = max(dimensions, 2)
    require(type(names) is list and len(names) in (0, count), "the classes are not those of the predictions")
    require(all(type(each) in (str, int, float, bool) for each in names), "a class is not a text or a number")
    require(type(labels) is list and labels == list(range(count)), "the classes are not numbered")


def _are_finite(values: list[Any]) -> bool:
    # json reads NaN and Infinity, which are not JSON
    return all(type(each) in (int, float) and math.isfinite(each) for each in values)


def _is_json(value: Any, depth: int = 0) -> bool:
    """Return whether a value is made of finite numbers, texts, lists and dictionaries, not too deep."""
    if depth > DEEPEST:
        return False
    if type(value) is dict:
        return all(type(name) is str and _is_json(each, depth + 1) for name, each in value.items())
    if type(value) is list:
        return all(_is_json(each, depth + 1) for each in value)
    return value is None or type(value) in (bool, str) or (type(value) in (int, float) and math.isfinite(value))
