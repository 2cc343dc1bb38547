"""A board in an object store, through fsspec: ``data.txt`` is written last, and unique objects are create-only."""

from __future__ import annotations

import contextlib
import io
import os
import re
import secrets
import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from mlops_magics.core import progress
from mlops_magics.core.file_layer import FileLayer
from mlops_magics.core.versioning import clock
from mlops_magics.core.versioning.describing.data_txt import FILE
from mlops_magics.core.versioning.names import LOG_PIN, STAMP, FileName, ModelName, VersionName
from mlops_magics.core.versioning.stores.draft_folder import DraftFolder
from mlops_magics.core.versioning.stores.object_trash import CLAIMS, ObjectTrash
from mlops_magics.core.versioning.stores.store import Describe
from mlops_magics.errors import BoardError, IntegrityError, InvalidInput, MissingDependency, NotFound

MOST_CLAIMS = 10_000
LARGEST_IN_MEMORY = 4 * 1024 * 1024
"""Bytes of an object that is not written to a file first."""
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


class ObjectStore(ObjectTrash):
    """The store protocol over an fsspec file system. It reads and publishes. Log and trash are its bases."""

    writable, shared = True, False

    @classmethod
    def at(cls, url: str) -> ObjectStore:
        """Open the board at a URL. Credentials come from the environment, as in the store's own tools.

        Raises
        ------
        MissingDependency
            When the library for this kind of store is not installed.
        InvalidInput
            For an unknown scheme.
        """
        import fsspec

        scheme = url.partition("://")[0]
        try:
            fs, root = fsspec.url_to_fs(url, use_listings_cache=False)
        except ImportError as error:
            package = _PACKAGES.get(scheme, scheme)
            raise MissingDependency(f"Boards at {scheme}:// need {package}", package) from error
        except ValueError as error:
            raise InvalidInput(
                f"{scheme}:// is not a kind of board: use a folder, s3://, gs://, abfs:// or memory://."
            ) from error
        # a query may have a signature, and this URL is stored and shown
        return cls(fs, root, _CREDENTIALS.sub("", url).partition("?")[0])

    def exists(self) -> bool:
        """Return whether there is anything here."""
        with self.refusals("read"):
            return bool(self.listed(self.root))

    # Reading

    def names(self) -> list[str]:
        """Return the folders that could be models."""
        with self.refusals("read"):
            return [
                name
                for name, entry in self.listed(self.root).items()
                if name != LOG_PIN and entry["type"] == "directory"
            ]

    def versions(self, name: ModelName) -> list[str]:
        """Return the versions whose metadata exist. An unfinished upload is not a version yet."""
        with self.refusals("read"):
            return sorted({parts[0] for parts in self._below(name) if len(parts) == 2 and parts[1] == FILE})

    def all_versions(self) -> dict[str, list[str]]:
        """Return the versions of every model, of one listing of the board: a thousand objects are one answer."""
        start, found = len(self.root.strip("/")) + 1, dict[str, set[str]]()
        with self.refusals("read"):
            for path in self.find(self.root):
                parts = path.strip("/")[start:].split("/")
                if len(parts) == 3 and parts[2] == FILE:
                    found.setdefault(parts[0], set()).add(parts[1])
        return {name: sorted(versions) for name, versions in found.items()}

    def entries(self, name: ModelName) -> list[str]:
        """Return everything in a model, complete or not."""
        with self.refusals("read"):
            return sorted({parts[0] for parts in self._below(name)})

    def stamp(self, name: ModelName) -> None:
        """Return None, because an object store reports no change without a listing."""
        return

    def read(self, name: ModelName, version: VersionName, file: str, limit: int | None = None) -> bytes:
        """Return a whole object. One of more than ``limit`` bytes is refused.

        Raises
        ------
        NotFound, IntegrityError
        """
        with self.refusals("read"):
            try:
                data = self.fetch(self.path_of(name, version, file), limit)
            except FileNotFoundError:
                raise NotFound("file", f"{name}/{version}/{file}", hint="Run `%verify`.") from None
        if data is None:
            raise IntegrityError(f"{name}@{version}: {file} is larger than {limit:,} bytes. It was not read.")
        return data

    def open(self, name: ModelName, version: VersionName, file: str, limit: int | None = None) -> BinaryIO:
        """Download an object into a private file without a name, so that the verified bytes are those that are read.

        A small one is held in memory, which takes one request in place of two.

        Raises
        ------
        IntegrityError, NotFound
        """
        if limit is not None and limit <= LARGEST_IN_MEMORY:
            return io.BytesIO(self.read(name, version, file, limit))
        with self.refusals("read"), tempfile.TemporaryDirectory(prefix="mlops-magics-") as folder:
            local, path = Path(folder) / "object", self.path_of(name, version, file)
            try:
                if limit is not None and int(self.fs.info(path)["size"]) > limit:
                    raise IntegrityError(f"{name}@{version}: {file} is larger than {limit:,} bytes. It was not read.")
                self.fs.get_file(path, os.fspath(local))
            except FileNotFoundError:
                raise NotFound("file", f"{name}/{version}/{file}", hint="Run `%verify`.") from None
            return open(local, "rb")

    def files_of(self, name: ModelName, version: VersionName) -> dict[str, int]:
        """Return the objects of a version with their sizes."""
        with self.refusals("read"):
            entries = self.listed(f"{self.root}/{name}/{version}")
            return {
                each: -1 if entry["type"] == "directory" else int(entry["size"] or 0) for each, entry in entries.items()
            }

    # Writing

    @contextlib.contextmanager
    def draft(self) -> Iterator[DraftFolder]:
        """Start a version in a private folder of this machine."""
        with tempfile.TemporaryDirectory(prefix="mlops-magics-") as folder:
            yield DraftFolder(FileLayer(folder), "")

    def commit(self, draft: DraftFolder, name: ModelName, pin_hash: str, describe: Describe) -> VersionName:
        """Claim a second for the version, upload its files, and create its metadata last.

        Raises
        ------
        BoardError
        """
        with self.refusals("write"):
            self.ensure_log()
            created, newest = self._claim(name)
            version = VersionName.of(created, pin_hash)
            files = sorted(draft.path.iterdir())
            for path in progress.each(files, "uploading", len(files), "files"):
                self.fs.put_file(os.fspath(path), self.path_of(name, version, path.name))
            if not self.create(self.path_of(name, version, FILE), describe(created, version, newest)):
                raise BoardError(f"{name}@{version} was created by another writer in the same moment. Pin again.")
        return version

    def _claim(self, name: ModelName) -> tuple[datetime, str | None]:
        """Return the first free second after the newest version, and that version. Two writers never get the same."""
        created, newest = clock.after(self.versions(name))
        # Only this writer can have written these bytes. Two claims of one second must not look like one sent twice
        mark = f"{clock.now().isoformat()} {secrets.token_hex(16)}".encode()
        for _ in range(MOST_CLAIMS):
            if self.create(f"{self.log_path()}/{CLAIMS}/{name}/{created.strftime(STAMP)}", mark):
                return created, newest
            created += timedelta(seconds=1)
        raise BoardError(f"No second was free for a new version of {name} on {self.url}. Run `%gc`.")

    def path_of(self, name: ModelName, version: VersionName, file: str) -> str:
        return f"{self.root}/{name}/{version}/{file if file == FILE else FileName(file)}"

    def _below(self, name: ModelName) -> list[list[str]]:
        prefix = f"{self.root}/{name}/".strip("/")
        return [path.strip("/")[len(prefix) + 1 :].split("/") for path in self.find(f"{self.root}/{name}")]
