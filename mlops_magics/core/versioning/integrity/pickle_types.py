"""The classes and functions that a pickle names, found without importing or calling any of them."""

from __future__ import annotations

import io
import pickle
import zipfile
from collections.abc import Iterable
from typing import Any, BinaryIO, ClassVar

LARGEST = 64 * 1024 * 1024
"""Bytes of a pickle that are searched. Large arrays of joblib are skipped and do not count."""

MOST_NAMES = 200
"""The number of names after which the search ends."""

KNOWN = ("builtins", "numpy", "scipy", "pandas", "sklearn", "joblib", "collections", "copyreg", "datetime")
"""Libraries whose names are listed last, because the reader looks for the others."""

_ARRAY = ("joblib.numpy_pickle", "NumpyArrayWrapper")


def names_in(stream: BinaryIO) -> list[str]:
    """Return the names that a pickle, a joblib file or an archive of PyTorch would import, unusual ones first.

    The list may be incomplete: a damaged or compressed pickle is searched as far as it can be read.
    """
    found: dict[str, None] = {}
    try:
        if stream.read(4) == b"PK\x03\x04":
            _search_archive(stream, found)
        else:
            stream.seek(0)
            _Inventory(stream, found).load()
    except Exception:  # bytes of another user: after any error, the names so far are returned
        return sorted(found, key=_order)
    return sorted(found, key=_order)


def _order(name: str) -> tuple[bool, str]:
    library, _, function = name.partition(".")
    harmless = library in KNOWN and function not in {"eval", "exec", "getattr", "__import__", "open", "compile"}
    return harmless, name


def _search_archive(stream: BinaryIO, found: dict[str, None]) -> None:
    with zipfile.ZipFile(stream) as archive:
        for member in archive.infolist():
            if member.filename.endswith(".pkl") and member.file_size <= LARGEST:
                _Inventory(io.BytesIO(archive.read(member)), found).load()


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
