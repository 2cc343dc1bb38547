"""The trash of a board in a folder: what was deleted or is stray waits there until a sweep."""

from __future__ import annotations

import contextlib
import os
import secrets
from datetime import timedelta
from pathlib import Path

from mlops_magics.core.versioning import clock
from mlops_magics.core.versioning.names import FileName, ModelName, VersionName
from mlops_magics.core.versioning.stores import trash_names
from mlops_magics.core.versioning.stores.folder_log import STAGING, FolderLog, ensure
from mlops_magics.core.versioning.stores.store_errors import refusals
from mlops_magics.core.versioning.stores.sweep import Swept
from mlops_magics.errors import NotFound

TRASH, LOCK = "trash", "lock"
SWEPT = "swept-"
"""Begins the name of what a sweep took out of the trash and was ended before it removed it."""


class FolderTrash(FolderLog):
    """Moving versions and strays aside, back, and away."""

    def versions(self, name: ModelName) -> list[str]:
        """Return the entries of a model's folder, sorted by name."""
        return sorted(self.listed(name))

    def listed(self, name: ModelName) -> list[str]:
        """Return the entries of a model's folder as they come."""
        try:
            return os.listdir(self.root / name)
        except (FileNotFoundError, NotADirectoryError):
            return []

    def discard(self, name: ModelName, version: VersionName) -> str:
        """Move a version to the trash; a model without versions goes with its last one."""
        with refusals(self.url), self.operations.locked(self.log() / LOCK):
            trash = self.log() / TRASH
            ensure(self.operations, trash)
            place = trash_names.place_of(name, version)
            whole = self.versions(name) == [version]
            if whole:
                self.operations.rename(self.root / name, trash / place)
            else:
                self.operations.make_folder(trash / place)
                self.operations.rename(self.root / name / version, trash / place / version)
            self.operations.sync_folder(self.root if whole else self.root / name)
        return place

    def quarantine(self, place: tuple[str, ...]) -> str:
        """Move an entry of the board, however it is called, into the trash."""
        with refusals(self.url), self.operations.locked(self.log() / LOCK):
            trash = self.log() / TRASH
            ensure(self.operations, trash)
            aside = trash_names.place_of_stray()
            self.operations.make_folder(trash / aside)
            self.operations.rename(self.root.joinpath(*place), trash / aside / place[-1])
        return aside

    def undiscard(self, place: str) -> tuple[ModelName, VersionName]:
        """Put a discarded version back; its metadata tell where it belongs."""
        with refusals(self.url), self.operations.locked(self.log() / LOCK):
            aside = self.log() / TRASH / FileName(place)
            found = [path for path in aside.glob("*") if VersionName.accepts(path.name)]
            name = trash_names.name_in(place, found[0].name) if len(found) == 1 else None
            if name is None:
                raise NotFound("discarded version", place, self.trash())
            version = VersionName(found[0].name)
            ensure(self.operations, self.root / name)
            self.operations.rename(found[0], self.root / name / version)
            self.operations.remove_tree(aside)
        return name, version

    def trash(self) -> list[str]:
        """Return what lies in the trash, the oldest first."""
        try:
            return sorted(os.listdir(self.log_place() / TRASH))
        except FileNotFoundError:
            return []

    def sweep(self, staging: timedelta, trash: timedelta, held: frozenset[str]) -> Swept:
        """Remove staging and trash that are older than their leases; what is held stays."""
        old_staging = self._older(self.log_place() / STAGING, staging)
        old_trash = self._older(self.log_place() / TRASH, trash)
        kept = [path for path in old_trash if trash_names.holds(path.name, held)]
        swept = [path for path in (*old_staging, *old_trash) if path not in kept]
        freed = sum(_weight(path) for path in swept)
        with refusals(self.url):
            for path in self._out_of_reach(swept):
                with contextlib.suppress(FileNotFoundError):
                    self.operations.remove_tree(path) if path.is_dir() else self.operations.unlink(path)
        return Swept(
            tuple(path.name for path in old_staging),
            tuple(path.name for path in old_trash if path not in kept),
            tuple(path.name for path in kept),
            freed,
        )

    def _out_of_reach(self, swept: list[Path]) -> list[Path]:
        """Rename what is swept before any of it is removed: nobody restores half a version."""
        if not swept:
            return []
        with self.operations.locked(self.log() / LOCK):
            ensure(self.operations, self.log() / STAGING)
            aside = []
            for path in swept:
                with contextlib.suppress(FileNotFoundError):  # another sweep was faster
                    target = self.log() / STAGING / f"{SWEPT}{secrets.token_hex(6)}"
                    self.operations.rename(path, target)
                    aside.append(target)
        return aside

    @staticmethod
    def _older(folder: Path, lease: timedelta) -> list[Path]:
        limit = clock.wall_ns() / 1e9 - lease.total_seconds()
        try:
            return sorted(
                path for path in folder.iterdir() if path.name.startswith(SWEPT) or path.lstat().st_ctime <= limit
            )
        except FileNotFoundError:
            return []


def _weight(path: Path) -> int:
    return sum(each.lstat().st_size for each in [path, *path.rglob("*")] if each.is_file())
