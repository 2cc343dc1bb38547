"""The variables of the functions around the one that runs a line, which its own namespace does not hold."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from types import FrameType
from typing import Any


def enclosing(names: Mapping[str, Any]) -> dict[str, Any]:
    """Return the variables of the functions in which the running function is written, as long as they run too.

    Python keeps only those in an inner function that its code names, and the words of a magic are not code.

    Parameters
    ----------
    names
        The namespace of the notebook, which all of its functions have as their globals.
    """
    frame = _next(sys._getframe(1), names)
    found: dict[str, Any] = {}
    while frame is not None:
        outer = _next(frame.f_back, names)
        # the code of an inner function is a constant of the function that it is written in; its caller may be any other
        while outer is not None and frame.f_code not in outer.f_code.co_consts:
            outer = _next(outer.f_back, names)
        if outer is not None and outer.f_locals is not outer.f_globals:
            found = {**outer.f_locals, **found}
        frame = outer
    return found


def _next(frame: FrameType | None, names: Mapping[str, Any]) -> FrameType | None:
    while frame is not None and frame.f_globals is not names:
        frame = frame.f_back
    return frame
