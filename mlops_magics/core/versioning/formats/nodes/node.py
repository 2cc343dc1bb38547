"""The base class of a node: plain data in a file for an object that skops itself does not trust.

A node is a dictionary with the reserved key `KEY`. A node's ``decode`` is the only code that builds the object, and it
checks every value first, because the file may come from a stranger.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

KEY = "mlops_magics.node"
"""The key whose value is the kind of the node. No dictionary of a model uses it."""

Encode = Callable[[Any], Any]


class Node:
    """Plain data for an object of one kind."""

    kind: ClassVar[str]

    def accepts(self, value: Any) -> bool:
        """Return whether a value is stored as this kind of node."""
        raise NotImplementedError

    def encode(self, value: Any, encode: Encode) -> dict[str, Any]:
        """Return the content of the node. ``encode`` is applied to the value's parts."""
        raise NotImplementedError

    def decode(self, content: Mapping[str, Any]) -> Any:
        """Return the object. The parts of the content were decoded before.

        Raises
        ------
        SerializationError
            Where the content is not valid.
        """
        raise NotImplementedError
