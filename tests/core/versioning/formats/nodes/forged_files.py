"""Files that lie: a valid model is encoded, one value of it is changed, and skops writes the result."""

from __future__ import annotations

import copy
import io
from collections.abc import Callable
from typing import Any

import skops.io

from mlops_magics.core.versioning.formats.nodes.encoder import Encoder
from mlops_magics.core.versioning.formats.nodes.node_list import NODES
from mlops_magics.core.versioning.formats.skops_format import SkopsFormat
from tests.core.versioning.formats import safe_models


def forged(kind: str, change: Callable[[Any], Any]) -> io.BytesIO:
    """Return the file of a model of a kind after a change of its encoded form."""
    model, _ = safe_models.build(kind)
    encoded = copy.deepcopy(Encoder(NODES).encode(model))
    change(encoded)
    return io.BytesIO(skops.io.dumps(encoded))


def read(stream: io.BytesIO) -> Any:
    """Read a file as from an untrusted board."""
    assert SkopsFormat().untrusted(stream) == []
    stream.seek(0)
    return SkopsFormat().read(stream)


def setting(path: str, value: Any) -> Callable[[Any], None]:
    """Return a change of the value at a path of attributes, keys and indices: ``estimators_.nodes.left_child.0``."""

    def change(root: Any) -> None:
        *way, last = path.split(".")
        for name in way:
            root = _step(root, name)
        if isinstance(root, dict) or (hasattr(root, "dtype") and root.dtype.names and last in root.dtype.names):
            root[last] = value
        elif hasattr(root, "__dict__"):
            vars(root)[last] = value
        else:
            root[int(last)] = value

    return change


def _step(holder: Any, name: str) -> Any:
    if isinstance(holder, dict):
        return holder[name]
    if hasattr(holder, "dtype"):
        return holder[name] if holder.dtype.names else holder[int(name)]
    return vars(holder)[name] if hasattr(holder, "__dict__") else holder[int(name)]
