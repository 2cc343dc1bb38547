"""A version before it exists: files in a folder, hashed while they are written."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from mlops_magics.core import progress
from mlops_magics.core.versioning.stores.digests import Digest, Hasher
from mlops_magics.core.versioning.stores.file_operations import FileOperations

BUFFER = 1024 * 1024


class DraftFolder:
    """The files of a draft in one folder."""

    def __init__(self, path: Path, operations: FileOperations) -> None:
        self.path = path
        self.operations = operations
        self._digests: dict[str, Digest] = {}

    def add(self, name: str, data: bytes) -> Digest:
        """Store a file of known bytes."""
        with self.open(name) as stream:
            stream.write(data)
        return self._digests[name]

    @contextlib.contextmanager
    def open(self, name: str) -> Iterator[BinaryIO]:
        """Open a file for writing; it is synced and its hashes are known when the context ends well."""
        with self.operations.create(self.path / name) as raw:
            hashing = _HashingFile(raw, self.operations, name)
            try:
                stream = io.BufferedWriter(hashing, BUFFER)
                yield stream
                stream.flush()
                self.operations.sync(raw)
                self._digests[name] = hashing.hasher.finish()
            except BaseException:
                hashing.given_up = True
                raise
            finally:
                hashing.hasher.close()

    def digest(self, name: str) -> Digest:
        """Return the hashes of a file that was written."""
        return self._digests[name]

    def read(self, name: str) -> BinaryIO:
        """Open a file of the draft for reading back."""
        return open(self.path / name, "rb")

    def discard(self, name: str) -> None:
        """Remove a file of the draft."""
        with contextlib.suppress(FileNotFoundError):
            self.operations.unlink(self.path / name)
        self._digests.pop(name, None)


class _HashingFile(io.RawIOBase):
    """Writes through to a file and to its hashes; once it is given up, what is still buffered goes nowhere."""

    def __init__(self, raw: BinaryIO, operations: FileOperations, name: str) -> None:
        self._raw, self._operations, self._name, self._size = raw, operations, name, 0
        self.hasher = Hasher()
        self.given_up = False

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        if self.given_up:
            return len(data)
        size = self._operations.write(self._raw, data)
        self.hasher.update(data)
        self._size += size
        progress.tell(f"writing {self._name}", self._size, unit=progress.BYTES)
        return size
