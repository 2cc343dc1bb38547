"""The draft of a version: files in a folder, hashed while they are written."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from mlops_magics.core import progress
from mlops_magics.core.file_layer import FileLayer
from mlops_magics.core.versioning.stores.digests import Digest, Hasher

BUFFER = 1024 * 1024
"""Bytes that are buffered before they are written and hashed."""


class DraftFolder:
    """The files of a draft in one folder.

    Parameters
    ----------
    files
        The file layer that the folder is below.
    place
        The folder, which exists.
    """

    def __init__(self, files: FileLayer, place: str) -> None:
        self.files, self.place = files, place
        self._digests: dict[str, Digest] = {}

    @property
    def path(self) -> Path:
        """The folder on this machine."""
        return Path(self.files.root, self.place)

    def add(self, name: str, data: bytes) -> Digest:
        """Store a file of known bytes."""
        with self.open(name) as stream:
            stream.write(data)
        return self._digests[name]

    @contextlib.contextmanager
    def open(self, name: str) -> Iterator[BinaryIO]:
        """Open a file for writing. It is synced and its hashes are known when the context ends without an error."""
        with self.files.create(self._at(name)) as raw:
            hashing = _HashingFile(raw, self.files, name)
            try:
                stream = io.BufferedWriter(hashing, BUFFER)
                yield stream
                stream.flush()
                self.files.sync(raw)
                self._digests[name] = hashing.hasher.finish()
            except BaseException:
                # the buffer flushes once more when it is collected, and must write nothing then
                hashing.abandoned = True
                raise
            finally:
                hashing.hasher.close()

    def digest(self, name: str) -> Digest:
        """Return the hashes of a file that was written."""
        return self._digests[name]

    def read(self, name: str) -> BinaryIO:
        """Open a file of the draft for reading."""
        return self.files.open(self._at(name))

    def discard(self, name: str) -> None:
        """Remove a file of the draft."""
        with contextlib.suppress(FileNotFoundError):
            self.files.unlink(self._at(name))
        self._digests.pop(name, None)

    def _at(self, name: str) -> str:
        return f"{self.place}/{name}" if self.place else name


class _HashingFile(io.RawIOBase):
    """A writer to a file and to its hashes. When it is abandoned, buffered bytes are dropped."""

    def __init__(self, raw: BinaryIO, files: FileLayer, name: str) -> None:
        self._raw, self._files, self._name, self._size = raw, files, name, 0
        self.hasher = Hasher()
        self.abandoned = False

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        if self.abandoned:
            return len(data)
        size = self._files.write(self._raw, data)
        self.hasher.update(data)
        self._size += size
        progress.report(f"writing {self._name}", self._size, unit=progress.BYTES)
        return size
