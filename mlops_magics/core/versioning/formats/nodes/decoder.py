"""The decoder of a file that skops loaded: checked nodes become objects, and other values must be of a known type.

skops checks the names of types alone. The values inside are checked here: an array of indices that points outside, or
an attribute that hides a method, is refused before the model is used.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import numpy as np

from mlops_magics.core.versioning.formats.file_checks import path_of, require
from mlops_magics.core.versioning.formats.nodes import estimator_checks, known_types, sparse_matrix
from mlops_magics.core.versioning.formats.nodes.node import KEY, Node

_ATOMS = (type(None), bool, int, float, complex, str, bytes, bytearray, slice)


class Decoder:
    """One decoding of one file. An object that occurs twice is decoded once.

    Parameters
    ----------
    nodes
        Kind → node.
    trusted
        Whether objects of unknown types are left as skops built them: the file's own code was trusted.
    """

    def __init__(self, nodes: Mapping[str, Node], *, trusted: bool = False) -> None:
        self._nodes, self._trusted = nodes, trusted
        self._done: dict[int, tuple[Any, Any]] = {}  # the object too, so that its id is not used again

    def decode(self, value: Any) -> Any:
        """Return the value with nodes replaced by their objects. Containers are changed in place.

        Raises
        ------
        SerializationError
            For a node that is not valid and for a type that is not known.
        """
        if type(value) in _ATOMS:
            return value
        if id(value) not in self._done:
            # known before its parts are decoded: an object that contains itself ends the recursion here
            self._done[id(value)] = value, value
            self._done[id(value)] = value, self._decoded(value)
        return self._done[id(value)][1]

    def _decoded(self, value: Any) -> Any:
        kind = type(value)
        if kind is dict:
            return self._mapping(value)
        if kind is list:
            value[:] = [self.decode(each) for each in value]
            return value
        if kind in (tuple, set):
            return kind(self.decode(each) for each in value)
        if known_types.is_object_array(value):
            # below the mask, because an assignment through it unmasks the element
            items = np.asarray(value.data) if isinstance(value, np.ma.MaskedArray) else value
            for place, each in zip(known_types.places(items), items.ravel().tolist()):
                items[place] = self.decode(each)
            return value
        if kind.__module__.startswith("scipy.sparse"):
            return sparse_matrix.checked(value)
        if known_types.is_estimator(kind):
            return self._object(value)
        require(self._trusted or known_types.is_harmless(value), f"it contains a {path_of(kind)}")
        return value

    def _mapping(self, value: dict[Any, Any]) -> Any:
        for name in value:
            value[name] = self.decode(value[name])
        if KEY not in value:
            return value
        node = self._nodes.get(value[KEY]) if isinstance(value[KEY], str) else None
        require(node is not None, f"{value[KEY]!r:.60} is not a kind of node")
        return cast(Node, node).decode(value)

    def _object(self, value: Any) -> Any:
        known_types.check_names(type(value), vars(value))
        for name, each in vars(value).items():
            vars(value)[name] = self.decode(each)
        estimator_checks.check(value)
        return value
