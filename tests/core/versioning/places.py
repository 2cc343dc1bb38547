"""The bytes of a board, changed behind its back: the same few operations on a folder and on a bucket."""

from __future__ import annotations

import shutil
from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path

from tests.core.versioning import raw_objects

LOG = "mlops-magics-log/20000101T000000Z-00000"
"""The folder of the events below a board."""


class Place(ABC):
    """Where a board is. A key is a path below the board, as ``line/20261123T133731Z-050cc/data.txt``."""

    url: str

    @abstractmethod
    def read_all(self) -> dict[str, bytes]:
        """Return key → bytes of everything."""

    @abstractmethod
    def write(self, key: str, data: bytes) -> None:
        """Create or replace a file."""

    @abstractmethod
    def remove(self, key: str) -> None:
        """Remove a file."""

    def read(self, key: str) -> bytes:
        """Return the bytes of a file."""
        return self.read_all()[key]

    def replace_all(self, files: Mapping[str, bytes]) -> None:
        """Make these the only files."""
        for key in self.read_all().keys() - files.keys():
            self.remove(key)
        for key, data in files.items():
            self.write(key, data)

    def remove_below(self, folder: str) -> None:
        """Remove everything below a folder."""
        for key in self.read_all():
            if key.startswith(f"{folder}/"):
                self.remove(key)

    # Events

    def event(self, number: int) -> bytes:
        """Return the bytes of an event."""
        return self.read(f"{LOG}/{number:08d}.json")

    def write_event(self, number: int, data: bytes) -> None:
        """Create or replace an event."""
        self.write(f"{LOG}/{number:08d}.json", data)

    def remove_event(self, number: int) -> None:
        """Remove an event."""
        self.remove(f"{LOG}/{number:08d}.json")


class FolderPlace(Place):
    """A board in a folder."""

    def __init__(self, root: Path) -> None:
        self.root, self.url = root, str(root)

    def read_all(self) -> dict[str, bytes]:
        """Return key → bytes of every file."""
        return {
            path.relative_to(self.root).as_posix(): path.read_bytes()
            for path in self.root.rglob("*")
            if path.is_file() and path.name != "lock"
        }

    def write(self, key: str, data: bytes) -> None:
        """Create or replace a file."""
        (self.root / key).parent.mkdir(parents=True, exist_ok=True)
        (self.root / key).write_bytes(data)

    def remove(self, key: str) -> None:
        """Remove a file."""
        (self.root / key).unlink()

    def remove_below(self, folder: str) -> None:
        """Remove a folder."""
        shutil.rmtree(self.root / folder)


class BucketPlace(Place):
    """A board in a bucket of moto."""

    def __init__(self, bucket: str, root: str) -> None:
        self.bucket, self.root, self.url = bucket, root, f"s3://{bucket}/{root}"

    def read_all(self) -> dict[str, bytes]:
        """Return key → bytes of every object of the board."""
        found = raw_objects.read_all(self.bucket).items()
        return {key[len(self.root) + 1 :]: data for key, data in found if key.startswith(f"{self.root}/")}

    def write(self, key: str, data: bytes) -> None:
        """Create or replace an object."""
        raw_objects.write(self.bucket, f"{self.root}/{key}", data)

    def remove(self, key: str) -> None:
        """Remove an object."""
        raw_objects.remove(self.bucket, f"{self.root}/{key}")
