"""The display of many predictions: how many there are and what they are, instead of each of them."""

from __future__ import annotations

import weakref
from typing import Any

ARRAY = ("numpy", "ndarray")
SHOWN = 20
"""Predictions that are displayed as they are."""
CLASSES = 6
"""Different values that are counted by name."""


class Predictions:
    """The predictions that the last `%predict` returned, until they are displayed once."""

    def __init__(self) -> None:
        self._last: weakref.ref[Any] | None = None

    def keep(self, found: Any) -> None:
        """Remember an array that the cell may display next."""
        of_array = (type(found).__module__, type(found).__name__) == ARRAY
        self._last = weakref.ref(found) if of_array and found.ndim and len(found) > SHOWN else None

    def print(self, array: Any, printer: Any, cycle: bool) -> None:
        """Print an array: those predictions in short, any other as numpy does."""
        expected, self._last = self._last, None
        printer.text(text(array) if expected is not None and expected() is array else repr(array))


def text(array: Any) -> str:
    """Return the number of predictions with what they are, and the first and the last of them."""
    import numpy as np

    with np.printoptions(threshold=SHOWN):
        return f"{len(array):,} predictions{_about(array)}\n{array!r}"


def _about(array: Any) -> str:
    """Return the classes with their counts, or the range of numbers."""
    import numpy as np

    if array.ndim != 1:
        return ""
    try:
        values, counts = np.unique(array, return_counts=True)
    except TypeError:  # objects without an order
        return ""
    if len(values) <= CLASSES:
        found = sorted(zip(counts.tolist(), values.tolist()), key=lambda pair: -pair[0])
        return ": " + ", ".join(f"{value} {count:,}" for count, value in found)
    if array.dtype.kind not in "iuf":
        return f": {len(values):,} different ones"
    return f": {np.nanmin(array):.4g} to {np.nanmax(array):.4g}, mean {np.nanmean(array):.4g}"
