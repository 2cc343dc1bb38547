"""The encoder of a model for skops: in a copy, nodes replace the parts that skops does not trust."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from mlops_magics.core.versioning.formats.nodes.node import KEY, Node
from mlops_magics.errors import SerializationError

_ATOMS = (type(None), bool, int, float, complex, str, bytes, bytearray)


class Encoder:
    """One encoding of one model. An object that occurs twice is encoded once."""

    def __init__(self, nodes: Sequence[Node]) -> None:
        self._nodes = nodes
        self._done: dict[int, tuple[Any, Any]] = {}  # the object too, so that its id is not used again
        self._open: set[int] = set()
        self._arrays: dict[Any, Any] = {}

    def encode(self, value: Any) -> Any:
        """Return the value, or a copy in which parts are replaced by nodes.

        Raises
        ------
        SerializationError
            For a value that contains itself, or that uses the key of nodes.
        """
        if type(value) in _ATOMS:
            return value
        key = id(value)
        if key in self._done:
            return self._done[key][1]
        if key in self._open:
            raise SerializationError(f"a {type(value).__name__} contains itself")
        self._open.add(key)
        encoded = self._encoded(value)
        self._open.discard(key)
        self._done[key] = value, encoded
        return encoded

    def _encoded(self, value: Any) -> Any:
        for node in self._nodes:
            if node.accepts(value):
                return {KEY: node.kind, **node.encode(value, self.encode)}
        if type(value) is dict:
            if KEY in value:
                raise SerializationError(f"a dictionary has the key {KEY!r}, which is reserved")
            return {name: self.encode(each) for name, each in value.items()}
        if type(value) in (list, tuple, set):
            return type(value)(self.encode(each) for each in value)
        if type(value) is np.ndarray:
            return self._arrays.setdefault(_place(value), value)
        if type(value).__module__.startswith("sklearn.") and hasattr(value, "__dict__") and not isinstance(value, type):
            return self._object(value)
        return value

    def _object(self, value: Any) -> Any:
        state = {name: self.encode(each) for name, each in vars(value).items()}
        if all(state[name] is each for name, each in vars(value).items()):
            return value
        kind: Any = type(value)
        copy = kind.__new__(kind)
        copy.__dict__.update(state)
        return copy


def _place(value: Any) -> Any:
    """Return the identity of an array's memory, because a tree of neighbours shares the rows of its model."""
    return value.__array_interface__["data"][0], value.shape, value.strides, value.dtype.str
