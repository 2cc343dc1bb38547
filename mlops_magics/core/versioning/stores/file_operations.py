"""The dozen file operations that a folder board is made of; a test replaces them to fail at each one in turn."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]


class FileOperations:
    """What the operating system does for a board; every change to the disk goes through here."""

    def make_folder(self, path: Path) -> None:
        """Create a folder; its parents exist."""
        os.mkdir(path)

    def create(self, path: Path) -> BinaryIO:
        """Open a file that must not exist yet, for writing."""
        return open(path, "xb", buffering=0)

    def write(self, stream: BinaryIO, data: Any) -> int:
        """Write all of the data."""
        left = memoryview(data).cast("B")
        size = len(left)
        while len(left):
            left = left[stream.write(left) :]
        return size

    def sync(self, stream: BinaryIO) -> None:
        """Return when the bytes of a file are on the disk."""
        os.fsync(stream.fileno())

    def sync_folder(self, path: Path) -> None:
        """Return when the entries of a folder are on the disk."""
        if os.name == "nt":  # Windows cannot open folders, and journals its entries itself
            return
        handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def rename(self, source: Path, target: Path) -> None:
        """Move a folder or file to a name that does not exist."""
        os.rename(source, target)

    def link(self, source: Path, target: Path) -> None:
        """Give a file a second name, which must not exist: how a small file is created complete or not at all."""
        os.link(source, target)

    def unlink(self, path: Path) -> None:
        """Remove a file."""
        os.unlink(path)

    def remove_tree(self, path: Path) -> None:
        """Remove a folder and what is in it."""
        shutil.rmtree(path, ignore_errors=True)

    @contextlib.contextmanager
    def locked(self, path: Path) -> Iterator[None]:
        """Hold the lock of a file; the system releases it when the process dies."""
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            if fcntl is not None:
                fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)
