"""A board on Posit Connect: each model is a pin, and each version a bundle named by time and hash as elsewhere."""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

from mlops_magics.core.file_layer import FileLayer
from mlops_magics.core.versioning import clock
from mlops_magics.core.versioning.describing import data_txt
from mlops_magics.core.versioning.describing.data_txt import FILE
from mlops_magics.core.versioning.names import LOG_PIN, STAMP, TRASH_PIN, ModelName, VersionName
from mlops_magics.core.versioning.stores import trash_names
from mlops_magics.core.versioning.stores.connect_content import ADDED
from mlops_magics.core.versioning.stores.connect_log import ConnectLog
from mlops_magics.core.versioning.stores.draft_folder import DraftFolder
from mlops_magics.core.versioning.stores.store import Describe
from mlops_magics.core.versioning.stores.sweep import Swept
from mlops_magics.errors import BoardError, IntegrityError, InvalidInput, NotFound

PLACE = "place.txt"
MOST_ATTEMPTS = 20
_SCHEMES = {"connect": "https", "connect+http": "http"}


class ConnectStore(ConnectLog):
    """The store protocol over Posit Connect, also for pins that the pins package makes and reads."""

    writable, shared = True, False

    def __init__(self, fs: Any, url: str) -> None:
        super().__init__(fs, url)
        self._named: dict[tuple[str, int], str] = {}
        self._places: dict[int, str] = {}

    @classmethod
    def of(cls, fs: Any) -> ConnectStore:
        """Open the board behind a pins board. Its URL contains no key."""
        scheme, _, place = str(fs.api.server_url).rstrip("/").partition("://")
        return cls(fs, f"{'connect' if scheme == 'https' else 'connect+http'}://{re.sub(r'^[^/@]*@', '', place)}")

    @classmethod
    def at(cls, url: str) -> ConnectStore:
        """Open the board of the user whose key is in ``CONNECT_API_KEY``.

        Raises
        ------
        InvalidInput
        """
        from pins.rsconnect.fs import RsConnectFs

        scheme, _, place = url.partition("://")
        if "@" in place:
            raise InvalidInput("A key does not belong into a URL: set CONNECT_API_KEY in the environment.")
        server = f"{_SCHEMES[scheme.lower()]}://{place.rstrip('/')}"
        return cls.of(RsConnectFs(server, api_key=os.environ.get("CONNECT_API_KEY")))

    def exists(self) -> bool:
        """Return whether the user has any pin."""
        with self.refusals("read"):
            return bool(self.pinned())

    # Reading

    def names(self) -> list[str]:
        """Return the user's pins, ours and those of the pins package."""
        with self.refusals("read"):
            return [name for name in self.pinned() if name not in {LOG_PIN, TRASH_PIN}]

    def versions(self, name: ModelName) -> list[str]:
        """Return the versions of a pin."""
        return sorted(self._bundles_of(name))

    def entries(self, name: ModelName) -> list[str]:
        """Return everything in a pin, because bundles appear whole."""
        return self.versions(name)

    def stamp(self, name: ModelName) -> None:
        """Return None, because the server reports no change without a listing."""
        return

    def read(self, name: ModelName, version: VersionName, file: str, limit: int | None = None) -> bytes:
        """Return a whole file. One of more than ``limit`` bytes is refused.

        Raises
        ------
        IntegrityError
        """
        with self.refusals("read"):
            data = self.fetch(name, self._bundle(name, version), file)
        if limit is not None and len(data) > limit:
            raise IntegrityError(f"{name}@{version}: {file} is larger than {limit:,} bytes. It was not read.")
        return data

    def open(self, name: ModelName, version: VersionName, file: str, limit: int | None = None) -> BinaryIO:
        """Download a file into a private one without a name, so that the verified bytes are the bytes that are read."""
        with self.refusals("read"), tempfile.TemporaryDirectory(prefix="mlops-magics-") as folder:
            local = Path(folder) / "file"
            with open(local, "wb") as target:
                self.download(name, self._bundle(name, version), file, target)
            return open(local, "rb")

    def files_of(self, name: ModelName, version: VersionName) -> dict[str, int]:
        """Return the files of a version with their sizes."""
        with self.refusals("read"), self.unpacked(name, self._bundle(name, version)) as folder:
            return {path.name: path.stat().st_size if path.is_file() else -1 for path in folder.iterdir()}

    def _bundle(self, name: ModelName, version: VersionName) -> int:
        found = self._bundles_of(name).get(version)
        if found is None:
            raise NotFound("version", f"{name}/{version}", hint="Run `%verify`.")
        return found

    def _bundles_of(self, name: ModelName) -> dict[str, int]:
        """Return version → bundle. Of two versions with one name, the first has it."""
        with self.refusals("read"):
            found: dict[str, int] = {}
            for bundle in self.bundles(name):
                called = self._called(name, bundle)
                found[called if called not in found else str(bundle)] = bundle
            return found

    def _called(self, name: ModelName, bundle: int) -> str:
        """Return the name in a bundle's metadata, or its number. It never changes, so it is read once."""
        if (name, bundle) not in self._named:
            try:
                called = data_txt.called(self.fetch(name, bundle, FILE), f"{name}/{bundle}")
            except (NotFound, IntegrityError):
                called = None
            self._named[name, bundle] = str(called or bundle)
        return self._named[name, bundle]

    # Writing

    @contextlib.contextmanager
    def draft(self) -> Iterator[DraftFolder]:
        """Start a version in a private folder of this machine."""
        with tempfile.TemporaryDirectory(prefix="mlops-magics-") as folder:
            yield DraftFolder(FileLayer(folder), "")

    def commit(self, draft: DraftFolder, name: ModelName, pin_hash: str, describe: Describe) -> VersionName:
        """Create a bundle of the draft. Where an earlier one has the same second, move to a later second.

        Raises
        ------
        BoardError
        """
        late: list[int] = []
        first = False
        with self.refusals("write"):
            self.ensure_log()
            for _ in range(MOST_ATTEMPTS):
                created, newest = clock.after(self.versions(name))
                version = VersionName.of(created, pin_hash)
                draft.discard(FILE)
                draft.add(FILE, describe(created, version, newest))
                bundle = self.put(name, draft.path)
                first = self._is_first(name, bundle, created)
                if first:
                    break
                late.append(bundle)
            for each in late:
                self.remove(name, each)
        if not first:
            raise BoardError(f"No second was free for a new version of {name} on {self.url}. Try again.")
        return version

    def _is_first(self, name: ModelName, bundle: int, created: datetime) -> bool:
        second = created.strftime(STAMP)
        return not any(self._called(name, each).startswith(second) for each in self.bundles(name) if each < bundle)

    # The trash

    def discard(self, name: ModelName, version: VersionName) -> str:
        """Move a version into the user's pin of deleted versions: copied there first, then removed."""
        place = trash_names.place_of(name, version)
        with self.refusals("write"):
            bundle = self._bundle(name, version)
            with self.unpacked(name, bundle) as folder:
                (folder / PLACE).write_text(f"{place} {version}")
                self.put(TRASH_PIN, folder)
            self.remove(name, bundle)
        return place

    def undiscard(self, place: str) -> tuple[ModelName, VersionName]:
        """Restore a discarded version. Newer ones are created again after it, because pins reads the last bundle.

        Raises
        ------
        NotFound
        """
        with self.refusals("write"):
            bundle, version = self._discarded().get(place, (0, ""))
            name = trash_names.name_in(place, version) if bundle else None
            if name is None:
                raise NotFound("discarded version", place, self.trash())
            newer = [each for called, each in sorted(self._bundles_of(name).items()) if called > version]
            self._copy(TRASH_PIN, bundle, name)
            for each in newer:
                self._copy(name, each, name)
            for each in newer:
                self.remove(name, each)
            self.remove(TRASH_PIN, bundle)
        return name, VersionName(version)

    def _copy(self, source: str, bundle: int, name: ModelName) -> None:
        with self.unpacked(source, bundle) as folder:
            (folder / PLACE).unlink(missing_ok=True)
            self.put(name, folder)

    def trash(self) -> list[str]:
        """Return the places in the trash, the oldest first."""
        with self.refusals("read"):
            return sorted(self._discarded())

    def _discarded(self) -> dict[str, tuple[int, str]]:
        """Return place → bundle and version."""
        found = {}
        for bundle in self.bundles(TRASH_PIN):
            if bundle not in self._places:
                self._places[bundle] = self.fetch(TRASH_PIN, bundle, PLACE).decode()
            place, _, version = self._places[bundle].partition(" ")
            found[place] = (bundle, version)
        return found

    def strays(self) -> dict[str, str]:
        """Return the pins that are not models, each with the reason."""
        return {name: "neither a model nor ours" for name in self.names() if not ModelName.accepts(name)}

    def strays_of_log(self) -> dict[str, str]:
        """Return nothing, because bundles of the log hold an event or nothing."""
        return {}

    def quarantine(self, place: tuple[str, ...]) -> str:
        """Move a version, whole or not, into the trash.

        Raises
        ------
        BoardError
        """
        if len(place) == 1:
            raise BoardError(f"{place[0]} is a pin of its own. Remove it on {self.url} if it is not needed.")
        return self.discard(ModelName(place[0]), VersionName(place[1]))

    def sweep(self, staging: timedelta, trash: timedelta, held: frozenset[str]) -> Swept:
        """Remove old trash that nothing holds. Drafts are on the writers' machines."""
        limit = (clock.now() - trash).strftime(STAMP)
        with self.refusals("write"):
            old = {place: bundle for place, (bundle, _) in self._discarded().items() if place[: len(limit)] <= limit}
            kept = sorted(place for place in old if trash_names.holds(place, held))
            swept = sorted(set(old) - set(kept))
            freed = 0
            for place in swept:
                with self.unpacked(TRASH_PIN, old[place]) as folder:
                    freed += sum(path.stat().st_size for path in folder.iterdir() if path.name not in {*ADDED, PLACE})
                self.remove(TRASH_PIN, old[place])
        return Swept((), tuple(swept), tuple(kept), freed)
