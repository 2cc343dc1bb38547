"""Anchors: the length and last hash of a log, kept outside of it, so that a truncated log is visible.

Each reader keeps one for each board in the state folder, and each version keeps one in its own metadata.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mlops_magics.core import known_boards, state
from mlops_magics.errors import StateError

FOLDER = "anchors"


@dataclass(frozen=True, slots=True)
class Anchor:
    """The state of a log at some moment.

    Attributes
    ----------
    board
        The identity of the board.
    length
        The number of events.
    head
        The sha256 of the last event's file.
    """

    board: str
    length: int
    head: str

    @property
    def key(self) -> str:
        """The word for this anchor in the list of accepted ones."""
        return f"{self.board}:{self.length}"

    @classmethod
    def from_json(cls, record: Any) -> Anchor | None:
        """Read an anchor from the metadata of a version. Return None for anything else."""
        try:
            board, length, head = record["board"], record["length"], record["head"]
        except (KeyError, TypeError, IndexError):
            return None
        typed = isinstance(board, str) and isinstance(head, str) and type(length) is int and length > 0
        return cls(board, length, head) if typed else None

    def to_json(self) -> dict[str, Any]:
        """Return the record as plain values."""
        return dataclasses.asdict(self)


@dataclass(frozen=True, slots=True)
class Memory:
    """This user's memory of a board's log: the anchor, and the faults that the user accepted."""

    anchor: Anchor | None = None
    events: Mapping[str, str] = field(default_factory=dict)
    """Map from the number of an accepted event to the sha256 of its file."""
    anchors: Mapping[str, str] = field(default_factory=dict)
    """Map from the key of a version's accepted anchor to its head."""
    versions: tuple[str, ...] = ()
    """Some versions of the board. Another log beside them is a replaced log, and not another board."""


def recall(url: str) -> Memory:
    """Return this user's memory of the log of a board."""
    if url.startswith(known_boards.PRIVATE_TO_A_PROCESS):
        return Memory()
    try:
        return state.read_record(_path(url), Memory) or Memory()
    except StateError:  # an unusable state folder: nothing is remembered, and writing to it will report why
        return Memory()


def remember(url: str, memory: Memory) -> None:
    """Remember the log of a board. A reader without a writable state folder still reads, but remembers nothing."""
    if url.startswith(known_boards.PRIVATE_TO_A_PROCESS):
        return
    try:
        state.write_private(_path(url), json.dumps(dataclasses.asdict(memory)).encode())
    except StateError:
        return


def _path(url: str) -> Path:
    return state.directory(FOLDER) / f"{known_boards.key_of(url)}.json"
