"""The store protocol: the operations that a board needs from a place for its files."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import BinaryIO, Protocol

from mlops_magics.core.versioning.names import ModelName, VersionName
from mlops_magics.core.versioning.stores.digests import Digest
from mlops_magics.core.versioning.stores.sweep import Swept
from mlops_magics.errors import IntegrityError

Describe = Callable[[datetime, VersionName, str | None], bytes]
"""A writer of the metadata file, from the version's time of creation, its name, and the version before it."""


class Draft(Protocol):
    """The files of a version before publication."""

    def add(self, name: str, data: bytes) -> Digest:
        """Store a file of known bytes."""

    def open(self, name: str) -> contextlib.AbstractContextManager[BinaryIO]:
        """Open a file for writing. Its hashes are computed on the way."""

    def digest(self, name: str) -> Digest:
        """Return the hashes of a file that was written."""

    def read(self, name: str) -> BinaryIO:
        """Open a file of the draft for reading back."""

    def discard(self, name: str) -> None:
        """Remove a file of the draft."""


class Store(Protocol):
    """One place for a board. Paths are validated names, which only the store joins."""

    url: str
    writable: bool
    shared: bool
    """Whether other processes can change a file while it is open here."""

    def exists(self) -> bool:
        """Return whether there is anything at all."""

    def names(self) -> list[str]:
        """Return the models, ours and other writers'."""

    def versions(self, name: ModelName) -> list[str]:
        """Return the versions of a model, sorted. A missing model has none, and NotFound is not raised."""

    def entries(self, name: ModelName) -> list[str]:
        """Return all entries of a model, complete versions or not."""

    def stamp(self, name: ModelName) -> object:
        """Return a token that changes when versions of the model come or go, or None where that costs a listing."""

    def read(self, name: ModelName, version: VersionName, file: str, limit: int | None = None) -> bytes:
        """Return a whole small file. One of more than ``limit`` bytes is refused before it is read.

        Parameters
        ----------
        name, version
            The version.
        file
            The name of the file.
        limit
            Bytes, None for any number.
        """

    def open(self, name: ModelName, version: VersionName, file: str, limit: int | None = None) -> BinaryIO:
        """Open a file of a version, never a link. One of more than ``limit`` bytes is refused before it is read.

        Parameters
        ----------
        name, version
            The version.
        file
            The name of the file.
        limit
            Bytes, None for any number.
        """

    def files_of(self, name: ModelName, version: VersionName) -> dict[str, int]:
        """Return the files of a version with their sizes."""

    def draft(self) -> contextlib.AbstractContextManager[Draft]:
        """Start a version. The end of the context removes an uncommitted draft."""

    def commit(self, draft: Draft, name: ModelName, pin_hash: str, describe: Describe) -> VersionName:
        """Publish the draft in one step as the newest version.

        Parameters
        ----------
        draft
            The folder with the files.
        name, pin_hash
            The model, and the hash that its new version is named after.
        describe
            Returns the metadata for a time and a name.
        """

    def discard(self, name: ModelName, version: VersionName) -> str:
        """Move a version to the trash and return its name there."""

    def undiscard(self, place: str) -> tuple[ModelName, VersionName]:
        """Restore a version from the trash."""

    def trash(self) -> list[str]:
        """Return the places in the trash."""

    def strays(self) -> dict[str, str]:
        """Return the entries of the board that are not models, each with the reason."""

    def strays_of_log(self) -> dict[str, str]:
        """Return the entries of the log's folder that do not belong there, each with the reason."""

    def quarantine(self, place: tuple[str, ...]) -> str:
        """Move any entry of the board into the trash."""

    def sweep(self, staging: timedelta, trash: timedelta, held: frozenset[str]) -> Swept:
        """Remove entries that outlived their lease and are not held."""

    def events(self, after: int) -> Iterable[bytes | IntegrityError]:
        """Return the events of the log after a sequence number, in order, and an error for each unreadable one."""

    def event_marks(self) -> Mapping[int, object]:
        """Return number → mark of all events, also of those after a gap, and the mark of the identity under 0.

        A mark changes with the file. It is None for a file that was changed so recently that the next change may leave
        the same mark.
        """

    def append_event(self, sequence: int, data: bytes) -> bool:
        """Create an event under its number. Return False when the number is taken."""

    def beat(self, key: str, data: bytes | None) -> None:
        """Replace a heartbeat, or remove it. A store that cannot overwrite keeps none."""

    def last_beat(self, key: str) -> bytes | None:
        """Return a heartbeat, or None."""

    def board_id(self) -> str | None:
        """Return the identity that was written when the log was created, or None."""
