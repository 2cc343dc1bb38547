"""The trash of a board in a folder: what was deleted or is stray waits there until a sweep."""

from __future__ import annotations

import os
import re
import secrets
from datetime import timedelta
from pathlib import Path

from mlops_magics.core.versioning import clock
from mlops_magics.core.versioning.names import STAMP, FileName, ModelName, VersionName
from mlops_magics.core.versioning.stores.folder_log import STAGING, FolderLog, ensure
from mlops_magics.core.versioning.stores.refusals import refusals
from mlops_magics.core.versioning.sweep import Swept
from mlops_magics.errors import NotFound

TRASH, LOCK = "trash", "lock"
_DISCARDED = re.compile(r"\d{8}T\d{6}Z-(?P<name>.+?)-(?P<version>\d{8}T\d{6}Z-[0-9a-f]{5})-[0-9a-f]{6}")


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
            place = f"{clock.now().strftime(STAMP)}-{name}-{version}-{secrets.token_hex(3)}"
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
            aside = f"{clock.now().strftime(STAMP)}-stray-{secrets.token_hex(3)}"
            self.operations.make_folder(trash / aside)
            self.operations.rename(self.root.joinpath(*place), trash / aside / place[-1])
        return aside

    def undiscard(self, place: str) -> tuple[ModelName, VersionName]:
        """Put a discarded version back; its metadata tell where it belongs."""
        with refusals(self.url), self.operations.locked(self.log() / LOCK):
            aside = self.log() / TRASH / FileName(place)
            found = [path for path in aside.glob("*") if VersionName.accepts(path.name)]
            parts = _DISCARDED.fullmatch(place)
            if len(found) != 1 or parts is None:
                raise NotFound("discarded version", place, self.trash())
            name, version = ModelName(parts["name"]), VersionName(found[0].name)
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
        kept = [path for path in old_trash if _ref_of(path.name) in held]
        swept = [path for path in (*old_staging, *old_trash) if path not in kept]
        freed = sum(_weight(path) for path in swept)
        for path in swept:
            self.operations.remove_tree(path) if path.is_dir() else self.operations.unlink(path)
        return Swept(
            tuple(path.name for path in old_staging),
            tuple(path.name for path in old_trash if path not in kept),
            tuple(path.name for path in kept),
            freed,
        )

    @staticmethod
    def _older(folder: Path, lease: timedelta) -> list[Path]:
        limit = clock.wall_ns() / 1e9 - lease.total_seconds()
        try:
            return sorted(path for path in folder.iterdir() if path.lstat().st_ctime <= limit)
        except FileNotFoundError:
            return []


def _ref_of(place: str) -> str | None:
    found = _DISCARDED.fullmatch(place)
    return f"{found['name']}@{found['version']}" if found else None


def _weight(path: Path) -> int:
    return sum(each.lstat().st_size for each in [path, *path.rglob("*")] if each.is_file())
