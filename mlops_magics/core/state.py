"""The state folder, which this user's processes share: announcements, prediction logs and the trust list.

All files below it are read and written through the file layer: no link is followed, only plain files are read, and a
file is replaced in one step.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import shlex
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from mlops_magics.core import json_text
from mlops_magics.core.file_layer import FileLayer
from mlops_magics.core.folder_handles import NotPlain
from mlops_magics.errors import StateError

T = TypeVar("T")

PRIVATE_FOLDER = 0o700
PRIVATE_FILE = 0o600

LARGEST = 256_000_000
"""The largest file of the state folder that is read, in bytes."""

PROBE_BYTES = 65_536
"""More than an announcement and the first lines of a log file need."""

_ADVICE = {
    errno.ENOSPC: "The disk is full: free some space, then try again.",
    errno.EDQUOT: "The quota is used up: free some space, then try again.",
    errno.EROFS: "It is read-only: set MLOPS_MAGICS_STATE to a folder of your own.",
    errno.EACCES: "You have no permission there: set MLOPS_MAGICS_STATE to a folder of your own.",
    errno.EPERM: "You have no permission there: set MLOPS_MAGICS_STATE to a folder of your own.",
    errno.ELOOP: "Links are not followed there: remove it.",
    errno.EISDIR: "A folder is in the place of a file: remove it.",
    errno.ENOTDIR: "A file is in the place of a folder: remove it.",
}


def directory(*parts: str) -> Path:
    """Return the state folder, or a folder below it, created so that only its owner can enter.

    ``MLOPS_MAGICS_STATE`` names another place than the platform's default.

    Raises
    ------
    StateError
        When the folder cannot be created, a link is on the way, or other users can write to it.
    """
    root = _root()
    with _refusals(root):
        if not root.is_dir():
            root.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
        _check_owner(root)
        files, place = FileLayer(root), ""
        for part in parts:
            place = f"{place}/{part}" if place else part
            kind = files.kind(place)
            if kind is None:
                with contextlib.suppress(FileExistsError):
                    files.make_folder(place, PRIVATE_FOLDER)
            elif kind != "folder":
                raise NotPlain(place, "a link" if kind == "link" else "not a folder")
            else:
                _check_mode(root / place, files.stat(place))
    return root.joinpath(*parts)


def write_private(path: Path, data: bytes) -> None:
    """Replace a file of the state folder in one step. Only its owner can read it.

    Raises
    ------
    StateError
        When it cannot be written. The file is then unchanged.
    """
    root = _root()
    files, place = FileLayer(root), _place(root, path)
    parent, _, name = place.rpartition("/")
    draft = f"{parent}/.{name}.{secrets.token_hex(6)}" if parent else f".{name}.{secrets.token_hex(6)}"
    with _refusals(root):
        try:
            with files.create(draft, PRIVATE_FILE) as stream:
                files.write(stream, data)
                files.sync(stream)
            files.replace(draft, place)
        except BaseException:
            with contextlib.suppress(OSError):
                files.unlink(draft)
            raise


def check_room() -> None:
    """Write and remove a small file in the state folder.

    Raises
    ------
    StateError
        When it cannot be written: the disk is full or read-only, for example.
    """
    probe = directory() / f"probe-{secrets.token_hex(6)}"
    write_private(probe, bytes(PROBE_BYTES))
    with contextlib.suppress(OSError):
        probe.unlink()


def append_private(path: Path, lines: bytes) -> None:
    """Append whole lines to a file of the state folder in one write.

    Raises
    ------
    StateError
        When it cannot be written.
    """
    root = _root()
    with _refusals(root):
        FileLayer(root).append(_place(root, path), lines, PRIVATE_FILE)


def read_private(path: Path, limit: int = LARGEST) -> bytes:
    """Return the bytes of a plain file of the state folder.

    Raises
    ------
    OSError
        When it does not exist, or is not a plain file of at most ``limit`` bytes.
    """
    root = _root()
    return FileLayer(root).read(_place(root, path), limit)


def read_tail(path: Path, count: int) -> bytes:
    """Return the last ``count`` bytes of a plain file, such as a process's output, or none where it cannot be read."""
    try:
        with FileLayer(path.parent).open(path.name) as stream:
            stream.seek(max(0, stream.seek(0, os.SEEK_END) - count))
            return stream.read(count)
    except OSError:
        return b""


def read_json(path: Path, limit: int = LARGEST) -> Any:
    """Return the JSON of a file of the state folder, or None where none can be read."""
    try:
        return json_text.parse(read_private(path, limit))
    except (OSError, ValueError, RecursionError):
        return None


def read_record(path: Path, kind: type[T], renamed: Mapping[str, str] = {}) -> T | None:
    """Return a record from a JSON file of the state folder, or None where a field is missing or of another type.

    Fields that a newer version of this package wrote are left out.

    Parameters
    ----------
    renamed
        Map from old names of fields to their present ones.
    """
    import msgspec

    found = read_json(path)
    if isinstance(found, dict):
        found = {renamed.get(name, name): value for name, value in found.items()}
    try:
        return msgspec.convert(found, kind)
    except (msgspec.ValidationError, RecursionError, UnicodeError):  # a name with half of a surrogate pair
        return None


def files_below(folder: Path, suffix: str = ".json") -> list[Path]:
    """Return the plain files with a suffix in a folder of the state folder, by name."""
    root = _root()
    try:
        entries = FileLayer(root).entries(_place(root, folder))
    except OSError:
        return []
    return [folder / each.name for each in entries if each.kind == "file" and each.name.endswith(suffix)]


def is_gone() -> bool:
    """Return whether even the parent of the state folder was removed, for example with its home."""
    return not _root().parent.is_dir()


def _root() -> Path:
    return Path(os.environ.get("MLOPS_MAGICS_STATE") or _platform_folder())


def _place(root: Path, path: Path) -> str:
    return "" if path == root else path.relative_to(root).as_posix()


def _check_owner(root: Path) -> None:
    """Refuse a folder that other users could fill, because announcements and trust are read from it."""
    if not hasattr(os, "getuid"):
        return
    facts = root.stat()
    if facts.st_uid not in {os.getuid(), 0} and os.getuid() != 0:
        raise StateError(f"The state folder {root} belongs to another user. Set MLOPS_MAGICS_STATE to your own folder.")
    _check_mode(root, facts)


def _check_mode(folder: Path, facts: os.stat_result) -> None:
    if hasattr(os, "getuid") and stat.S_IMODE(facts.st_mode) & 0o022:
        raise StateError(
            f"Other users can write to the state folder {folder}. To fix it: `chmod go-w {shlex.quote(str(folder))}`."
        )


@contextlib.contextmanager
def _refusals(root: Path) -> Iterator[None]:
    try:
        yield
    except StateError:
        raise
    except OSError as error:
        advice, reason = _ADVICE.get(error.errno or 0, "Try again."), error.strerror or str(error)
        if error.errno in {errno.EISDIR, errno.ENOTDIR}:
            reason = f"{reason}: {Path(str(error.filename2 or error.filename or root)).name}"
        raise StateError(f"The state folder {root} could not be written: {reason}. {advice}") from error


def _platform_folder() -> str:
    import platformdirs

    return platformdirs.user_state_dir("mlops_magics", appauthor=False)
