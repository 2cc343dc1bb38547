"""The append-only log of a board: who moved which alias when, and the state that follows from it."""

from __future__ import annotations

import getpass
import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from mlops_magics.core.versioning import clock
from mlops_magics.core.versioning.stores.store import Store
from mlops_magics.errors import Conflict, IntegrityError

FIRST_LINK = "0" * 64
MOVES = frozenset({"promote", "rollback"})
MOST_ATTEMPTS = 1000


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened; ``link`` is the sha256 of the event before it, so that none can be cut out or edited.

    Attributes
    ----------
    event
        ``promote``, ``rollback``, ``conflict`` (a move that somebody else's forestalled; ``previous`` is what that one
        made of the alias), ``delete``, ``restore``, ``annotate``, ``protect``, ``unprotect`` or ``sign``.
    version, previous
        What the alias names now, and before; None where it named nothing.
    details
        What an annotation sets.
    """

    sequence: int
    time: str
    event: str
    name: str
    alias: str | None = None
    version: str | None = None
    previous: str | None = None
    by: str | None = None
    note: str | None = None
    details: dict[str, Any] = field(default_factory=dict)
    link: str = FIRST_LINK

    def to_bytes(self) -> bytes:
        """Return the event as its file holds it."""
        return json.dumps(asdict(self), sort_keys=True, separators=(",", ":")).encode()

    @classmethod
    def from_bytes(cls, data: bytes, expected: int) -> Event:
        """Read an event file.

        Raises
        ------
        IntegrityError
            When it is no event, or carries another number than its name.
        """
        try:
            event = cls(**json.loads(data))
        except (ValueError, TypeError, RecursionError) as error:
            raise IntegrityError(f"Event {expected} of the board's log is damaged. Run `%verify`.") from error
        if event.sequence != expected:
            raise IntegrityError(
                f"Event {expected} of the board's log carries the number {event.sequence}. Run `%verify`."
            )
        return event


@dataclass(frozen=True, slots=True)
class AliasMove:
    """A move of an alias that was recorded: what it names now, what it named before, who moved it and why."""

    name: str
    alias: str
    version: str | None
    previous: str | None
    time: datetime
    by: str | None
    note: str | None
    event: str
    sequence: int
    board: str

    def __repr__(self) -> str:
        return f"{self.name}@{self.alias}: {self.previous or 'nothing'} → {self.version or 'nothing'}"

    def to_json(self) -> dict[str, Any]:
        """Return the record for the wire."""
        return {**asdict(self), "time": self.time.isoformat()}


class EventLog:
    """Reads the log of a board step by step, and appends to it with optimistic concurrency."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._events: list[Event] = []
        self._link = FIRST_LINK
        self._board_id: str | None = None
        self._turn = threading.RLock()
        """Around reading on: a view's buttons may ask in another thread than the cell that runs, on the same board."""

    def read(self) -> list[Event]:
        """Return every event, oldest first.

        Raises
        ------
        IntegrityError
            At the first event that is damaged or does not follow from the one before it.
        """
        with self._turn:
            self._read_on()
            return self._events

    def _read_on(self) -> None:
        self._forget_another_board()
        for data in self._store.events(len(self._events)):
            event = Event.from_bytes(data, len(self._events) + 1)
            if event.link != self._link:
                raise IntegrityError(
                    f"Event {event.sequence} of the board's log does not follow from the one before it. Run `%verify`."
                )
            self._events.append(event)
            self._link = hashlib.sha256(data).hexdigest()

    def _forget_another_board(self) -> None:
        """Start over when the folder was replaced by another board under our feet."""
        identity = self._store.board_id() if self._events else self._board_id
        if identity != self._board_id:
            self._events, self._link = [], FIRST_LINK
        if self._board_id is None or identity != self._board_id:
            self._board_id = self._store.board_id()

    def append(self, compose: Callable[[list[Event]], dict[str, Any]]) -> Event:
        """Append what ``compose`` makes of the events so far; it is asked again when somebody else was faster.

        Raises
        ------
        Conflict
            As ``compose`` decides, or when the log never held still.
        """
        for _ in range(MOST_ATTEMPTS):
            with self._turn:  # fixed first: what compose reads anew must not be built upon
                events = self.read()
                sequence, link = len(events) + 1, self._link
            event = Event(sequence=sequence, time=clock.now().isoformat(), by=author(), link=link, **compose(events))
            if self._store.append_event(event.sequence, event.to_bytes()):
                return event
        raise Conflict(f"The log of {self._store.url} was written by others all the time; try again.")

    def of(self, name: str) -> Iterator[Event]:
        """Yield the events of one model, oldest first."""
        return (event for event in self.read() if event.name == name)

    def aliases(self, name: str) -> dict[str, str]:
        """Return alias → version of one model."""
        named: dict[str, str | None] = {}
        for event in self.of(name):
            if event.event in MOVES and event.alias:
                named[event.alias] = event.version
        return {alias: version for alias, version in named.items() if version}

    def all_aliases(self) -> dict[str, dict[str, str]]:
        """Return model → alias → version of the whole board."""
        named: dict[str, dict[str, str]] = {}
        for event in self.read():
            if event.event in MOVES and event.alias:
                moved = named.setdefault(event.name, {})
                moved.pop(event.alias, None)
                if event.version:
                    moved[event.alias] = event.version
        return named

    def protected(self, name: str) -> set[str]:
        """Return the aliases of a model that only ``force`` moves."""
        held: set[str] = set()
        for event in self.of(name):
            if event.event == "protect" and event.alias:
                held.add(event.alias)
            elif event.event == "unprotect" and event.alias:
                held.discard(event.alias)
        return held

    def moves(self, name: str, alias: str) -> list[Event]:
        """Return the moves of one alias, oldest first."""
        return [event for event in self.of(name) if event.alias == alias and event.event in MOVES]

    def annotations(self, name: str, version: str) -> list[Event]:
        """Return what was added to a version after it was published, oldest first."""
        return [event for event in self.of(name) if event.event == "annotate" and event.version == version]


def author() -> str | None:
    """Return the user's login name, or None where the system knows none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return None
