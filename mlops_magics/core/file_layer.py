"""The file layer: every operation on files below a board's folder or the state folder.

Each operation walks from the root by directory handles and follows no link, so that nothing outside is read, written or
removed, even if another user replaces a folder. Only plain files are opened, so that no read waits for a
pipe or goes on for ever.
"""

from __future__ import annotations

import contextlib
import copy
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from mlops_magics.core import folder_handles
from mlops_magics.core.folder_handles import (
    PLAIN,
    TooLarge,
    at,
    facts_of,
    folder_at,
    kind_of,
    listable,
    open_plain,
    parent_of,
)

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]


class Entry(NamedTuple):
    """An entry of a folder. ``kind`` is ``folder``, ``file``, ``link`` or ``other``. ``size`` is -1 but for files."""

    name: str
    kind: str
    size: int
    changed: float
    """The time of the entry itself, in seconds since 1970."""


class FileLayer:
    """The files below a root. A place is a relative path such as ``penguins/20261123T133731Z-050cc/data.txt``.

    Tests replace it by one that fails, or ends the process, at each operation in turn.

    Parameters
    ----------
    root
        A folder, which need not exist. A link to a folder is followed here, and only here.
    """

    def __init__(self, root: Path | str) -> None:
        self.root = os.fspath(root)

    # Reading

    def open(self, place: str) -> BinaryIO:
        """Open a plain file for reading.

        Raises
        ------
        NotPlain
            When the file, or a folder on the way, is something else.
        FileNotFoundError
        """
        with parent_of(self.root, place) as (folder, name):
            return os.fdopen(open_plain(folder, name, os.O_RDONLY, place), "rb")

    def read(self, place: str, limit: int) -> bytes:
        """Return the bytes of a plain file of at most ``limit`` bytes.

        Raises
        ------
        TooLarge
            When it has more. Its size is known before any byte is read.
        NotPlain, FileNotFoundError
            As `open`.
        """
        with self.open(place) as stream:
            size = os.fstat(stream.fileno()).st_size
            data = stream.read(limit + 1) if size <= limit else b""
        if size > limit or len(data) > limit:
            raise TooLarge(place, max(size, len(data)), limit)
        return data

    def names(self, place: str = "") -> list[str]:
        """Return the names in a folder, in no order.

        Raises
        ------
        NotPlain, NotADirectoryError, FileNotFoundError
        """
        with folder_at(self.root, place) as folder, listable(folder) as listed:
            return os.listdir(listed)

    def entries(self, place: str = "") -> list[Entry]:
        """Return the entries of a folder, sorted by name. A link is described, not followed.

        Raises
        ------
        NotPlain, NotADirectoryError, FileNotFoundError
        """
        return sorted(_entry(name, facts) for name, facts in self.facts(place).items())

    def facts(self, place: str = "") -> dict[str, os.stat_result]:
        """Return name → facts of the entries of a folder, in no order. The errors are those of `entries`."""
        found = {}
        with folder_at(self.root, place) as folder, listable(folder) as listed, os.scandir(listed) as entries:
            for entry in entries:
                with contextlib.suppress(FileNotFoundError):  # it was removed in the meantime
                    found[entry.name] = entry.stat(follow_symlinks=False)
        return found

    def folders(self, place: str = "") -> list[str]:
        """Return the names of the folders in a folder, links left out."""
        with folder_at(self.root, place) as folder, listable(folder) as listed, os.scandir(listed) as entries:
            return [entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]

    def stat(self, place: str) -> os.stat_result:
        """Return the facts of an entry. A link is not followed."""
        with parent_of(self.root, place) as (folder, name):
            return facts_of(folder, name)

    def kind(self, place: str) -> str | None:
        """Return ``folder``, ``file``, ``link`` or ``other``, or None for a missing entry."""
        try:
            return kind_of(self.stat(place))
        except (FileNotFoundError, NotADirectoryError):
            return None

    def weight(self, place: str) -> int:
        """Return the bytes of the files at and below a place. Links are not followed."""
        try:
            facts = self.stat(place)
        except FileNotFoundError:
            return 0
        if kind_of(facts) != "folder":
            return facts.st_size if kind_of(facts) == "file" else 0
        try:
            names = self.names(place)
        except FileNotFoundError:
            return 0
        return sum(self.weight(f"{place}/{name}") for name in names)

    # Changing: each method below is one operation at which a test lets the disk fail

    def make_root(self) -> None:
        """Create the root and its missing parents, each on the disk before the next."""
        missing = [place for place in (Path(self.root), *Path(self.root).parents) if not place.exists()]
        for place in reversed(missing):
            place.mkdir(exist_ok=True)
            if os.name != "nt":
                parent = os.open(place.parent, os.O_RDONLY)
                try:
                    os.fsync(parent)
                finally:
                    os.close(parent)

    def sibling(self) -> FileLayer:
        """Return a new private folder from which entries can be renamed into this one.

        It is outside the root where that is the same file system and can be written, else inside.
        """
        outside = os.path.dirname(os.path.abspath(self.root))
        same = os.stat(outside).st_dev == os.stat(self.root).st_dev and not os.path.ismount(self.root)
        place = outside if same and os.access(outside, os.W_OK) else self.root
        other = copy.copy(self)
        other.root = tempfile.mkdtemp(prefix=f".{os.path.basename(self.root)}-", dir=place)
        return other

    def remove_root(self) -> None:
        """Remove a folder that `sibling` created."""
        shutil.rmtree(self.root, ignore_errors=True)

    def make_folder(self, place: str, mode: int = 0o777) -> None:
        """Create a folder in an existing parent."""
        with parent_of(self.root, place) as (folder, name):
            os.mkdir(**at(folder, name), mode=mode)

    def create(self, place: str, mode: int = 0o666) -> BinaryIO:
        """Open a file that must not exist yet, for writing."""
        with parent_of(self.root, place) as (folder, name):
            handle = os.open(**at(folder, name), flags=os.O_WRONLY | os.O_CREAT | os.O_EXCL | PLAIN, mode=mode)
        return os.fdopen(handle, "wb", buffering=0)

    def write(self, stream: BinaryIO, data: Any) -> int:
        """Write all of the data."""
        left = memoryview(data).cast("B")
        size = len(left)
        while len(left):
            left = left[stream.write(left) :]
        return size

    def append(self, place: str, data: bytes, mode: int = 0o666) -> None:
        """Append to a file in one write, so that two processes do not tear each other's lines."""
        with parent_of(self.root, place) as (folder, name):
            handle = open_plain(folder, name, os.O_WRONLY | os.O_CREAT | os.O_APPEND, place, mode)
        try:
            os.write(handle, data)
        finally:
            os.close(handle)

    def sync(self, stream: BinaryIO) -> None:
        """Return when the bytes of a file are on the disk."""
        os.fsync(stream.fileno())

    def sync_folder(self, place: str = "") -> None:
        """Return when the entries of a folder are on the disk."""
        with folder_at(self.root, place) as folder, listable(folder) as listed:
            if folder_handles.HANDLES:  # Windows cannot open folders, and it journals their entries itself
                os.fsync(listed)

    def rename(self, source: str, target: str, into: FileLayer | None = None) -> None:
        """Move an entry to a name that does not exist, below ``into`` where it is given."""
        self._rename(source, target, into or self, os.rename)

    def replace(self, source: str, target: str) -> None:
        """Move a file to a name, and replace the file that has it."""
        self._rename(source, target, self, os.replace)

    def link(self, source: str, target: str) -> None:
        """Give a file a second name, which must not exist: a small file is created whole or not at all."""
        with parent_of(self.root, source) as (folder, name), parent_of(self.root, target) as (other, new):
            if folder_handles.HANDLES:
                os.link(name, new, src_dir_fd=folder, dst_dir_fd=other, follow_symlinks=False)
            else:
                os.link(os.path.join(folder, name), os.path.join(other, new))

    def unlink(self, place: str) -> None:
        """Remove a file, or a link, which is not followed."""
        with parent_of(self.root, place) as (folder, name):
            os.unlink(**at(folder, name))

    def remove_tree(self, place: str) -> None:
        """Remove a folder and its contents, as far as possible. Links in it are removed, not followed."""
        with parent_of(self.root, place) as (folder, name):
            if kind_of(facts_of(folder, name)) != "folder":
                os.unlink(**at(folder, name))
            elif folder_handles.HANDLES:
                shutil.rmtree(name, ignore_errors=True, dir_fd=folder)
            else:
                shutil.rmtree(os.path.join(folder, name), ignore_errors=True)

    @contextlib.contextmanager
    def locked(self, place: str) -> Iterator[None]:
        """Hold the lock of a file. The system releases it when the process ends."""
        with parent_of(self.root, place) as (folder, name):
            handle = open_plain(folder, name, os.O_RDWR | os.O_CREAT, place)
        try:
            if fcntl is not None:
                fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    # Walking

    def _rename(self, source: str, target: str, into: FileLayer, move: Any) -> None:
        with parent_of(self.root, source) as (folder, name), parent_of(into.root, target) as (other, new):
            if folder_handles.HANDLES:
                move(name, new, src_dir_fd=folder, dst_dir_fd=other)
            else:
                move(os.path.join(folder, name), os.path.join(other, new))


def _entry(name: str, facts: os.stat_result) -> Entry:
    kind = kind_of(facts)
    return Entry(name, kind, facts.st_size if kind == "file" else -1, facts.st_ctime)
