"""Warnings for users. Python shows the place in the code with them, which is the user's own line."""

from __future__ import annotations

import sys
import warnings
from types import FrameType

from mlops_magics.errors import MlopsWarning

BETWEEN = frozenset({"mlops_magics", "IPython", "asyncio", "concurrent", "contextlib", "threading"})
"""Packages whose lines a user did not write: ours, and those that call us for the user."""


def warn(text: str) -> None:
    """Warn at the line of the user that called this package. In a thread of ours there is none."""
    frame: FrameType | None = sys._getframe(1)
    level = 2
    while frame is not None and str(frame.f_globals.get("__name__")).partition(".")[0] in BETWEEN:
        frame, level = frame.f_back, level + 1
    warnings.warn(text, MlopsWarning, stacklevel=level)
