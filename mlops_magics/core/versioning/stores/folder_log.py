"""The event log of a board in a folder. Each event is linked whole to its number, which is used once."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from mlops_magics.core.file_layer import FileLayer
from mlops_magics.core.folder_handles import NotPlain, TooLarge
from mlops_magics.core.versioning import clock
from mlops_magics.core.versioning.describing.data_txt import FILE
from mlops_magics.core.versioning.names import LOG_PIN, FileName
from mlops_magics.core.versioning.stores import log_pin
from mlops_magics.core.versioning.stores.store_errors import refusals
from mlops_magics.errors import IntegrityError

STAGING = f"{log_pin.PLACE}/staging"
TRASH = f"{log_pin.PLACE}/trash"
LOCK = f"{log_pin.PLACE}/lock"
_OWN = {log_pin.FILE: "file", FILE: "file", "lock": "file", "staging": "folder", "trash": "folder"}
_OCCUPIED = {errno.EEXIST, errno.ENOTEMPTY}


class FolderLog:
    """The log of a board, and the places for staging, trash and lock.

    Parameters
    ----------
    root
        The board's folder, which may not exist yet.
    files
        The file layer of the folder. Tests pass one that fails.
    """

    def __init__(self, root: Path, files: FileLayer | None = None) -> None:
        self.root = Path(os.path.abspath(root.expanduser()))
        self.url = str(self.root)
        self.files = files or FileLayer(self.root)

    def events(self, after: int) -> Iterator[bytes | IntegrityError]:
        """Yield the events after a sequence number, in order. An event that is not a plain file becomes an error."""
        sequence = after + 1
        while True:
            place = f"{log_pin.PLACE}/{log_pin.event_file(sequence)}"
            try:
                yield self.files.read(place, log_pin.LARGEST)
            except (FileNotFoundError, NotADirectoryError):
                return
            except (NotPlain, TooLarge) as error:
                yield IntegrityError(f"Event {sequence} of the board's log cannot be read: {error.strerror}.")
                if isinstance(error, NotPlain) and error.place != place:  # the folder of the log itself
                    return
            sequence += 1

    def event_marks(self) -> dict[int, object]:
        """Return number → mark of all events, also of those after a gap, of one listing with its facts."""
        try:
            found = self.files.facts(log_pin.PLACE)
        except OSError:
            return {}
        settled = clock.wall_ns() - clock.COARSE_NS
        return log_pin.by_number({name: _mark(facts, settled) for name, facts in found.items()})

    def append_event(self, sequence: int, data: bytes) -> bool:
        """Create an event whole or not at all: write it in the staging folder, sync it, then link it to its number."""
        with refusals(self.url):
            self.ensure_log()
            self.ensure(STAGING)
            aside = f"{STAGING}/{os.getpid()}-{secrets.token_hex(6)}.event"
            try:
                self._write(self.files, aside, data)
                self.files.link(aside, f"{log_pin.PLACE}/{log_pin.event_file(sequence)}")
            except FileExistsError:
                # over NFS a link may be made although the client reports that it exists. Then the event is ours
                if not self._is_event(sequence, data):
                    return False
            finally:
                with contextlib.suppress(FileNotFoundError):
                    self.files.unlink(aside)
            self.files.sync_folder(log_pin.PLACE)
        return True

    def _is_event(self, sequence: int, data: bytes) -> bool:
        try:
            return self.files.read(f"{log_pin.PLACE}/{log_pin.event_file(sequence)}", log_pin.LARGEST) == data
        except OSError:
            return False

    def beat(self, key: str, data: bytes | None) -> None:
        """Replace a heartbeat in the staging folder, where old ones are swept. None removes it."""
        place = f"{STAGING}/{FileName(key)}.beat"
        with refusals(self.url):
            self.ensure_log()
            self.ensure(STAGING)
            if data is None:
                with contextlib.suppress(FileNotFoundError):
                    self.files.unlink(place)
                return
            aside = f"{STAGING}/{os.getpid()}-{secrets.token_hex(6)}.beat"
            with self.files.create(aside) as stream:
                self.files.write(stream, data)
            self.files.replace(aside, place)

    def last_beat(self, key: str) -> bytes | None:
        """Return a heartbeat, or None."""
        try:
            return self.files.read(f"{STAGING}/{FileName(key)}.beat", log_pin.LARGEST)
        except OSError:
            return None

    def board_id(self) -> str | None:
        """Return the identity of the board, or None where we never wrote to it."""
        try:
            data = self.files.read(f"{log_pin.PLACE}/{log_pin.FILE}", log_pin.LARGEST)
        except OSError:
            return None
        return log_pin.board_of(data, self.url)

    def strays_of_log(self) -> dict[str, str]:
        """Return the entries of the log's folder that do not belong there, each with the reason."""
        try:
            entries = self.files.entries(log_pin.PLACE)
        except (FileNotFoundError, NotADirectoryError):
            return {}
        except NotPlain:
            return {LOG_PIN: "a link, and links are not followed"}
        return {
            f"{log_pin.PLACE}/{entry.name}": _reason(entry.kind)
            for entry in entries
            if entry.kind != (_OWN.get(entry.name) or ("file" if log_pin.number_of(entry.name) else None))
        }

    def ensure(self, place: str) -> None:
        """Create a folder unless it exists."""
        if self.files.kind(place) != "folder":
            with contextlib.suppress(FileExistsError):
                self.files.make_folder(place)

    def ensure_log(self) -> None:
        """Create the log unless it exists. It appears whole, so that pins never sees half of it."""
        if self.files.kind(f"{log_pin.PLACE}/{FILE}") != "file":
            self._create_log()

    def _create_log(self) -> None:
        self.files.make_root()
        aside = self.files.sibling()
        try:
            aside.make_folder(LOG_PIN)
            aside.make_folder(log_pin.PLACE)
            for file, data in log_pin.files(secrets.token_hex(16)).items():
                self._write(aside, f"{log_pin.PLACE}/{file}", data)
            aside.sync_folder(log_pin.PLACE)
            aside.sync_folder(LOG_PIN)
            try:
                aside.rename(LOG_PIN, LOG_PIN, into=self.files)
            except OSError as error:
                if error.errno not in _OCCUPIED:  # another process created it at the same moment
                    raise
            self.files.sync_folder()
        finally:
            aside.remove_root()

    @staticmethod
    def _write(files: FileLayer, place: str, data: bytes) -> None:
        with files.create(place) as stream:
            files.write(stream, data)
            files.sync(stream)


def _mark(facts: os.stat_result, settled: int) -> object:
    """Return the facts of a file that change with it, or None for one that was changed after a moment in ns."""
    if max(facts.st_mtime_ns, facts.st_ctime_ns) > settled:
        return None
    return facts.st_ino, facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns


def _reason(kind: str) -> str:
    return "a link, and links are not followed" if kind == "link" else "not an event, nor ours"
