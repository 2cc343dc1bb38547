"""A board in a folder of this machine. Versions are staged, synced and renamed, so that none is ever there in part."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from typing import BinaryIO

from mlops_magics.core.folder_handles import NotPlain, TooLarge
from mlops_magics.core.versioning import clock
from mlops_magics.core.versioning.describing.data_txt import FILE
from mlops_magics.core.versioning.names import LOG_PIN, FileName, ModelName, VersionName
from mlops_magics.core.versioning.stores.draft_folder import DraftFolder
from mlops_magics.core.versioning.stores.folder_log import LOCK, STAGING
from mlops_magics.core.versioning.stores.folder_trash import FolderTrash
from mlops_magics.core.versioning.stores.store import Describe
from mlops_magics.core.versioning.stores.store_errors import board_error, refusals
from mlops_magics.errors import IntegrityError, NotFound

LINK = "a link, and links are not followed"


class FolderStore(FolderTrash):
    """The store protocol over a folder. It reads and publishes. Log and trash are its bases."""

    shared = True

    @property
    def writable(self) -> bool:
        """Whether this user may write here, or where the folder would be created."""
        place = next(place for place in (self.root, *self.root.parents) if place.exists())
        return os.access(place, os.W_OK)

    def exists(self) -> bool:
        """Return whether the folder has any entry."""
        try:
            return bool(self.files.names())
        except (FileNotFoundError, NotADirectoryError):
            return False
        except OSError as error:
            raise board_error(error, self.url, "read") from error

    # Reading

    def names(self) -> list[str]:
        """Return the folders that could be models."""
        try:
            return [name for name in self.files.folders() if name != LOG_PIN]
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            raise board_error(error, self.url, "read") from error

    def entries(self, name: ModelName) -> list[str]:
        """Return everything in a model's folder, because versions are published whole."""
        return self.versions(name)

    def stamp(self, name: ModelName) -> int | None:
        """Return the last change of the folder, in ns, or None while it is too recent to distinguish two changes."""
        try:
            changed = self.files.stat(name).st_mtime_ns
        except OSError:
            return None
        return changed if clock.wall_ns() - changed > clock.COARSE_NS else None

    def read(self, name: ModelName, version: VersionName, file: str, limit: int | None = None) -> bytes:
        """Return a whole file of at most ``limit`` bytes."""
        place = _place(name, version, file)
        with self._reading(name, version, file):
            if limit is not None:
                return self.files.read(place, limit)
            with self.files.open(place) as stream:
                return stream.read()

    def open(self, name: ModelName, version: VersionName, file: str, limit: int | None = None) -> BinaryIO:
        """Open a plain file of a version. Its reader compares the size."""
        with self._reading(name, version, file):
            return self.files.open(_place(name, version, file))

    def files_of(self, name: ModelName, version: VersionName) -> dict[str, int]:
        """Return the entries of a version's folder with their sizes, -1 for folders and links."""
        with self._reading(name, version, ""):
            try:
                return {entry.name: entry.size for entry in self.files.entries(f"{name}/{version}")}
            except (FileNotFoundError, NotADirectoryError):
                return {}

    @contextlib.contextmanager
    def _reading(self, name: str, version: str, file: str) -> Iterator[None]:
        where = f"{name}/{version}" + (f"/{file}" if file else "")
        try:
            yield
        except (FileNotFoundError, NotADirectoryError):
            raise NotFound("file", where, hint="Run `%verify`.") from None
        except NotPlain as error:
            what = LINK if error.kind == "a link" else f"{error.kind}, not a plain file"
            raise IntegrityError(f"{name}@{version}: {error.place} is {what}.") from None
        except TooLarge as error:
            raise IntegrityError(f"{name}@{version}: {error.strerror}. It was not read.") from None
        except OSError as error:
            raise board_error(error, self.url, "read") from error

    # Writing

    @contextlib.contextmanager
    def draft(self) -> Iterator[DraftFolder]:
        """Start a version in the staging folder. Without a commit it is removed, also after an interrupt."""
        with refusals(self.url):
            self.ensure_log()
            self.ensure(STAGING)
            place = f"{STAGING}/{os.getpid()}-{secrets.token_hex(6)}"
            self.files.make_folder(place)
            draft = DraftFolder(self.files, f"{place}/model/version")
        try:
            with refusals(self.url):
                self.files.make_folder(f"{place}/model")
                self.files.make_folder(draft.place)
                yield draft
        finally:
            with contextlib.suppress(OSError):
                self.files.remove_tree(place)

    def commit(self, draft: DraftFolder, name: ModelName, pin_hash: str, describe: Describe) -> VersionName:
        """Publish the draft with its metadata and name by one rename, under a lock that ends with the process."""
        with refusals(self.url), self.files.locked(LOCK):
            created, newest = clock.after(self.listed(name))
            version = VersionName.of(created, pin_hash)
            draft.add(FILE, describe(created, version, newest))
            # the entries of the folder too are on the disk before the rename makes them visible
            self.files.sync_folder(draft.place)
            self._rename(draft, name, version)
        return version

    def _rename(self, draft: DraftFolder, name: ModelName, version: VersionName) -> None:
        """Rename the version into its model, or, for a first version, the model with the version in it."""
        if self.files.kind(name) is None:
            model = draft.place.rpartition("/")[0]
            self.files.rename(draft.place, f"{model}/{version}")
            # the version's name is on the disk before the model's name makes it visible
            self.files.sync_folder(model)
            self.files.rename(model, name)
            self.files.sync_folder()
        else:
            self.files.rename(draft.place, f"{name}/{version}")
            self.files.sync_folder(name)

    # Care

    def strays(self) -> dict[str, str]:
        """Return the entries of the board that are not models, each with the reason."""
        try:
            entries = self.files.entries()
        except (FileNotFoundError, NotADirectoryError):
            return {}
        return {
            entry.name: LINK if entry.kind == "link" else "neither a model nor ours"
            for entry in entries
            if not (entry.kind == "folder" and (ModelName.accepts(entry.name) or entry.name == LOG_PIN))
        }


def _place(name: ModelName, version: VersionName, file: str) -> str:
    return f"{name}/{version}/{file if file == FILE else FileName(file)}"
