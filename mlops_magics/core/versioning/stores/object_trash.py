"""The trash of a board in an object store. All objects are copied before the first of them is removed."""

from __future__ import annotations

from datetime import timedelta

from mlops_magics.core.versioning import clock
from mlops_magics.core.versioning.describing.data_txt import FILE
from mlops_magics.core.versioning.names import LOG_PIN, STAMP, FileName, ModelName, VersionName
from mlops_magics.core.versioning.stores import trash_names
from mlops_magics.core.versioning.stores.object_log import ObjectLog
from mlops_magics.core.versioning.stores.sweep import Swept
from mlops_magics.errors import NotFound

CLAIMS, TRASH = "claims", "trash"


class ObjectTrash(ObjectLog):
    """The trash: versions and stray entries are moved into it, restored from it, and removed."""

    def discard(self, name: ModelName, version: VersionName) -> str:
        """Move a version to the trash: copy it, then remove its metadata, then the rest."""
        place = trash_names.place_of(name, version)
        with self.refusals("write"):
            self.move(f"{self.root}/{name}/{version}", f"{self.log_path()}/{TRASH}/{place}/{version}")
        return place

    def undiscard(self, place: str) -> tuple[ModelName, VersionName]:
        """Restore a discarded version.

        Raises
        ------
        NotFound
        """
        aside = f"{self.log_path()}/{TRASH}/{FileName(place)}"
        with self.refusals("write"):
            found = [each for each in self.listed(aside) if VersionName.accepts(each)]
            name = trash_names.name_in(place, found[0]) if len(found) == 1 else None
            if name is None:
                raise NotFound("discarded version", place, self.trash())
            version = VersionName(found[0])
            self.move(f"{aside}/{version}", f"{self.root}/{name}/{version}")
        return name, version

    def trash(self) -> list[str]:
        """Return the places in the trash, the oldest first."""
        with self.refusals("read"):
            return sorted(self.listed(f"{self.log_path()}/{TRASH}"))

    def strays(self) -> dict[str, str]:
        """Return the entries of the board that are not models, each with the reason."""
        with self.refusals("read"):
            entries = sorted(self.listed(self.root).items())
        return {
            name: "neither a model nor ours"
            for name, entry in entries
            if entry["type"] != "directory" or not (ModelName.accepts(name) or name == LOG_PIN)
        }

    def quarantine(self, place: tuple[str, ...]) -> str:
        """Move any entry into the trash."""
        aside = trash_names.place_of_stray()
        with self.refusals("write"):
            self.move("/".join((self.root, *place)), f"{self.log_path()}/{TRASH}/{aside}/{place[-1]}")
        return aside

    def sweep(self, staging: timedelta, trash: timedelta, held: frozenset[str]) -> Swept:
        """Remove old trash that nothing holds, and claims past their lease. Drafts are on the writers' machines."""
        old = [place for place in self.trash() if place[:16] <= (clock.now() - trash).strftime(STAMP)]
        kept = [place for place in old if trash_names.holds(place, held)]
        claims = f"{self.log_path()}/{CLAIMS}"
        limit = (clock.now() - staging).strftime(STAMP)
        with self.refusals("write"):
            stale = [path for path in self.find(claims) if path.rpartition("/")[2] <= limit]
            swept = [f"{self.log_path()}/{TRASH}/{place}" for place in old if place not in kept]
            freed = sum(int(entry["size"] or 0) for path in swept for entry in self.find(path).values())
            for path in (*stale, *swept):
                self.fs.rm(path, recursive=True)
        names = tuple(path.rpartition("/")[2] for path in stale)
        return Swept(names, tuple(place for place in old if place not in kept), tuple(kept), freed)

    def move(self, source: str, target: str) -> None:
        """Copy everything, metadata last, then remove it, metadata first, so that no half of it is a version."""
        objects = sorted(self.find(source), key=lambda path: not path.endswith(f"/{FILE}"))
        for path in reversed(objects):
            self.fs.cp_file(path, target + path[len(source) :])
        for path in objects:
            self.fs.rm_file(path)
