"""Universal Binary JSON as xgboost writes it: https://ubjson.org, with typed arrays as numpy arrays."""

from __future__ import annotations

import struct
from typing import Any

import numpy as np

from mlops_magics.core.versioning.formats.file_checks import require

DEEPEST = 12
"""Levels of nesting. A model of xgboost has eight."""
# big-endian by the specification
_NUMBERS = {b"i": ">b", b"U": ">B", b"I": ">h", b"l": ">i", b"L": ">q", b"d": ">f", b"D": ">d"}
_DTYPES = {b"i": "i1", b"U": "u1", b"I": ">i2", b"l": ">i4", b"L": ">i8", b"d": ">f4", b"D": ">f8"}
_LONG = struct.Struct(">q")
_MARKS = {np.dtype(text).newbyteorder("=").str[1:]: mark for mark, text in _DTYPES.items()}


def decode(data: bytes) -> Any:
    """Return the value of a whole file: dictionaries, lists, texts, numbers, and arrays in native byte order.

    Raises
    ------
    SerializationError
        Where the bytes are not valid.
    """
    reader = _Reader(data)
    value = reader.value(reader.mark(), 0)
    require(reader.at == len(data), "bytes follow the end of the booster")
    return value


def encode(value: Any) -> bytes:
    """Return a value as bytes, in the one way in which xgboost writes it."""
    parts: list[bytes] = []
    _write(value, parts)
    return b"".join(parts)


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def take(self, count: int) -> bytes:
        at = self.at
        if count > len(self.data) - at:
            require(False, "the booster is cut off")
        self.at = at + count
        return self.data[at : self.at]

    def mark(self) -> bytes:
        return self.take(1)

    def number(self, mark: bytes) -> Any:
        require(mark in _NUMBERS, f"{mark!r} is not a mark of UBJSON")
        return struct.unpack(_NUMBERS[mark], self.take(struct.calcsize(_NUMBERS[mark])))[0]

    def length(self) -> int:
        mark = self.take(1)
        if mark == b"L":  # as xgboost writes all of them
            length = int(_LONG.unpack(self.take(8))[0])
        else:
            require(mark in (b"i", b"U", b"I", b"l"), "a length is not an integer")
            length = int(self.number(mark))
        if not 0 <= length <= len(self.data):
            require(False, "a length is longer than the booster")
        return length

    def text(self) -> str:
        try:
            return self.take(self.length()).decode("utf-8")
        except UnicodeDecodeError:
            require(False, "a text is not UTF-8")
            raise

    def value(self, mark: bytes, depth: int) -> Any:
        require(depth <= DEEPEST, "the booster is nested too deeply")
        if mark == b"{":
            return self.mapping(depth)
        if mark == b"[":
            return self.sequence(depth)
        if mark == b"S":
            return self.text()
        if mark in (b"T", b"F"):
            return mark == b"T"
        return self.number(mark)

    def mapping(self, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while self.data[self.at : self.at + 1] != b"}":
            name = self.text()
            # which of two values counts depends on the reader
            require(name not in found, f"{name!r:.40} occurs twice")
            found[name] = self.value(self.mark(), depth + 1)
        self.take(1)
        return found

    def sequence(self, depth: int) -> Any:
        mark = self.mark()
        if mark == b"$":
            kind = self.mark()
            require(kind in _DTYPES and self.mark() == b"#", "an array has no type")
            dtype = np.dtype(_DTYPES[kind])
            raw = self.take(self.length() * dtype.itemsize)
            return np.frombuffer(raw, dtype).astype(dtype.newbyteorder("="))
        if mark == b"#":
            return [self.value(self.mark(), depth + 1) for _ in range(self.length())]
        found = []
        while mark != b"]":
            found.append(self.value(mark, depth + 1))
            mark = self.mark()
        return found


def _write(value: Any, parts: list[bytes]) -> None:
    if isinstance(value, dict):
        parts.append(b"{")
        for name, each in value.items():
            parts.append(_text(name))
            _write(each, parts)
        parts.append(b"}")
    elif isinstance(value, np.ndarray):
        mark = _MARKS[value.dtype.str[1:]]
        parts += [b"[$", mark, b"#", _length(len(value)), value.astype(_DTYPES[mark]).tobytes()]
    elif isinstance(value, list):
        parts += [b"[#", _length(len(value))]
        for each in value:
            _write(each, parts)
    elif isinstance(value, str):
        parts += [b"S", _text(value)]
    # before int, of which bool is a subclass
    elif isinstance(value, bool):
        parts.append(b"T" if value else b"F")
    elif isinstance(value, int):
        parts.append(_length(value))
    else:
        # xgboost's own numbers have four bytes, so nothing is lost
        parts.append(b"d" + struct.pack(">f", value))


def _length(value: int) -> bytes:
    return b"L" + struct.pack(">q", value)


def _text(value: str) -> bytes:
    raw = value.encode("utf-8")
    return _length(len(raw)) + raw
