"""The trash of a board in a folder, which keeps deleted and stray entries until a sweep."""

from __future__ import annotations

import contextlib
import secrets
from datetime import timedelta

from mlops_magics.core.folder_handles import NotPlain
from mlops_magics.core.versioning import clock
from mlops_magics.core.versioning.names import LOG_PIN, FileName, ModelName, VersionName
from mlops_magics.core.versioning.stores import log_pin, trash_names
from mlops_magics.core.versioning.stores.folder_log import LOCK, STAGING, TRASH, FolderLog
from mlops_magics.core.versioning.stores.store_errors import refusals
from mlops_magics.core.versioning.stores.sweep import Swept
from mlops_magics.errors import NotFound

SWEPT = "swept-"
"""The prefix of an entry that a sweep took out of the trash, where the sweep ended before it removed the entry."""


class FolderTrash(FolderLog):
    """The trash: versions and stray entries are moved into it, restored from it, and removed."""

    def versions(self, name: ModelName) -> list[str]:
        """Return the entries of a model's folder, sorted by name."""
        return sorted(self.listed(name))

    def listed(self, name: ModelName) -> list[str]:
        """Return the entries of a model's folder, in no order."""
        try:
            return self.files.names(name)
        except (FileNotFoundError, NotADirectoryError, NotPlain):
            return []

    def discard(self, name: ModelName, version: VersionName) -> str:
        """Move a version to the trash, and the model too with its last version."""
        with refusals(self.url):
            self.ensure_log()
            with self.files.locked(LOCK):
                self.ensure(TRASH)
                place = trash_names.place_of(name, version)
                whole = self.versions(name) == [version]
                if whole:
                    self.files.rename(name, f"{TRASH}/{place}")
                else:
                    self.files.make_folder(f"{TRASH}/{place}")
                    self.files.rename(f"{name}/{version}", f"{TRASH}/{place}/{version}")
                self.files.sync_folder("" if whole else name)
        return place

    def quarantine(self, place: tuple[str, ...]) -> str:
        """Move an entry of the board with any name into the trash. A link in place of the trash is removed."""
        source, aside = "/".join(place), trash_names.place_of_stray()
        with refusals(self.url):
            if source in {LOG_PIN, log_pin.PLACE, TRASH} and self.files.kind(source) == "link":
                self.files.unlink(source)
                return source
            self.ensure_log()
            with self.files.locked(LOCK):
                self.ensure(TRASH)
                self.files.make_folder(f"{TRASH}/{aside}")
                self.files.rename(source, f"{TRASH}/{aside}/{place[-1]}")
        return aside

    def undiscard(self, place: str) -> tuple[ModelName, VersionName]:
        """Move a discarded version back to the model in the name of its place.

        Raises
        ------
        NotFound
        """
        with refusals(self.url):
            self.ensure_log()
            with self.files.locked(LOCK):
                aside = f"{TRASH}/{FileName(place)}"
                found = self._versions_in(aside)
                name = trash_names.name_in(place, found[0]) if len(found) == 1 else None
                if name is None:
                    raise NotFound("discarded version", place, self.trash())
                version = VersionName(found[0])
                self.ensure(name)
                self.files.rename(f"{aside}/{version}", f"{name}/{version}")
                self.files.sync_folder(name)
                self.files.remove_tree(aside)
        return name, version

    def trash(self) -> list[str]:
        """Return the places in the trash, the oldest first."""
        try:
            return sorted(self.files.names(TRASH))
        except (FileNotFoundError, NotADirectoryError, NotPlain):
            return []

    def sweep(self, staging: timedelta, trash: timedelta, held: frozenset[str]) -> Swept:
        """Remove staging and trash that are older than their leases, but not held versions."""
        with refusals(self.url):
            old_staging, old_trash = self._older(STAGING, staging), self._older(TRASH, trash)
            kept = [name for name in old_trash if trash_names.holds(name, held)]
            removed = [name for name in old_trash if name not in kept]
            swept = [f"{STAGING}/{name}" for name in old_staging] + [f"{TRASH}/{name}" for name in removed]
            freed = sum(map(self.files.weight, swept))
            for place in self._out_of_reach(swept):
                with contextlib.suppress(FileNotFoundError):
                    self.files.remove_tree(place)
        return Swept(tuple(old_staging), tuple(removed), tuple(kept), freed)

    def _out_of_reach(self, swept: list[str]) -> list[str]:
        """Rename the swept entries before any of them is removed, so that no user restores half a version."""
        if not swept:
            return []
        self.ensure_log()
        aside = []
        with self.files.locked(LOCK):
            self.ensure(STAGING)
            for place in swept:
                with contextlib.suppress(FileNotFoundError):  # another sweep was faster
                    target = f"{STAGING}/{SWEPT}{secrets.token_hex(6)}"
                    self.files.rename(place, target)
                    aside.append(target)
        return aside

    def _versions_in(self, aside: str) -> list[str]:
        try:
            return [entry for entry in self.files.folders(aside) if VersionName.accepts(entry)]
        except (FileNotFoundError, NotADirectoryError, NotPlain):
            return []

    def _older(self, place: str, lease: timedelta) -> list[str]:
        limit = clock.wall_ns() / 1e9 - lease.total_seconds()
        try:
            entries = self.files.entries(place)
        except (FileNotFoundError, NotADirectoryError):
            return []
        return [entry.name for entry in entries if entry.name.startswith(SWEPT) or entry.changed <= limit]
