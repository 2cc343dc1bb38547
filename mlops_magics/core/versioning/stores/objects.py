"""A board in an object store, through fsspec: data first, ``data.txt`` last, what must be unique create-only."""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

from mlops_magics.core.versioning import clock, log_pin
from mlops_magics.core.versioning.data_txt import FILE
from mlops_magics.core.versioning.names import LOG_PIN, STAMP, FileName, ModelName, VersionName
from mlops_magics.core.versioning.stores.draft_folder import DraftFolder
from mlops_magics.core.versioning.stores.file_operations import FileOperations
from mlops_magics.core.versioning.stores.store import Describe
from mlops_magics.core.versioning.sweep import Swept
from mlops_magics.errors import BoardError, InvalidInput, MissingDependency, NotFound

CLAIMS, TRASH = "claims", "trash"
MOST_CLAIMS = 10_000
_CREDENTIALS = re.compile(r"(?<=://)[^/@]*@(?=[^/]+)")
_PACKAGES = {
    "s3": "s3fs",
    "s3a": "s3fs",
    "gs": "gcsfs",
    "gcs": "gcsfs",
    "abfs": "adlfs",
    "abfss": "adlfs",
    "az": "adlfs",
}


class ObjectStore:
    """The store protocol over an fsspec file system.

    Parameters
    ----------
    fs
        The file system; its listings must not be cached.
    root
        The path of the board in it.
    url
        How users name the place, without credentials.
    """

    writable = True

    def __init__(self, fs: Any, root: str, url: str) -> None:
        self.fs, self.root, self.url = fs, root.rstrip("/"), url.rstrip("/")

    @classmethod
    def at(cls, url: str) -> ObjectStore:
        """Open the board at a URL; credentials come from the environment, as the store's own tools read them.

        Raises
        ------
        MissingDependency
            When the library for this kind of store is not installed.
        InvalidInput
            For a scheme that nobody knows.
        """
        import fsspec

        scheme = url.partition("://")[0]
        try:
            fs, root = fsspec.url_to_fs(url, use_listings_cache=False)
        except ImportError as error:
            package = _PACKAGES.get(scheme, scheme)
            raise MissingDependency(f"Boards at {scheme}:// need {package}: `pip install {package}`.") from error
        except ValueError as error:
            raise InvalidInput(
                f"{scheme}:// is no kind of board: use a folder, s3://, gs://, abfs:// or memory://."
            ) from error
        return cls(fs, root, _CREDENTIALS.sub("", url).partition("?")[0])

    def exists(self) -> bool:
        """Tell whether anything lies here."""
        with self._refusals("read"):
            return bool(self._entries(self.root))

    # Reading

    def names(self) -> list[str]:
        """Return the folders that could be models."""
        with self._refusals("read"):
            return [
                name
                for name, entry in self._entries(self.root).items()
                if name != LOG_PIN and entry["type"] == "directory"
            ]

    def versions(self, name: ModelName) -> list[str]:
        """Return the versions whose metadata are there: what is still on its way is none yet."""
        with self._refusals("read"):
            return sorted({parts[0] for parts in self._below(name) if len(parts) == 2 and parts[1] == FILE})

    def entries(self, name: ModelName) -> list[str]:
        """Return everything in a model, whole or not."""
        with self._refusals("read"):
            return sorted({parts[0] for parts in self._below(name)})

    def stamp(self, name: ModelName) -> None:
        """Return None: an object store tells no change without listing."""
        return

    def read(self, name: ModelName, version: VersionName, file: str) -> bytes:
        """Return a whole object."""
        with self._refusals("read"):
            try:
                return bytes(self.fs.cat_file(self._path(name, version, file)))
            except FileNotFoundError:
                raise NotFound("file", f"{name}/{version}/{file}", hint="Run `%verify`.") from None

    def open(self, name: ModelName, version: VersionName, file: str) -> BinaryIO:
        """Download an object into a private file without a name, so that what is verified is what is read."""
        with self._refusals("read"), tempfile.TemporaryDirectory(prefix="mlops-magics-") as folder:
            local = Path(folder) / "object"
            try:
                self.fs.get_file(self._path(name, version, file), os.fspath(local))
            except FileNotFoundError:
                raise NotFound("file", f"{name}/{version}/{file}", hint="Run `%verify`.") from None
            return open(local, "rb")

    def files(self, name: ModelName, version: VersionName) -> dict[str, int]:
        """Return the objects of a version with their sizes."""
        with self._refusals("read"):
            entries = self._entries(f"{self.root}/{name}/{version}")
            return {
                each: -1 if entry["type"] == "directory" else int(entry["size"] or 0) for each, entry in entries.items()
            }

    # Writing

    @contextlib.contextmanager
    def draft(self) -> Iterator[DraftFolder]:
        """Start a version in a private folder of this machine."""
        with tempfile.TemporaryDirectory(prefix="mlops-magics-") as folder:
            yield DraftFolder(Path(folder), FileOperations())

    def commit(self, draft: DraftFolder, name: ModelName, pin_hash: str, describe: Describe) -> VersionName:
        """Claim a second for the version, upload its files, and create its metadata last."""
        with self._refusals("write"):
            self._ensure_log()
            created, newest = self._claim(name)
            version = VersionName.of(created, pin_hash)
            for path in sorted(draft.path.iterdir()):
                self.fs.put_file(os.fspath(path), self._path(name, version, path.name))
            if not self._create(self._path(name, version, FILE), describe(created, version, newest)):
                raise BoardError(f"{name}@{version} was created by somebody else in the same moment; pin again.")
        return version

    def _claim(self, name: ModelName) -> tuple[datetime, str | None]:
        """Return the first free second after the newest version, and that one; two writers never get the same."""
        created, newest = clock.after(self.versions(name))
        for _ in range(MOST_CLAIMS):
            if self._create(
                f"{self._log()}/{CLAIMS}/{name}/{created.strftime(STAMP)}", clock.now().isoformat().encode()
            ):
                return created, newest
            created += timedelta(seconds=1)
        raise BoardError(f"No second was free for a new version of {name} on {self.url}; run `%gc`.")

    def discard(self, name: ModelName, version: VersionName) -> str:
        """Move a version to the trash: copied first, then its metadata removed, then the rest."""
        place = f"{clock.now().strftime(STAMP)}-{name}-{version}-{secrets.token_hex(3)}"
        with self._refusals("write"):
            self._move(f"{self.root}/{name}/{version}", f"{self._log()}/{TRASH}/{place}/{version}")
        return place

    def undiscard(self, place: str) -> tuple[ModelName, VersionName]:
        """Put a discarded version back."""
        aside = f"{self._log()}/{TRASH}/{FileName(place)}"
        with self._refusals("write"):
            found = [each for each in self._entries(aside) if VersionName.accepts(each)]
            if len(found) != 1 or f"-{found[0]}-" not in place:
                raise NotFound("discarded version", place, self.trash())
            name, version = ModelName(place[17:].partition(f"-{found[0]}-")[0]), VersionName(found[0])
            self._move(f"{aside}/{version}", f"{self.root}/{name}/{version}")
        return name, version

    def trash(self) -> list[str]:
        """Return what lies in the trash, the oldest first."""
        with self._refusals("read"):
            return sorted(self._entries(f"{self._log()}/{TRASH}"))

    def strays(self) -> list[str]:
        """Return the entries of the board that no model can be."""
        with self._refusals("read"):
            entries = self._entries(self.root).items()
            return sorted(
                name for name, entry in entries if entry["type"] != "directory" or not ModelName.accepts(name)
            )

    def quarantine(self, place: tuple[str, ...]) -> str:
        """Move any entry into the trash."""
        aside = f"{clock.now().strftime(STAMP)}-stray-{secrets.token_hex(3)}"
        with self._refusals("write"):
            self._move("/".join((self.root, *place)), f"{self._log()}/{TRASH}/{aside}/{place[-1]}")
        return aside

    def sweep(self, staging: timedelta, trash: timedelta, held: frozenset[str]) -> Swept:
        """Remove old trash that nothing holds, and claims behind their lease; drafts lie on the writers' machines."""
        old = [place for place in self.trash() if place[:16] <= (clock.now() - trash).strftime(STAMP)]
        kept = [place for place in old if any(f"-{ref.replace('@', '-')}-" in place for ref in held)]
        claims = f"{self._log()}/{CLAIMS}"
        limit = (clock.now() - staging).strftime(STAMP)
        with self._refusals("write"):
            stale = [path for path in self._find(claims) if path.rpartition("/")[2] <= limit]
            swept = [f"{self._log()}/{TRASH}/{place}" for place in old if place not in kept]
            freed = sum(int(entry["size"] or 0) for path in swept for entry in self._find(path).values())
            for path in (*stale, *swept):
                self.fs.rm(path, recursive=True)
        names = tuple(path.rpartition("/")[2] for path in stale)
        return Swept(names, tuple(place for place in old if place not in kept), tuple(kept), freed)

    def _move(self, source: str, target: str) -> None:
        objects = sorted(self._find(source), key=lambda path: not path.endswith(f"/{FILE}"))
        for path in objects:
            self.fs.cp_file(path, target + path[len(source) :])
        for path in objects:
            self.fs.rm_file(path)

    # The event log

    def events(self, after: int) -> Iterator[bytes]:
        """Yield the events behind a sequence number, in order."""
        sequence = after + 1
        while True:
            with self._refusals("read"):
                try:
                    data = bytes(self.fs.cat_file(f"{self._log()}/{log_pin.event_file(sequence)}"))
                except FileNotFoundError:
                    return
            yield data
            sequence += 1

    def append_event(self, sequence: int, data: bytes) -> bool:
        """Create an event under its number, or leave the one that is there."""
        with self._refusals("write"):
            self._ensure_log()
            return self._create(f"{self._log()}/{log_pin.event_file(sequence)}", data)

    def board_id(self) -> str | None:
        """Return the identity of the board, or None where we never wrote."""
        with self._refusals("read"):
            try:
                return str(json.loads(self.fs.cat_file(f"{self._log()}/{log_pin.FILE}"))["board"])
            except (FileNotFoundError, ValueError, KeyError, TypeError):
                return None

    def _ensure_log(self) -> None:
        if self.board_id() is None:
            for file, data in log_pin.files(secrets.token_hex(16)).items():
                self._create(f"{self._log()}/{file}", data)

    def _log(self) -> str:
        return f"{self.root}/{LOG_PIN}/{log_pin.VERSION}"

    # The file system

    def _path(self, name: ModelName, version: VersionName, file: str) -> str:
        return f"{self.root}/{name}/{version}/{file if file == FILE else FileName(file)}"

    def _create(self, path: str, data: bytes) -> bool:
        """Create an object that must not exist; the store itself decides between two writers."""
        try:
            self.fs.pipe_file(path, data, mode="create")
        except FileExistsError:
            return False
        return True

    def _entries(self, path: str) -> dict[str, dict[str, Any]]:
        """Return name → entry of what lies directly below a path."""
        try:
            listed = self.fs.ls(path, detail=True)
        except FileNotFoundError:
            return {}
        named = {
            entry["name"].rstrip("/").rpartition("/")[2]: entry
            for entry in listed
            if entry["name"].strip("/") != path.strip("/")
        }
        return {name: entry for name, entry in named.items() if name}

    def _find(self, path: str) -> dict[str, dict[str, Any]]:
        """Return path → entry of every object below a path, or of the object itself."""
        try:
            return dict(self.fs.find(path, detail=True))
        except FileNotFoundError:
            return {}

    def _below(self, name: ModelName) -> list[list[str]]:
        prefix = f"{self.root}/{name}/".strip("/")
        return [path.strip("/")[len(prefix) + 1 :].split("/") for path in self._find(f"{self.root}/{name}")]

    @contextlib.contextmanager
    def _refusals(self, verb: str) -> Iterator[None]:
        """Turn what the store refuses into one line, without what the library says about keys."""
        try:
            yield
        except (NotFound, BoardError, FileNotFoundError):
            raise
        except PermissionError as error:
            raise self._refused(verb, "no permission", "Check the credentials in the environment") from error
        except Exception as error:  # every library has errors of its own
            if not isinstance(error, OSError) and type(error).__module__.partition(".")[0] in {
                "mlops_magics",
                "builtins",
            }:
                raise
            raise self._refused(verb, type(error).__name__, "Check the network and the credentials") from error

    def _refused(self, verb: str, why: str, advice: str) -> BoardError:
        written = "written" if verb == "write" else verb
        return BoardError(
            f"The board {self.url} could not be {written}: {why}. {advice}, then try again; nothing is half-published."
        )
