"""The append-only log of a board: read step by step, appended to with optimistic concurrency, folded into aliases."""

from __future__ import annotations

import dataclasses
import hashlib
import threading
from collections.abc import Callable, Iterator

from mlops_magics.core.versioning import clock
from mlops_magics.core.versioning.history.event_kinds import EventKind
from mlops_magics.core.versioning.history.events import FIRST_LINK, Event, author
from mlops_magics.core.versioning.history.move_stack import stack_of
from mlops_magics.core.versioning.stores.store import Store
from mlops_magics.errors import Conflict, IntegrityError

MOST_ATTEMPTS = 1000
"""Attempts to append before other writers are reported."""


class EventLog:
    """The log of one board."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._events: list[Event] = []
        self._link = FIRST_LINK
        self._board_id: str | None = None
        self._turn = threading.RLock()
        """Around reading: the buttons of a view may read in another thread than the running cell, on one board."""

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
        self._reset_for_another_board()
        for data in self._store.events(len(self._events)):
            event = Event.from_bytes(data, len(self._events) + 1)
            if event.link != self._link:
                raise IntegrityError(
                    f"Event {event.sequence} of the board's log does not follow from the one before it. Run `%verify`."
                )
            self._events.append(event)
            self._link = hashlib.sha256(data).hexdigest()

    def _reset_for_another_board(self) -> None:
        """Drop what was read when another board was put in the place of this one."""
        identity = self._store.board_id() if self._events else self._board_id
        if identity != self._board_id:
            self._events, self._link = [], FIRST_LINK
        if self._board_id is None or identity != self._board_id:
            self._board_id = self._store.board_id()

    def append(self, compose: Callable[[list[Event]], Event]) -> Event:
        """Append the event that ``compose`` makes of the events so far; it runs again when another writer was faster.

        Raises
        ------
        Conflict
            When other writers were faster each time.
        """
        for _ in range(MOST_ATTEMPTS):
            with self._turn:  # fixed before compose reads: an event that compose sees anew must not be built upon
                events = self.read()
                sequence, link = len(events) + 1, self._link
            composed = compose(events)
            event = dataclasses.replace(
                composed, sequence=sequence, time=clock.now().isoformat(), by=author(), link=link
            )
            if self._store.append_event(event.sequence, event.to_bytes()):
                return event
        raise Conflict(
            f"Could not append to the log of {self._store.url} in {MOST_ATTEMPTS} attempts: other writers were faster. "
            "Try again."
        )

    def of(self, name: str) -> Iterator[Event]:
        """Yield the events of one model, oldest first."""
        return (event for event in self.read() if event.name == name)

    def aliases(self, name: str) -> dict[str, str]:
        """Return alias → version of one model."""
        return self.all_aliases().get(name, {})

    def stacks(self, name: str) -> dict[str, list[str]]:
        """Return what each alias of a model named, the present version last, without what was taken back."""
        moves: dict[str, list[Event]] = {}
        for event in self.of(name):
            if event.moves and event.alias:
                moves.setdefault(event.alias, []).append(event)
        stacks = {alias: stack_of(found) for alias, found in moves.items()}
        return {alias: stack for alias, stack in stacks.items() if stack}

    def deleted(self, name: str) -> set[str]:
        """Return the versions of a model that were deleted and not restored."""
        gone: set[str] = set()
        for event in self.of(name):
            if event.event == EventKind.DELETE and event.version:
                gone.add(event.version)
            elif event.event == EventKind.RESTORE and event.version:
                gone.discard(event.version)
        return gone

    def all_aliases(self) -> dict[str, dict[str, str]]:
        """Return model → alias → version of the whole board."""
        named: dict[str, dict[str, str]] = {}
        for event in self.read():
            if event.moves and event.alias:
                moved = named.setdefault(event.name, {})
                moved.pop(event.alias, None)
                if event.version:
                    moved[event.alias] = event.version
        return named

    def protected(self, name: str) -> set[str]:
        """Return the aliases of a model that only ``force`` moves."""
        held: set[str] = set()
        for event in self.of(name):
            if event.kind is EventKind.PROTECT and event.alias:
                held.add(event.alias)
            elif event.kind is EventKind.UNPROTECT and event.alias:
                held.discard(event.alias)
        return held

    def moves(self, name: str, alias: str) -> list[Event]:
        """Return the moves of one alias, oldest first."""
        return [event for event in self.of(name) if event.alias == alias and event.moves]

    def annotations(self, name: str, version: str) -> list[Event]:
        """Return the changes of facts about a version, oldest first."""
        return [event for event in self.of(name) if event.kind is EventKind.ANNOTATE and event.version == version]

    def changes(self) -> dict[str, dict[str, dict[str, object]]]:
        """Return the facts that were changed after publishing: model → version → field → value."""
        changed: dict[str, dict[str, dict[str, object]]] = {}
        for event in self.read():
            if event.kind is EventKind.ANNOTATE and event.version:
                changed.setdefault(event.name, {}).setdefault(event.version, {}).update(event.details)
        return changed

    def signatures(self, name: str, version: str) -> list[Event]:
        """Return the signatures of a version, oldest first."""
        return [
            event
            for event in self.of(name)
            if event.kind is EventKind.SIGN and event.version == version and "bundle" in event.details
        ]
