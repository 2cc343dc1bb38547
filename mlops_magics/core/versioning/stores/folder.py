"""A board in a folder of this machine: staged, synced and renamed, so that a version is there whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
import secrets
import stat
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO

from mlops_magics.core.versioning import clock, log_pin
from mlops_magics.core.versioning.data_txt import FILE
from mlops_magics.core.versioning.names import LOG_PIN, STAMP, FileName, ModelName, VersionName
from mlops_magics.core.versioning.stores.draft_folder import DraftFolder
from mlops_magics.core.versioning.stores.file_operations import FileOperations
from mlops_magics.core.versioning.stores.store import Describe
from mlops_magics.core.versioning.sweep import Swept
from mlops_magics.errors import BoardError, IntegrityError, NotFound

STAGING, TRASH, LOCK = "staging", "trash", "lock"
_DISCARDED = re.compile(r"\d{8}T\d{6}Z-(?P<name>.+?)-(?P<version>\d{8}T\d{6}Z-[0-9a-f]{5})-[0-9a-f]{6}")
_OCCUPIED = {errno.EEXIST, errno.ENOTEMPTY}
_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)


class FolderStore:
    """The store protocol over a folder.

    Parameters
    ----------
    root
        The board's folder; it may not exist yet.
    operations
        How the disk is changed; tests pass one that fails.
    """

    def __init__(self, root: Path, operations: FileOperations | None = None) -> None:
        self.root = Path(os.path.abspath(root.expanduser()))
        self.url = str(self.root)
        self.operations = operations or FileOperations()

    @property
    def writable(self) -> bool:
        """Whether this user may write here, or where the folder would be created."""
        place = next(place for place in (self.root, *self.root.parents) if place.exists())
        return os.access(place, os.W_OK)

    def exists(self) -> bool:
        """Tell whether anything but our own log lies here."""
        return self.root.is_dir() and any(True for _ in os.scandir(self.root))

    # Reading

    def names(self) -> list[str]:
        """Return the folders that could be models."""
        try:
            with os.scandir(self.root) as entries:
                return [
                    entry.name for entry in entries if entry.name != LOG_PIN and entry.is_dir(follow_symlinks=False)
                ]
        except FileNotFoundError:
            return []

    def versions(self, name: ModelName) -> list[str]:
        """Return the entries of a model's folder, sorted by name."""
        try:
            return sorted(os.listdir(self.root / name))
        except (FileNotFoundError, NotADirectoryError):
            return []

    entries = versions

    def stamp(self, name: ModelName) -> int | None:
        """Return when the folder last changed, in ns; None while that is too fresh to tell two changes apart."""
        try:
            changed = os.stat(f"{self.root}/{name}").st_mtime_ns
        except OSError:
            return None
        return changed if clock.wall_ns() - changed > clock.COARSE_NS else None

    def read(self, name: ModelName, version: VersionName, file: str) -> bytes:
        """Return a whole file."""
        with self.open(name, version, file) as stream:
            return stream.read()

    def open(self, name: ModelName, version: VersionName, file: str) -> BinaryIO:
        """Open a plain file of a version; links are refused."""
        path = self.root / name / version / (file if file == FILE else FileName(file))
        try:
            handle = os.open(path, os.O_RDONLY | _NO_FOLLOW | getattr(os, "O_BINARY", 0))
        except (FileNotFoundError, NotADirectoryError):
            raise NotFound("file", f"{name}/{version}/{file}", hint="Run `%verify`.") from None
        except OSError as error:
            if error.errno == errno.ELOOP:
                raise IntegrityError(f"{name}@{version}: {file} is a link, and links are not followed.") from None
            raise board_error(error, self.url, "read") from error
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            os.close(handle)
            raise IntegrityError(f"{name}@{version}: {file} is no plain file.")
        return open(handle, "rb")

    def files(self, name: ModelName, version: VersionName) -> dict[str, int]:
        """Return the entries of a version's folder with their sizes; folders and links count as -1."""
        try:
            with os.scandir(self.root / name / version) as entries:
                return {
                    entry.name: entry.stat().st_size if entry.is_file(follow_symlinks=False) else -1
                    for entry in entries
                }
        except (FileNotFoundError, NotADirectoryError):
            return {}

    # Writing

    @contextlib.contextmanager
    def draft(self) -> Iterator[DraftFolder]:
        """Start a version in the staging folder; what is not committed is removed, also after an interrupt."""
        with refusals(self.url):
            staging = self._log() / STAGING
            _ensure(self.operations, staging)
            place = staging / f"{os.getpid()}-{secrets.token_hex(6)}"
            self.operations.make_folder(place)
            draft = DraftFolder(place / "model" / "version", self.operations)
        try:
            with refusals(self.url):
                self.operations.make_folder(place / "model")
                self.operations.make_folder(draft.path)
                yield draft
        finally:
            self.operations.remove_tree(place)

    def commit(self, draft: DraftFolder, name: ModelName, pin_hash: str, describe: Describe) -> VersionName:
        """Give the draft its metadata and its name: one rename, under a lock that dies with the process."""
        with refusals(self.url), self.operations.locked(self._log() / LOCK):
            created = clock.after(self.versions(name))
            version = VersionName.of(created, pin_hash)
            draft.add(FILE, describe(created, version))
            self.operations.sync_folder(draft.path)
            self._place(draft, name, version)
        return version

    def _place(self, draft: DraftFolder, name: ModelName, version: VersionName) -> None:
        """Rename the version into its model; for a first version, the model with the version in it."""
        model = self.root / name
        if not model.exists():
            self.operations.rename(draft.path, draft.path.parent / version)
            self.operations.sync_folder(draft.path.parent)
            self.operations.rename(draft.path.parent, model)
            self.operations.sync_folder(self.root)
        else:
            self.operations.rename(draft.path, model / version)
            self.operations.sync_folder(model)

    def discard(self, name: ModelName, version: VersionName) -> str:
        """Move a version to the trash; a model without versions goes with its last one."""
        with refusals(self.url), self.operations.locked(self._log() / LOCK):
            trash = self._log() / TRASH
            _ensure(self.operations, trash)
            place = f"{clock.now().strftime(STAMP)}-{name}-{version}-{secrets.token_hex(3)}"
            whole = self.versions(name) == [version]
            if whole:
                self.operations.rename(self.root / name, trash / place)
            else:
                self.operations.make_folder(trash / place)
                self.operations.rename(self.root / name / version, trash / place / version)
            self.operations.sync_folder(self.root if whole else self.root / name)
        return place

    # Care

    def strays(self) -> list[str]:
        """Return the entries of the board that no model can be."""
        try:
            with os.scandir(self.root) as entries:
                return sorted(
                    entry.name
                    for entry in entries
                    if not (entry.is_dir(follow_symlinks=False) and ModelName.accepts(entry.name))
                )
        except FileNotFoundError:
            return []

    def quarantine(self, place: tuple[str, ...]) -> str:
        """Move an entry of the board, however it is called, into the trash."""
        with refusals(self.url), self.operations.locked(self._log() / LOCK):
            trash = self._log() / TRASH
            _ensure(self.operations, trash)
            aside = f"{clock.now().strftime(STAMP)}-stray-{secrets.token_hex(3)}"
            self.operations.make_folder(trash / aside)
            self.operations.rename(self.root.joinpath(*place), trash / aside / place[-1])
        return aside

    def undiscard(self, place: str) -> tuple[ModelName, VersionName]:
        """Put a discarded version back; its metadata tell where it belongs."""
        with refusals(self.url), self.operations.locked(self._log() / LOCK):
            aside = self._log() / TRASH / FileName(place)
            found = [path for path in aside.glob("*") if VersionName.accepts(path.name)]
            parts = _DISCARDED.fullmatch(place)
            if len(found) != 1 or parts is None:
                raise NotFound("discarded version", place, self.trash())
            name, version = ModelName(parts["name"]), VersionName(found[0].name)
            _ensure(self.operations, self.root / name)
            self.operations.rename(found[0], self.root / name / version)
            self.operations.remove_tree(aside)
        return name, version

    def trash(self) -> list[str]:
        """Return what lies in the trash, the oldest first."""
        try:
            return sorted(os.listdir(self._log_place() / TRASH))
        except FileNotFoundError:
            return []

    def sweep(self, staging: timedelta, trash: timedelta, held: frozenset[str]) -> Swept:
        """Remove staging and trash that are older than their leases; what is held stays."""
        old_staging = self._older(self._log_place() / STAGING, staging)
        old_trash = self._older(self._log_place() / TRASH, trash)
        kept = [path for path in old_trash if _ref_of(path.name) in held]
        swept = [path for path in (*old_staging, *old_trash) if path not in kept]
        freed = sum(_weight(path) for path in swept)
        for path in swept:
            self.operations.remove_tree(path) if path.is_dir() else self.operations.unlink(path)
        return Swept(
            tuple(path.name for path in old_staging),
            tuple(path.name for path in old_trash if path not in kept),
            tuple(path.name for path in kept),
            freed,
        )

    @staticmethod
    def _older(folder: Path, lease: timedelta) -> list[Path]:
        limit = clock.wall_ns() / 1e9 - lease.total_seconds()
        try:
            return sorted(path for path in folder.iterdir() if path.lstat().st_ctime <= limit)
        except FileNotFoundError:
            return []

    # The event log

    def events(self, after: int) -> Iterator[bytes]:
        """Yield the events behind a sequence number, in order."""
        sequence = after + 1
        while True:
            try:
                yield (self._log_place() / log_pin.event_file(sequence)).read_bytes()
            except (FileNotFoundError, NotADirectoryError):
                return
            sequence += 1

    def append_event(self, sequence: int, data: bytes) -> bool:
        """Create an event complete or not at all: written aside, synced, then linked to its number."""
        with refusals(self.url):
            staging = self._log() / STAGING
            _ensure(self.operations, staging)
            aside = staging / f"{os.getpid()}-{secrets.token_hex(6)}.event"
            try:
                self._write(aside, data)
                self.operations.link(aside, self._log() / log_pin.event_file(sequence))
            except FileExistsError:
                return False
            finally:
                with contextlib.suppress(FileNotFoundError):
                    self.operations.unlink(aside)
            self.operations.sync_folder(self._log())
        return True

    def board_id(self) -> str | None:
        """Return the identity of the board, or None where we never wrote."""
        try:
            return str(json.loads((self._log_place() / log_pin.FILE).read_bytes())["board"])
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _log_place(self) -> Path:
        return self.root / LOG_PIN / log_pin.VERSION

    def _log(self) -> Path:
        """Return the folder of the log; created whole, so that pins never sees half of it."""
        place = self._log_place()
        if not (place / FILE).is_file():
            self._create_log()
        return place

    def _create_log(self) -> None:
        _ensure_parents(self.operations, self.root)
        aside = Path(tempfile.mkdtemp(prefix=f".{self.root.name}-", dir=_beside(self.root)))
        try:
            version = aside / LOG_PIN / log_pin.VERSION
            self.operations.make_folder(version.parent)
            self.operations.make_folder(version)
            for file, data in log_pin.files(secrets.token_hex(16)).items():
                self._write(version / file, data)
            self.operations.sync_folder(version)
            self.operations.sync_folder(version.parent)
            try:
                self.operations.rename(version.parent, self.root / LOG_PIN)
            except OSError as error:
                if error.errno not in _OCCUPIED:  # somebody else created it in the same moment
                    raise
            self.operations.sync_folder(self.root)
        finally:
            self.operations.remove_tree(aside)

    def _write(self, path: Path, data: bytes) -> None:
        with self.operations.create(path) as stream:
            self.operations.write(stream, data)
            self.operations.sync(stream)


def board_error(error: OSError, url: str, verb: str) -> BoardError:
    """Say in one line what the store refused, and what helps."""
    advice = {
        errno.ENOSPC: "The disk is full: free some space, or `%board` another place.",
        errno.EDQUOT: "The quota is used up: free some space, or `%board` another place.",
        errno.EFBIG: "The file is over a limit of this process or disk: raise `ulimit -f`, or `%board` elsewhere.",
        errno.EROFS: "The board is read-only: `%copy` the model to a board of your own, or `%board` another place.",
        errno.EACCES: "You have no permission there: `%board` another place.",
        errno.EPERM: "You have no permission there: `%board` another place.",
    }.get(error.errno or 0, "Nothing was published; try again.")
    return BoardError(
        f"The board {url} could not be {'written' if verb == 'write' else verb}: {error.strerror or error}. {advice}"
    )


@contextlib.contextmanager
def refusals(url: str) -> Iterator[None]:
    """Turn what the system refuses into one clear line."""
    try:
        yield
    except OSError as error:
        raise board_error(error, url, "write") from error


def _ref_of(place: str) -> str | None:
    found = _DISCARDED.fullmatch(place)
    return f"{found['name']}@{found['version']}" if found else None


def _weight(path: Path) -> int:
    return sum(each.lstat().st_size for each in [path, *path.rglob("*")] if each.is_file())


def _ensure(operations: FileOperations, folder: Path) -> None:
    if not folder.is_dir():
        with contextlib.suppress(FileExistsError):
            operations.make_folder(folder)


def _ensure_parents(operations: FileOperations, folder: Path) -> None:
    missing = [place for place in (folder, *folder.parents) if not place.exists()]
    for place in reversed(missing):
        _ensure(operations, place)
        operations.sync_folder(place.parent)


def _beside(root: Path) -> Path:
    """Return where to build the log: outside the board if that is the same file system and writable, else inside."""
    outside = root.parent
    same = os.stat(outside).st_dev == os.stat(root).st_dev and not os.path.ismount(root)
    return outside if same and os.access(outside, os.W_OK) else root
