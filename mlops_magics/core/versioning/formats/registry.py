"""The registered formats, in the order in which ``format="auto"`` tries them."""

from __future__ import annotations

import functools
from typing import Any

from mlops_magics.core import plug_ins
from mlops_magics.core.versioning.formats.handler import ENTRY_POINTS, ForeignHandler, Handler
from mlops_magics.errors import InvalidInput, nearest

AUTO = "auto"


@functools.cache
def handlers() -> dict[str, Handler]:
    """Return format → handler: those of other packages, then the classes of the modules ``*_format``.

    The more particular formats are tried first, see `Handler.order`.
    """
    foreign = [own if isinstance(own, Handler) else ForeignHandler(own) for own in plug_ins.of_packages(ENTRY_POINTS)]
    own = plug_ins.of_folder(__package__ or "", "_format", Handler)
    # ours come last, so that another package cannot replace one of them
    found = {handler.name: handler for handler in (*foreign, *own)}
    return dict(sorted(found.items(), key=lambda each: each[1].order))


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
