"""The classes and functions that a pickle names, found without importing or calling any of them."""

from __future__ import annotations

import bz2
import contextlib
import gzip
import io
import lzma
import pickle
import zipfile
import zlib
from collections.abc import Iterable
from typing import Any, BinaryIO, ClassVar

LARGEST = 64 * 1024 * 1024
"""Bytes of a pickle that are searched. Large arrays of joblib are skipped and do not count."""

MOST_NAMES = 200
"""The number of names after which the search ends."""

KNOWN = ("builtins", "numpy", "scipy", "pandas", "sklearn", "joblib", "collections", "copyreg", "datetime")
"""Libraries whose names are listed last, because the reader looks for the others."""

_POWERFUL = frozenset(
    """
    eval exec execfile getattr setattr delattr __import__ import_module open compile input breakpoint globals locals
    vars load loads read_pickle runstring system popen run call reduce map filter partial apply get_type
    """.split()
)
"""Functions, some within the known libraries, that run code or reach any other function."""

_BEGINNINGS = (b"\x80", b"PK\x03\x04", b"\x93NUMPY", b"\x1f\x8b", b"BZh", b"\xfd7zXZ")
"""The first bytes of pickles, archives, arrays and compressed files. Other members of an archive are not searched."""

DEEPEST = 4
"""Levels of archives and compressed files within each other."""

_ARRAY = ("joblib.numpy_pickle", "NumpyArrayWrapper")


def names_in(stream: BinaryIO) -> list[str]:
    """Return the names that a pickle, a joblib file or an archive would import, unusual ones first.

    Compressed files, pickles within archives and arrays of objects are searched too. The list may be incomplete: a
    damaged file is searched as far as it can be read.
    """
    found: dict[str, None] = {}
    # bytes of another user: after any error, the names so far are returned
    with contextlib.suppress(Exception):
        _search(stream, found, DEEPEST)
    return sorted(found, key=lambda name: (is_usual(name), name))


def is_usual(name: str) -> bool:
    """Return whether a name is of a library that models are made of, and not a function that can do anything.

    >>> [is_usual(name) for name in ("numpy.ndarray", "builtins.eval", "posix.system", "pandas.read_pickle")]
    [True, False, False, False]
    """
    return name.partition(".")[0] in KNOWN and name.rpartition(".")[2] not in _POWERFUL


def _search(stream: BinaryIO, found: dict[str, None], depth: int) -> None:
    """Add the names of a file, and of the files in it down to a depth."""
    head = stream.read(8)
    stream.seek(0)
    if depth == 0:
        return
    if head.startswith(b"PK\x03\x04"):
        _search_archive(stream, found, depth)
    elif head.startswith(b"\x93NUMPY"):
        _search_array(stream, found)
    elif opened := _opened(stream, head):
        _search(io.BytesIO(opened.read(LARGEST)), found, depth - 1)
    else:
        _Inventory(stream, found).load()


def _opened(stream: BinaryIO, head: bytes) -> Any:
    """Return the content of a compressed file, or None for another one."""
    if head.startswith(b"\x1f\x8b"):
        return gzip.GzipFile(fileobj=stream)
    if head.startswith(b"BZh"):
        return bz2.BZ2File(stream)
    if head.startswith((b"\xfd7zXZ", b"]\x00\x00")):
        return lzma.LZMAFile(stream)
    if head[:1] == b"x" and head[1:2] in {b"\x01", b"\x5e", b"\x9c", b"\xda"}:
        return io.BytesIO(zlib.decompressobj().decompress(stream.read(LARGEST), LARGEST))
    return None


def _search_archive(stream: BinaryIO, found: dict[str, None], depth: int) -> None:
    left = LARGEST
    with zipfile.ZipFile(stream) as archive:
        for member in archive.infolist():
            left -= member.file_size
            if left < 0:
                return
            # a member that cannot be read does not end the search
            with contextlib.suppress(Exception):
                data = archive.read(member)
                if data.startswith(_BEGINNINGS) or member.filename.endswith((".pkl", ".pickle", ".joblib")):
                    _search(io.BytesIO(data), found, depth - 1)


def _search_array(stream: BinaryIO, found: dict[str, None]) -> None:
    """Add the names of a file of NumPy: an array of objects is a pickle after a header."""
    version = stream.read(8)[6]
    length = int.from_bytes(stream.read(2 if version == 1 else 4), "little")
    if b"O" in stream.read(min(length, LARGEST)):
        _Inventory(stream, found).load()


class _Inert:
    """An inert object for any name in a pickle. It takes every state and every call, and does nothing."""

    def __new__(cls, *arguments: Any, **options: Any) -> _Inert:
        made = object.__new__(cls)
        made.__dict__["arguments"] = arguments
        return made

    def __init__(self, *arguments: Any, **options: Any) -> None:
        return

    def __call__(self, *arguments: Any, **options: Any) -> _Inert:
        return _Inert(*arguments)

    def __setstate__(self, state: Any) -> None:
        self.__dict__["state"] = state

    def __setitem__(self, key: Any, value: Any) -> None:
        return

    def append(self, value: Any) -> None:
        return

    def extend(self, values: Iterable[Any]) -> None:
        return

    def add(self, value: Any) -> None:
        return


class _ArrayInFile(_Inert):
    """The placeholder of an array whose bytes follow in a file of joblib."""


# The unpickler in Python: the methods of the one in C cannot be replaced.
_Unpickler: Any = pickle._Unpickler


class _Inventory(_Unpickler):  # type: ignore[misc]
    """An unpickler that records the names in a pickle, with inert objects in place of their values."""

    dispatch: ClassVar[dict[int, Any]] = dict(_Unpickler.dispatch)

    def __init__(self, stream: BinaryIO, found: dict[str, None]) -> None:
        super().__init__(stream)
        self._stream, self._found = stream, found

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == _ARRAY:
            return _ArrayInFile
        self._found[f"{module}.{name}"] = None
        if len(self._found) >= MOST_NAMES:
            raise pickle.UnpicklingError("enough names")
        return type("Inert", (_Inert,), {"name": f"{module}.{name}"})

    def persistent_load(self, identity: Any) -> Any:
        return _Inert()

    def load_build(self) -> None:
        super().load_build()
        placeholder = self.stack[-1]
        if isinstance(placeholder, _ArrayInFile):
            self._pass_over(placeholder.__dict__["state"])

    dispatch[pickle.BUILD[0]] = load_build

    def _pass_over(self, wrapper: dict[str, Any]) -> None:
        """Skip the bytes of an array. An array of objects is a pickle of its own."""
        written = str(wrapper["dtype"].arguments[0])
        if written.startswith("O"):
            _Inventory(self._stream, self._found).load()
            return
        if wrapper.get("numpy_array_alignment_bytes") is not None:
            self._stream.seek(self._stream.read(1)[0], io.SEEK_CUR)
        size = int(written[1:]) * (4 if written.startswith("U") else 1)
        for length in wrapper["shape"]:
            size *= int(length)
        self._stream.seek(size, io.SEEK_CUR)
