"""The formats that exist here, and the order in which ``format="auto"`` tries them."""

from __future__ import annotations

import functools
import importlib.metadata
import logging
from typing import Any

from mlops_magics.core.versioning.formats.handler import ENTRY_POINTS, Handler
from mlops_magics.errors import InvalidInput, nearest

AUTO = "auto"
FOR_STRANGERS = frozenset({"skops"})
"""What is read from a board that nobody trusts: only a format whose every type is on a list before any is built. Native
formats run no code of their own, but the libraries that read them were not made for hostile bytes."""
logger = logging.getLogger(__name__)


@functools.cache
def handlers() -> dict[str, Handler]:
    """Return format → handler: other packages' first, then the native ones, then skops and joblib."""
    found = {handler.name: handler for handler in (*_registered(), *_built_in())}
    return {**found, "joblib": found.pop("joblib")}


def handler(format: str) -> Handler:
    """Return the handler of a format.

    Raises
    ------
    InvalidInput
        Naming the formats that exist.
    """
    known = handlers()
    if format not in known:
        close = nearest(format, known, 1)
        hint = f"; did you mean {close[0]!r}?" if close else "."
        raise InvalidInput(f"No format {format!r}{hint} Known: auto, {', '.join(known)}.")
    return known[format]


def candidates(model: Any) -> list[Handler]:
    """Return the handlers that accept a model, the safest and most native first."""
    return [each for each in handlers().values() if each.accepts(model)]


def _built_in() -> list[Handler]:
    from mlops_magics.core.versioning.formats.boosters import CatboostFormat, LightgbmFormat, XgboostFormat
    from mlops_magics.core.versioning.formats.joblib_format import JoblibFormat
    from mlops_magics.core.versioning.formats.keras_format import KerasFormat
    from mlops_magics.core.versioning.formats.onnx_format import OnnxFormat
    from mlops_magics.core.versioning.formats.skops_format import SkopsFormat
    from mlops_magics.core.versioning.formats.spacy_format import SpacyFormat
    from mlops_magics.core.versioning.formats.torch_format import TorchFormat

    return [
        XgboostFormat(),
        LightgbmFormat(),
        CatboostFormat(),
        KerasFormat(),
        OnnxFormat(),
        SpacyFormat(),
        TorchFormat(),
        SkopsFormat(),
        JoblibFormat(),
    ]


def _registered() -> list[Handler]:
    """Return the handlers of other packages; one that does not import is left out, loudly."""
    found: list[Handler] = []
    for entry in importlib.metadata.entry_points(group=ENTRY_POINTS):
        try:
            found.append(entry.load()())
        except Exception as error:  # whatever another package's import raises
            logger.warning("The format %r of %s was left out: %s", entry.name, entry.value, error)
    return found
