"""A board in a folder of this machine: staged, synced and renamed, so that a version is there whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
from collections.abc import Iterator
from typing import BinaryIO

from mlops_magics.core.versioning import clock
from mlops_magics.core.versioning.describing.data_txt import FILE
from mlops_magics.core.versioning.names import LOG_PIN, FileName, ModelName, VersionName
from mlops_magics.core.versioning.stores.draft_folder import DraftFolder
from mlops_magics.core.versioning.stores.folder_log import STAGING, ensure
from mlops_magics.core.versioning.stores.folder_trash import LOCK, FolderTrash
from mlops_magics.core.versioning.stores.store import Describe
from mlops_magics.core.versioning.stores.store_errors import board_error, refusals
from mlops_magics.errors import IntegrityError, NotFound

_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)


class FolderStore(FolderTrash):
    """The store protocol over a folder: reading and publishing; log and trash are its bases."""

    shared = True

    @property
    def writable(self) -> bool:
        """Whether this user may write here, or where the folder would be created."""
        place = next(place for place in (self.root, *self.root.parents) if place.exists())
        return os.access(place, os.W_OK)

    def exists(self) -> bool:
        """Tell whether anything but our own log lies here."""
        return self.root.is_dir() and any(True for _ in os.scandir(self.root))

    # Reading

    def names(self) -> list[str]:
        """Return the folders that could be models."""
        try:
            with os.scandir(self.root) as entries:
                return [
                    entry.name for entry in entries if entry.name != LOG_PIN and entry.is_dir(follow_symlinks=False)
                ]
        except FileNotFoundError:
            return []

    def entries(self, name: ModelName) -> list[str]:
        """Return everything in a model's folder: what is published there is published whole."""
        return self.versions(name)

    def stamp(self, name: ModelName) -> int | None:
        """Return when the folder last changed, in ns; None while that is too fresh to tell two changes apart."""
        try:
            changed = os.stat(f"{self.root}/{name}").st_mtime_ns
        except OSError:
            return None
        return changed if clock.wall_ns() - changed > clock.COARSE_NS else None

    def read(self, name: ModelName, version: VersionName, file: str) -> bytes:
        """Return a whole file."""
        with self.open(name, version, file) as stream:
            return stream.read()

    def open(self, name: ModelName, version: VersionName, file: str) -> BinaryIO:
        """Open a plain file of a version; links are refused."""
        path = self.root / name / version / (file if file == FILE else FileName(file))
        try:
            handle = os.open(path, os.O_RDONLY | _NO_FOLLOW | getattr(os, "O_BINARY", 0))
        except (FileNotFoundError, NotADirectoryError):
            raise NotFound("file", f"{name}/{version}/{file}", hint="Run `%verify`.") from None
        except OSError as error:
            if error.errno == errno.ELOOP:
                raise IntegrityError(f"{name}@{version}: {file} is a link, and links are not followed.") from None
            raise board_error(error, self.url, "read") from error
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            os.close(handle)
            raise IntegrityError(f"{name}@{version}: {file} is no plain file.")
        return open(handle, "rb")

    def files(self, name: ModelName, version: VersionName) -> dict[str, int]:
        """Return the entries of a version's folder with their sizes; folders and links count as -1."""
        try:
            with os.scandir(self.root / name / version) as entries:
                return {
                    entry.name: entry.stat().st_size if entry.is_file(follow_symlinks=False) else -1
                    for entry in entries
                }
        except (FileNotFoundError, NotADirectoryError):
            return {}

    # Writing

    @contextlib.contextmanager
    def draft(self) -> Iterator[DraftFolder]:
        """Start a version in the staging folder; what is not committed is removed, also after an interrupt."""
        with refusals(self.url):
            staging = self.log() / STAGING
            ensure(self.operations, staging)
            place = staging / f"{os.getpid()}-{secrets.token_hex(6)}"
            self.operations.make_folder(place)
            draft = DraftFolder(place / "model" / "version", self.operations)
        try:
            with refusals(self.url):
                self.operations.make_folder(place / "model")
                self.operations.make_folder(draft.path)
                yield draft
        finally:
            self.operations.remove_tree(place)

    def commit(self, draft: DraftFolder, name: ModelName, pin_hash: str, describe: Describe) -> VersionName:
        """Give the draft its metadata and its name: one rename, under a lock that dies with the process."""
        with refusals(self.url), self.operations.locked(self.log() / LOCK):
            created, newest = clock.after(self.listed(name))
            version = VersionName.of(created, pin_hash)
            draft.add(FILE, describe(created, version, newest))
            self.operations.sync_folder(draft.path)
            self._place(draft, name, version)
        return version

    def _place(self, draft: DraftFolder, name: ModelName, version: VersionName) -> None:
        """Rename the version into its model; for a first version, the model with the version in it."""
        model = self.root / name
        if not model.exists():
            self.operations.rename(draft.path, draft.path.parent / version)
            self.operations.sync_folder(draft.path.parent)
            self.operations.rename(draft.path.parent, model)
            self.operations.sync_folder(self.root)
        else:
            self.operations.rename(draft.path, model / version)
            self.operations.sync_folder(model)

    # Care

    def strays(self) -> list[str]:
        """Return the entries of the board that no model can be."""
        try:
            with os.scandir(self.root) as entries:
                return sorted(
                    entry.name
                    for entry in entries
                    if not (entry.is_dir(follow_symlinks=False) and ModelName.accepts(entry.name))
                )
        except FileNotFoundError:
            return []
