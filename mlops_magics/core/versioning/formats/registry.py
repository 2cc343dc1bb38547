"""The registered formats, in the order in which ``format="auto"`` tries them."""

from __future__ import annotations

import functools
import importlib
import importlib.metadata
import logging
from typing import Any

from mlops_magics.core.versioning.formats.handler import ENTRY_POINTS, ForeignHandler, Handler
from mlops_magics.errors import InvalidInput, nearest

AUTO = "auto"
BUILT_IN = (
    "boosters.XgboostFormat",
    "boosters.LightgbmFormat",
    "boosters.CatboostJsonFormat",
    "boosters.CatboostFormat",
    "keras_format.KerasFormat",
    "onnx_format.OnnxFormat",
    "spacy_format.SpacyFormat",
    "torch_format.TorchFormat",
    "skops_format.SkopsFormat",
    "joblib_format.JoblibFormat",
)
"""The handlers of this package, by module and class: native formats first, joblib last."""
logger = logging.getLogger(__name__)


@functools.cache
def handlers() -> dict[str, Handler]:
    """Return format → handler: those of other packages first, then `BUILT_IN`."""
    found = {handler.name: handler for handler in (*_registered(), *map(_built_in, BUILT_IN))}
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
        raise InvalidInput(f"{format!r} is not a format{hint} Known: auto, {', '.join(known)}.")
    return known[format]


def candidates(model: Any) -> list[Handler]:
    """Return the handlers that accept a model, the safest and most native first."""
    return [each for each in handlers().values() if each.accepts(model)]


def with_predict(model: Any) -> Any:
    """Return an object whose ``predict`` takes rows, by the handler of the model's own format."""
    return candidates(model)[0].with_predict(model)


def read_without_trust(format: str) -> bool:
    """Return whether a file of this format is read from a board that is not trusted."""
    known = handlers()
    return format in known and known[format].checks_bytes and not known[format].runs_code


def threaded_libraries() -> frozenset[str]:
    """Return the libraries, of all formats, whose own threads do not survive a fork."""
    return frozenset(library for each in handlers().values() for library in each.threads)


def _built_in(place: str) -> Handler:
    module, _, name = place.partition(".")
    found: Handler = getattr(importlib.import_module(f"mlops_magics.core.versioning.formats.{module}"), name)()
    return found


def _registered() -> list[Handler]:
    """Return the handlers of other packages. One that cannot be imported is left out, with a warning in the log."""
    found: list[Handler] = []
    for entry in importlib.metadata.entry_points(group=ENTRY_POINTS):
        try:
            own = entry.load()()
            found.append(own if isinstance(own, Handler) else ForeignHandler(own))
        except Exception as error:  # any error of another package's import
            logger.warning("The format %r of %s was left out: %s", entry.name, entry.value, error)
    return found
