"""The list of boards that this user's sessions opened, from which the sidebar shows them when no kernel runs."""

from __future__ import annotations

import hashlib
import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from mlops_magics.core import state
from mlops_magics.errors import NotFound

FOLDER = "boards"
PRIVATE_TO_A_PROCESS = "memory://"


@dataclass(frozen=True, slots=True)
class KnownBoard:
    """A board and when a session last opened it."""

    label: str
    url: str
    opened: float
    """Seconds since 1970."""

    @property
    def key(self) -> str:
        """The short word for the board in addresses."""
        return key_of(self.url)


def of(label: str, url: str) -> KnownBoard:
    """Return a board that is open now."""
    return KnownBoard(label, url, time.time())


def key_of(url: str) -> str:
    """Return the short word for a board in addresses and file names."""
    return hashlib.sha256(url.encode()).hexdigest()[:12]


def remember(label: str, url: str) -> None:
    """Record that a session opened a board, in one file for each, so that sessions do not overwrite each other."""
    if url.startswith(PRIVATE_TO_A_PROCESS):
        return
    record = KnownBoard(label, url, time.time())
    state.write_private(_path(record.key), json.dumps(asdict(record)).encode())


def known() -> list[KnownBoard]:
    """Return every board that was opened, the latest first."""
    found = [state.read_record(path, KnownBoard) for path in state.files_below(state.directory(FOLDER))]
    return sorted((each for each in found if each is not None), key=lambda each: -each.opened)


def at(key: str) -> KnownBoard:
    """Return the board with this key.

    Raises
    ------
    NotFound
    """
    boards = {each.key: each for each in known()}
    if key not in boards:
        raise NotFound(
            "board with the key",
            key,
            [each.label for each in boards.values()],
            hint="Open it with `%board PATH_OR_URL`.",
        )
    return boards[key]


def forget(key: str) -> None:
    """Remove a board from the list. The board itself does not change."""
    _path(key).unlink(missing_ok=True)


def _path(key: str) -> Path:
    return state.directory(FOLDER) / f"{key}.json"
