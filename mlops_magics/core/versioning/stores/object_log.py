"""The event log of a board in an object store, and the basic operations on objects."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterator
from typing import Any

from mlops_magics.core.remote_errors import remote_refusals
from mlops_magics.core.versioning.names import FileName
from mlops_magics.core.versioning.stores import log_pin
from mlops_magics.errors import IntegrityError

_FACTS = ("ETag", "etag", "generation", "LastModified", "last_modified", "updated", "created", "mtime", "size")
"""The facts in a listing of S3, Azure, Google and other stores that change with an object."""

_OWN = {log_pin.FILE, "data.txt", "beats", "claims", "trash"}


class ObjectLog:
    """The log. Each event is an object that is created once, and the store decides between two writers.

    Parameters
    ----------
    fs
        The file system, whose listings must not be cached.
    root
        The path of the board in it.
    url
        The place as users name it, without credentials.
    """

    def __init__(self, fs: Any, root: str, url: str) -> None:
        self.fs, self.root, self.url = fs, root.rstrip("/"), url.rstrip("/")

    def events(self, after: int) -> Iterator[bytes | IntegrityError]:
        """Yield the events after a sequence number, in order. One that is too large becomes an error."""
        sequence = after + 1
        while True:
            with self.refusals("read"):
                try:
                    data = self.fetch(f"{self.log_path()}/{log_pin.event_file(sequence)}", log_pin.LARGEST)
                except FileNotFoundError:
                    return
            yield data if data is not None else log_pin.too_large(sequence)
            sequence += 1

    def event_marks(self) -> dict[int, object]:
        """Return number → mark of all events, also of those after a gap, of one listing."""
        with self.refusals("read"):
            return log_pin.by_number({name: _mark(entry) for name, entry in self.listed(self.log_path()).items()})

    def append_event(self, sequence: int, data: bytes) -> bool:
        """Create an event under its number, or keep the existing one."""
        with self.refusals("write"):
            self.ensure_log()
            place = f"{self.log_path()}/{log_pin.event_file(sequence)}"
            # a put that was sent again after a lost reply finds its own object. Then the event is ours
            return self.create(place, data) or self._found(place) == data

    def beat(self, key: str, data: bytes | None) -> None:
        """Replace a heartbeat. None removes it."""
        with self.refusals("write"):
            place = f"{self.log_path()}/beats/{FileName(key)}"
            if data is not None:
                self.fs.pipe_file(place, data)
            elif self._found(place) is not None:
                self.fs.rm_file(place)

    def last_beat(self, key: str) -> bytes | None:
        """Return a heartbeat, or None."""
        with self.refusals("read"):
            return self._found(f"{self.log_path()}/beats/{FileName(key)}")

    def _found(self, path: str) -> bytes | None:
        try:
            return self.fetch(path, log_pin.LARGEST)
        except FileNotFoundError:
            return None

    def board_id(self) -> str | None:
        """Return the identity of the board, or None where we never wrote to it."""
        with self.refusals("read"):
            try:
                data = self.fetch(f"{self.log_path()}/{log_pin.FILE}", log_pin.LARGEST)
            except FileNotFoundError:
                return None
        return None if data is None else log_pin.board_of(data, self.url)

    def strays_of_log(self) -> dict[str, str]:
        """Return the objects in the log's folder that do not belong there, each with the reason."""
        with self.refusals("read"):
            names = self.listed(self.log_path())
        own = {*_OWN, *map(log_pin.event_file, log_pin.numbers_of(names))}
        return {f"{log_pin.PLACE}/{name}": "not an event, nor ours" for name in sorted(set(names) - own)}

    def ensure_log(self) -> None:
        # a log whose identity was lost gets no new one, because the versions remember the old one
        if self.board_id() is None and not self.event_marks():
            for file, data in log_pin.files(secrets.token_hex(16)).items():
                self.create(f"{self.log_path()}/{file}", data)

    # The file system

    def log_path(self) -> str:
        return f"{self.root}/{log_pin.PLACE}"

    def refusals(self, verb: str) -> contextlib.AbstractContextManager[None]:
        """Turn an error of the store into one line."""
        return remote_refusals(self.url, verb)

    def create(self, path: str, data: bytes) -> bool:
        """Create an object that must not exist. The store itself decides between two writers.

        A request whose response was lost is sent again, and then finds its own object.
        """
        try:
            self.fs.pipe_file(path, data, mode="create")
        except FileExistsError:
            return self.fetch(path, len(data)) == data
        return True

    def fetch(self, path: str, limit: int | None = None) -> bytes | None:
        """Return the bytes of an object, or None for more than ``limit``. No more than those are read."""
        # one byte more shows that the object is larger. Without a range s3fs requests the size first
        end = None if limit is None else limit + 1
        try:
            data = bytes(self.fs.cat_file(path, start=0, end=end))
        except FileNotFoundError:
            raise
        except OSError:  # S3 refuses a range of an object without bytes
            self.fs.invalidate_cache()
            if self.fs.size(path):
                raise
            return b""
        return data if limit is None or len(data) <= limit else None

    def listed(self, path: str) -> dict[str, dict[str, Any]]:
        """Return name → entry of the direct children of a path."""
        try:
            listed = self.fs.ls(path, detail=True)
        except FileNotFoundError:
            return {}
        named = {
            entry["name"].rstrip("/").rpartition("/")[2]: entry
            for entry in listed
            # some stores list the folder itself too
            if entry["name"].strip("/") != path.strip("/")
        }
        return {name: entry for name, entry in named.items() if name}

    def find(self, path: str) -> dict[str, dict[str, Any]]:
        """Return path → entry of every object below a path, or of the object itself."""
        try:
            return dict(self.fs.find(path, detail=True))
        except FileNotFoundError:
            return {}


def _mark(entry: dict[str, Any]) -> object:
    """Return the facts of an object that change with it, or None where the listing has its size alone."""
    found = tuple(str(entry[fact]) for fact in _FACTS if entry.get(fact) is not None)
    return found if len(found) > 1 else None
