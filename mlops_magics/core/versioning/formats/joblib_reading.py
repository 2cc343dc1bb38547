"""Reader of joblib files that puts large arrays directly into their own memory.

joblib itself reads an array piece by piece into bytes and copies those, which costs more than hashing them.
"""

from __future__ import annotations

import math
from typing import Any, BinaryIO

import numpy as np
from joblib.numpy_pickle import NumpyArrayWrapper, NumpyUnpickler

LARGE = 1024 * 1024
"""Bytes of an array from which reading in place pays."""


def read(stream: BinaryIO) -> Any:
    """Unpickle a file of ``joblib.dump``. joblib itself reads compressed files."""
    import joblib

    peek = getattr(stream, "peek", None)
    if peek is None or peek(1)[:1] != b"\x80":  # the first byte of a plain pickle
        return joblib.load(stream)
    return _Unpickler("", stream, ensure_native_byte_order=True).load()


class _Unpickler(NumpyUnpickler):  # type: ignore[misc]
    """joblib's unpickler, except for large arrays."""

    def find_class(self, module: str, name: str) -> Any:
        found = super().find_class(module, name)
        return _ArrayInPlace if found is NumpyArrayWrapper else found


class _ArrayInPlace(NumpyArrayWrapper):  # type: ignore[misc]
    """The placeholder of an array in the file: its shape, dtype and order, followed by its bytes."""

    def read_array(self, unpickler: Any, ensure_native_byte_order: bool) -> Any:
        """Return the array, read in place where it is large and plain."""
        count = math.prod(int(length) for length in self.shape)
        if self.dtype.hasobject or not self.dtype.isnative or count * self.dtype.itemsize < LARGE:
            return super().read_array(unpickler, ensure_native_byte_order)
        stream = unpickler.file_handle
        if self.safe_get_numpy_array_alignment_bytes() is not None:
            stream.read(stream.read(1)[0])  # one byte with the length of the padding, then the padding
        flat = np.empty(count, self.dtype)
        memory = flat.view(np.uint8).data
        if stream.readinto(memory) != len(memory):
            raise EOFError("the file ends within an array")
        return flat.reshape(self.shape[::-1]).transpose() if self.order == "F" else flat.reshape(self.shape)
