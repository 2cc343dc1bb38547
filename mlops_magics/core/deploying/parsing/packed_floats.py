"""Conversion of many typed floats to an array at once, by way of MessagePack, which puts each at a fixed place.

`np.array` checks the type of every object. Where a decoder has proven that all are floats, MessagePack writes them as
eight bytes each, and numpy reads them in place: three to four times as quick.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

FLOAT_BYTES = 9
"""The byte for "float", and the number, its big end first."""

Floats = npt.NDArray[np.float64]
_encode = msgspec.msgpack.Encoder().encode
_COLUMN = np.dtype({"names": ["value"], "formats": [">f8"], "offsets": [1], "itemsize": FLOAT_BYTES})


def column(values: Sequence[float | None]) -> Floats | None:
    """Return floats as an array, or ``None`` when one is missing."""
    found = _read(_encode(values), len(values), _COLUMN)
    # a copy in the machine's byte order: Arrow refuses big-endian numbers
    return None if found is None else found["value"].astype("float64")


class FloatRecords:
    """Turns records that hold nothing but floats into a matrix.

    Parameters
    ----------
    names
        The records' keys, in the order of the matrix's columns.
    """

    def __init__(self, names: Sequence[str]) -> None:
        ends = np.cumsum([len(_encode(name)) + FLOAT_BYTES for name in names]) + _header_bytes(len(names))
        self._fields = [f"c{place}" for place in range(len(names))]
        offsets, formats = (ends - 8).tolist(), [">f8"] * len(names)
        self._record = np.dtype(
            {"names": self._fields, "formats": formats, "offsets": offsets, "itemsize": int(ends[-1])}
        )

    def matrix(self, records: Sequence[Any]) -> Floats | None:
        """Return ``(n_records, n_columns)``, or ``None`` when a value is missing. Each column is contiguous."""
        found = _read(_encode(records), len(records), self._record)
        if found is None:
            return None
        # column by column in memory, since the checks and the log read single columns
        columns = np.empty((len(self._fields), len(records)))
        for place, field in enumerate(self._fields):
            columns[place] = found[field]
        return columns.T


def _read(packed: bytes, count: int, each: np.dtype[Any]) -> npt.NDArray[Any] | None:
    """View the packed values. A missing one is shorter than a float, so the length shows it."""
    start = _header_bytes(count)
    if len(packed) != start + count * each.itemsize:
        return None
    return np.frombuffer(packed, each, count, start)


def _header_bytes(count: int) -> int:
    """Return how many bytes the count of the following values takes."""
    return 1 if count < 1 << 4 else 3 if count < 1 << 16 else 5
