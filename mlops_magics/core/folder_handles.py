"""Path traversal below a folder by directory handles: each step starts from a handle and follows no link.

Where the platform has no directory handles, each step is checked before it is taken.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterator
from typing import Any

HANDLES = (
    hasattr(os, "O_NOFOLLOW")
    and os.scandir in os.supports_fd
    and {os.open, os.stat, os.mkdir, os.unlink, os.rename, os.link} <= os.supports_dir_fd
)
"""Whether the platform opens files relative to the handle of a folder."""

_WALK = getattr(os, "O_PATH", os.O_RDONLY) | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_CLOEXEC", 0)
"""Flags that open a folder only to take the next step from it."""

_LIST = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_CLOEXEC", 0)

PLAIN = (
    getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)  # opening a pipe without a writer would wait for ever
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)
"""Flags that open no link and wait for nothing."""

_REPARSE_POINT = getattr(stat, "FILE_ATTRIBUTE_REPARSE_POINT", 0x400)
"""Attribute of links and junctions on Windows."""

Handle = Any
"""The handle of an open folder, or its path where the platform has no handles."""


class NotPlain(OSError):
    """An entry is a link, a pipe, a device, a socket or a folder where a plain file or a folder is expected."""

    def __init__(self, place: str, kind: str) -> None:
        super().__init__(errno.ELOOP, f"{place} is {kind}", place)
        self.place, self.kind = place, kind


class TooLarge(OSError):
    """A file has more bytes than its reader accepts."""

    def __init__(self, place: str, size: int, limit: int) -> None:
        super().__init__(errno.EFBIG, f"{place} has {size:,} bytes, and {limit:,} are the most", place)
        self.place, self.size, self.limit = place, size, limit


@contextlib.contextmanager
def parent_of(root: str, place: str) -> Iterator[tuple[Handle, str]]:
    """Yield the handle of the folder that holds a place, and its name there.

    Raises
    ------
    NotPlain
        When a link is on the way.
    FileNotFoundError
        When a folder on the way does not exist, or the place is not a path of plain names.
    """
    parent, _, name = place.rpartition("/")
    _check_part(name, place)
    with folder_at(root, parent) as folder:
        yield folder, name


@contextlib.contextmanager
def folder_at(root: str, place: str) -> Iterator[Handle]:
    """Yield the handle of a folder below the root, reached without a link. The errors are those of `parent_of`."""
    parts = place.split("/") if place else []
    folder: Handle = os.open(root, _WALK) if HANDLES else root
    try:
        for depth, part in enumerate(parts):
            _check_part(part, place)
            inner = _step(folder, part, "/".join(parts[: depth + 1]))
            if HANDLES:
                os.close(folder)
            folder = inner
        yield folder
    finally:
        if HANDLES:
            os.close(folder)


def _step(folder: Handle, part: str, place: str) -> Handle:
    if not HANDLES:
        if kind_of(facts_of(folder, part)) == "link":
            raise NotPlain(place, "a link")
        return os.path.join(folder, part)
    try:
        return os.open(part, _WALK | os.O_NOFOLLOW, dir_fd=folder)
    except OSError as error:
        if error.errno in {errno.ELOOP, errno.ENOTDIR} and kind_of(facts_of(folder, part)) == "link":
            raise NotPlain(place, "a link") from None
        raise


def open_plain(folder: Handle, name: str, flags: int, place: str, mode: int = 0o666) -> int:
    """Return the handle of a plain file.

    Parameters
    ----------
    flags
        Those of `os.open`.
    place
        The whole path below the root, for the message.
    mode
        The rights of a file that is created.

    Raises
    ------
    NotPlain
        When the entry is something else.
    """
    if not HANDLES:
        with contextlib.suppress(FileNotFoundError):
            if kind_of(facts_of(folder, name)) == "link":
                raise NotPlain(place, "a link")
    try:
        handle = os.open(**at(folder, name), flags=flags | PLAIN, mode=mode)
    except OSError as error:
        if error.errno in {errno.ELOOP, errno.EMLINK, errno.ENXIO, errno.EISDIR}:  # a link, a socket, a folder
            raise NotPlain(place, _word(facts_of(folder, name).st_mode)) from None
        raise
    opened = os.fstat(handle).st_mode
    if not stat.S_ISREG(opened):
        os.close(handle)
        raise NotPlain(place, _word(opened))
    return handle


def _check_part(part: str, place: str) -> None:
    if part in {"", ".", ".."} or "/" in part or "\0" in part or (os.sep != "/" and os.sep in part):
        raise FileNotFoundError(errno.ENOENT, "not the name of an entry", place)


def at(folder: Handle, name: str) -> dict[str, Any]:
    """Return the arguments by which a function of `os` finds an entry of a folder."""
    return {"path": name, "dir_fd": folder} if HANDLES else {"path": os.path.join(folder, name)}


@contextlib.contextmanager
def listable(folder: Handle) -> Iterator[Handle]:
    """Yield a handle of the folder that can be listed and synced. A handle for walking cannot."""
    if not HANDLES:
        yield folder
        return
    handle = os.open(".", _LIST, dir_fd=folder)
    try:
        yield handle
    finally:
        os.close(handle)


def facts_of(folder: Handle, name: str) -> os.stat_result:
    """Return the facts of an entry of a folder. A link is described, not followed."""
    return os.stat(**at(folder, name), follow_symlinks=False)


def kind_of(facts: os.stat_result) -> str:
    """Return ``folder``, ``file``, ``link`` or ``other``."""
    if stat.S_ISLNK(facts.st_mode) or getattr(facts, "st_file_attributes", 0) & _REPARSE_POINT:
        return "link"
    if stat.S_ISDIR(facts.st_mode):
        return "folder"
    return "file" if stat.S_ISREG(facts.st_mode) else "other"


def _word(mode: int) -> str:
    words = {
        stat.S_IFLNK: "a link",
        stat.S_IFDIR: "a folder",
        stat.S_IFIFO: "a pipe",
        stat.S_IFSOCK: "a socket",
        stat.S_IFCHR: "a device",
        stat.S_IFBLK: "a device",
    }
    return words.get(stat.S_IFMT(mode), "not a plain file")
