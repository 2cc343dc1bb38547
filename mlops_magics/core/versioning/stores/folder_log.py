"""The event log of a board in a folder: each event linked whole to its number, which is given once."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import secrets
import tempfile
from collections.abc import Iterator
from pathlib import Path

from mlops_magics.core.versioning.describing.data_txt import FILE
from mlops_magics.core.versioning.names import LOG_PIN
from mlops_magics.core.versioning.stores import log_pin
from mlops_magics.core.versioning.stores.file_operations import FileOperations
from mlops_magics.core.versioning.stores.store_errors import refusals

STAGING = "staging"
_OCCUPIED = {errno.EEXIST, errno.ENOTEMPTY}


class FolderLog:
    """The log, and around it the place for everything of ours that is no version.

    Parameters
    ----------
    root
        The board's folder; it may not exist yet.
    operations
        How the disk is changed; tests pass one that fails.
    """

    def __init__(self, root: Path, operations: FileOperations | None = None) -> None:
        self.root = Path(os.path.abspath(root.expanduser()))
        self.url = str(self.root)
        self.operations = operations or FileOperations()

    def events(self, after: int) -> Iterator[bytes]:
        """Yield the events behind a sequence number, in order."""
        sequence = after + 1
        while True:
            try:
                yield (self.log_place() / log_pin.event_file(sequence)).read_bytes()
            except (FileNotFoundError, NotADirectoryError):
                return
            sequence += 1

    def append_event(self, sequence: int, data: bytes) -> bool:
        """Create an event complete or not at all: written aside, synced, then linked to its number."""
        with refusals(self.url):
            staging = self.log() / STAGING
            ensure(self.operations, staging)
            aside = staging / f"{os.getpid()}-{secrets.token_hex(6)}.event"
            try:
                self._write(aside, data)
                self.operations.link(aside, self.log() / log_pin.event_file(sequence))
            except FileExistsError:
                return False
            finally:
                with contextlib.suppress(FileNotFoundError):
                    self.operations.unlink(aside)
            self.operations.sync_folder(self.log())
        return True

    def board_id(self) -> str | None:
        """Return the identity of the board, or None where we never wrote."""
        try:
            return str(json.loads((self.log_place() / log_pin.FILE).read_bytes())["board"])
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def log_place(self) -> Path:
        return self.root / LOG_PIN / log_pin.VERSION

    def log(self) -> Path:
        """Return the folder of the log; created whole, so that pins never sees half of it."""
        place = self.log_place()
        if not (place / FILE).is_file():
            self._create_log()
        return place

    def _create_log(self) -> None:
        _ensure_parents(self.operations, self.root)
        aside = Path(tempfile.mkdtemp(prefix=f".{self.root.name}-", dir=_beside(self.root)))
        try:
            version = aside / LOG_PIN / log_pin.VERSION
            self.operations.make_folder(version.parent)
            self.operations.make_folder(version)
            for file, data in log_pin.files(secrets.token_hex(16)).items():
                self._write(version / file, data)
            self.operations.sync_folder(version)
            self.operations.sync_folder(version.parent)
            try:
                self.operations.rename(version.parent, self.root / LOG_PIN)
            except OSError as error:
                if error.errno not in _OCCUPIED:  # somebody else created it in the same moment
                    raise
            self.operations.sync_folder(self.root)
        finally:
            self.operations.remove_tree(aside)

    def _write(self, path: Path, data: bytes) -> None:
        with self.operations.create(path) as stream:
            self.operations.write(stream, data)
            self.operations.sync(stream)


def ensure(operations: FileOperations, folder: Path) -> None:
    if not folder.is_dir():
        with contextlib.suppress(FileExistsError):
            operations.make_folder(folder)


def _ensure_parents(operations: FileOperations, folder: Path) -> None:
    missing = [place for place in (folder, *folder.parents) if not place.exists()]
    for place in reversed(missing):
        ensure(operations, place)
        operations.sync_folder(place.parent)


def _beside(root: Path) -> Path:
    """Return where to build the log: outside the board if that is the same file system and writable, else inside."""
    outside = root.parent
    same = os.stat(outside).st_dev == os.stat(root).st_dev and not os.path.ismount(root)
    return outside if same and os.access(outside, os.W_OK) else root
