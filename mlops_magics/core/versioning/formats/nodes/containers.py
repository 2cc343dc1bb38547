"""Containers that skops writes slowly or not at all: long lists of words, many short arrays, special dictionaries."""

from __future__ import annotations

import collections
import json
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from mlops_magics.core.versioning.formats.file_checks import array, integer, path_of, require
from mlops_magics.core.versioning.formats.nodes.known_types import is_object_array, places
from mlops_magics.core.versioning.formats.nodes.node import KEY, Encode, Node

FEWEST_ITEMS = 16
"""Items from which a container is stored as one text: skops writes and reads each item by itself."""
FEWEST_ARRAYS = 8
"""Arrays from which a list of them is stored as one."""
_JSON_ATOMS = (type(None), bool, int, float, str)
_NUMBERS = "biuf"
"""Kinds of numpy's dtypes."""
_FACTORIES = {"list": list, "dict": dict, "int": int, "float": float, "OrderedDict": collections.OrderedDict}


class JsonNode(Node):
    """A list, a dictionary or an array of texts, numbers and booleans only, as one JSON text."""

    kind: ClassVar[str] = "json"

    def accepts(self, value: Any) -> bool:
        """Accept containers of at least `FEWEST_ITEMS` items that JSON represents exactly."""
        if type(value) is list:
            # by type: numpy's float64 is a float too, and JSON would return a plain one
            return len(value) >= FEWEST_ITEMS and all(type(each) in _JSON_ATOMS for each in value)
        if type(value) is dict:
            return (
                len(value) >= FEWEST_ITEMS
                and KEY not in value
                and all(type(name) is str and type(each) in _JSON_ATOMS for name, each in value.items())
            )
        return (
            type(value) is np.ndarray
            and is_object_array(value)
            and all(type(each) in _JSON_ATOMS for each in value.ravel())
        )

    def encode(self, value: Any, encode: Encode) -> dict[str, Any]:
        """Return the JSON text, and the shape of an array."""
        if isinstance(value, np.ndarray):
            return {"text": json.dumps(value.ravel().tolist()), "shape": list(value.shape)}
        return {"text": json.dumps(value), "shape": None}

    def decode(self, content: Mapping[str, Any]) -> Any:
        """Return the container."""
        require(type(content["text"]) is str, "a text is missing")
        found = json.loads(content["text"])
        items = found.values() if type(found) is dict else found
        require(type(found) in (list, dict) and all(type(each) in _JSON_ATOMS for each in items), "a text is nested")
        require(type(found) is list or KEY not in found, "a text is a node")
        return found if content["shape"] is None else _objects(found, content["shape"])


class ObjectsNode(Node):
    """An array of Python objects."""

    kind: ClassVar[str] = "objects"

    def accepts(self, value: Any) -> bool:
        """Accept arrays of objects. One with a mask is left to skops."""
        return type(value) is np.ndarray and is_object_array(value)

    def encode(self, value: Any, encode: Encode) -> dict[str, Any]:
        """Return the shape and the items."""
        return {"shape": list(value.shape), "items": [encode(each) for each in value.ravel().tolist()]}

    def decode(self, content: Mapping[str, Any]) -> Any:
        """Return the array."""
        return _objects(content["items"], content["shape"])


class ArraysNode(Node):
    """A list or tuple of many arrays of numbers, with one dimension and one dtype."""

    kind: ClassVar[str] = "arrays"

    def accepts(self, value: Any) -> bool:
        """Accept lists and tuples of at least `FEWEST_ARRAYS` such arrays."""
        if type(value) not in (list, tuple) or len(value) < FEWEST_ARRAYS or type(value[0]) is not np.ndarray:
            return False
        dtype = value[0].dtype
        return dtype.kind in _NUMBERS and all(
            type(each) is np.ndarray and each.ndim == 1 and each.dtype == dtype for each in value
        )

    def encode(self, value: Any, encode: Encode) -> dict[str, Any]:
        """Return the arrays one after the other, and their lengths."""
        lengths = np.array([len(each) for each in value], dtype=np.int64)
        return {"lengths": lengths, "values": np.concatenate(value), "tuple": type(value) is tuple}

    def decode(self, content: Mapping[str, Any]) -> Any:
        """Return the arrays, each with its own memory."""
        values = content["values"]
        require(
            type(values) is np.ndarray and values.ndim == 1 and values.dtype.kind in _NUMBERS, "no numbers are given"
        )
        lengths = array(content["lengths"], "the lengths", np.int64, 1)
        require(np.all((lengths >= 0) & (lengths <= len(values))), "a length is not valid")
        ends = np.cumsum(lengths)
        require(len(ends) and ends[-1] == len(values) and np.all(np.diff(ends) >= 0), "the lengths are not the array's")
        parts = [each.copy() for each in np.split(values, ends[:-1])]
        return tuple(parts) if content["tuple"] else parts


class MappingNode(Node):
    """Dictionaries with keys that are not texts, and the subclasses of dictionaries that models use."""

    kind: ClassVar[str] = "mapping"
    classes: ClassVar[tuple[str, ...]] = (
        "builtins.dict",
        "collections.OrderedDict",
        "collections.defaultdict",
        "sklearn.utils._bunch.Bunch",
    )

    def accepts(self, value: Any) -> bool:
        """Accept them. A plain dictionary with texts as keys is left to skops."""
        if not isinstance(value, dict) or path_of(type(value)) not in self.classes:
            return False
        return type(value) is not dict or not all(type(name) is str for name in value)

    def encode(self, value: Any, encode: Encode) -> dict[str, Any]:
        """Return keys, values and the factory of a default dictionary."""
        factory = getattr(value, "default_factory", None)
        return {
            "class": path_of(type(value)),
            "factory": None if factory is None else factory.__name__,
            "keys": [encode(name) for name in value],
            "values": [encode(each) for each in value.values()],
        }

    def decode(self, content: Mapping[str, Any]) -> Any:
        """Return the dictionary."""
        kind, keys, values = content["class"], content["keys"], content["values"]
        require(kind in self.classes, f"{kind!r:.40} is not a dictionary")
        require(
            type(keys) is list and type(values) is list and len(keys) == len(values), "keys and values do not match"
        )
        require(all(isinstance(name, _KEYS) for name in keys), "a key is not a text or a number")
        pairs = dict(zip(keys, values))
        if kind == "builtins.dict":
            return pairs
        if kind == "collections.OrderedDict":
            return collections.OrderedDict(pairs)
        if kind == "collections.defaultdict":
            factory = content["factory"]
            require(factory is None or factory in _FACTORIES, f"{factory!r:.40} is not a factory")
            return collections.defaultdict(None if factory is None else _FACTORIES[factory], pairs)
        from sklearn.utils import Bunch

        require(all(type(name) is str for name in keys), "a key is not a text")
        return Bunch(**pairs)


_KEYS = (str, bytes, int, float, bool, type(None), tuple, np.generic)


def _objects(items: Any, shape: Any) -> Any:
    require(type(items) is list and type(shape) is list, "an array of objects is incomplete")
    lengths = [integer(length, "a length of an array", 0, len(items)) for length in shape]
    # in floats, because a product of integers wraps around
    require(int(np.prod(lengths, dtype=np.float64)) == len(items) and len(lengths) <= 8, "a shape is not the array's")
    # not np.array, which would make dimensions of lists inside the items
    found = np.empty(lengths, dtype=object)
    for place, each in zip(places(found), items):
        found[place] = each
    return found
