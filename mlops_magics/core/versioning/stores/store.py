"""What a board asks of the place where its bytes lie."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import BinaryIO, Protocol

from mlops_magics.core.versioning.names import ModelName, VersionName
from mlops_magics.core.versioning.stores.digests import Digest
from mlops_magics.core.versioning.stores.sweep import Swept
from mlops_magics.errors import IntegrityError

Describe = Callable[[datetime, VersionName, str | None], bytes]
"""Writes the metadata file, once the version knows when it is created, what it is called, and which one it follows."""


class Draft(Protocol):
    """The files of a version before it exists."""

    def add(self, name: str, data: bytes) -> Digest:
        """Store a file of known bytes."""

    def open(self, name: str) -> contextlib.AbstractContextManager[BinaryIO]:
        """Open a file for writing; its hashes are computed on the way."""

    def digest(self, name: str) -> Digest:
        """Return the hashes of a file that was written."""

    def read(self, name: str) -> BinaryIO:
        """Open a file of the draft for reading back."""

    def discard(self, name: str) -> None:
        """Remove a file of the draft."""


class Store(Protocol):
    """One place for a board; paths are validated names, which only the store joins."""

    url: str
    writable: bool
    shared: bool
    """Whether other processes can change a file while it is open here."""

    def exists(self) -> bool:
        """Tell whether there is anything at all."""

    def names(self) -> list[str]:
        """Return what is listed as a model, ours and other writers'."""

    def versions(self, name: ModelName) -> list[str]:
        """Return what lies in a model, sorted; NotFound is not raised, an absent model has none."""

    def entries(self, name: ModelName) -> list[str]:
        """Return everything that lies in a model, whole versions or not."""

    def stamp(self, name: ModelName) -> object:
        """Return a token that changes when versions of the model come or go; None where that cannot be told cheaply."""

    def read(self, name: ModelName, version: VersionName, file: str, limit: int | None = None) -> bytes:
        """Return a whole small file; one of more than ``limit`` bytes is refused before it is read."""

    def open(self, name: ModelName, version: VersionName, file: str, limit: int | None = None) -> BinaryIO:
        """Open a file of a version, never a link; one of more than ``limit`` bytes is refused before it is read."""

    def files_of(self, name: ModelName, version: VersionName) -> dict[str, int]:
        """Return the files of a version with their sizes."""

    def draft(self) -> contextlib.AbstractContextManager[Draft]:
        """Start a version; leaving the context removes what was not committed."""

    def commit(self, draft: Draft, name: ModelName, pin_hash: str, describe: Describe) -> VersionName:
        """Publish the draft in one step as the newest version."""

    def discard(self, name: ModelName, version: VersionName) -> str:
        """Move a version to the trash and return its name there."""

    def undiscard(self, place: str) -> tuple[ModelName, VersionName]:
        """Take a version out of the trash."""

    def trash(self) -> list[str]:
        """Return what lies in the trash."""

    def strays(self) -> dict[str, str]:
        """Return the entries of the board that are not models, each with the reason."""

    def strays_of_log(self) -> dict[str, str]:
        """Return the entries of the log's folder that do not belong there, each with the reason."""

    def quarantine(self, place: tuple[str, ...]) -> str:
        """Move any entry of the board into the trash."""

    def sweep(self, staging: timedelta, trash: timedelta, held: frozenset[str]) -> Swept:
        """Remove what outlived its lease and is not held."""

    def events(self, after: int) -> Iterable[bytes | IntegrityError]:
        """Return the events of the log behind a sequence number, in order; one that cannot be read as the error."""

    def event_numbers(self) -> list[int]:
        """Return the numbers of all events, also of those behind a gap."""

    def append_event(self, sequence: int, data: bytes) -> bool:
        """Create an event under its number; False when the number is taken."""

    def beat(self, key: str, data: bytes | None) -> None:
        """Replace a sign of life, or remove it; a store that cannot overwrite keeps none."""

    def last_beat(self, key: str) -> bytes | None:
        """Return a sign of life, or None where there is none."""

    def board_id(self) -> str | None:
        """Return the identity that was written when the log was created, or None."""
