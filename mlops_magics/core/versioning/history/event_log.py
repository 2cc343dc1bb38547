"""The append-only log of a board, with incremental reads and optimistic concurrency."""

from __future__ import annotations

import dataclasses
import secrets
import threading
from collections.abc import Callable, Iterable

from mlops_magics.core import recipe_guard
from mlops_magics.core.phrases import counted
from mlops_magics.core.versioning import clock
from mlops_magics.core.versioning.history import anchors
from mlops_magics.core.versioning.history.anchors import Anchor, Memory
from mlops_magics.core.versioning.history.chain import Chain, link_of
from mlops_magics.core.versioning.history.event_marks import IDENTITY, EventMarks, gap_in, near
from mlops_magics.core.versioning.history.events import Event, author
from mlops_magics.core.versioning.history.log_queries import LogQueries
from mlops_magics.core.versioning.names import ModelName
from mlops_magics.core.versioning.stores import log_pin
from mlops_magics.core.versioning.stores.store import Store
from mlops_magics.errors import Conflict, IntegrityError

MOST_ATTEMPTS = 1000
"""Attempts to append before a conflict with other writers is reported."""

MOST_COMPARED = 1000
"""Events whose marks are compared before an alias is resolved: one response of an object store, some ms of a folder."""

MOST_SEEN = 5
"""Models of which a reader remembers a version."""

FIX = "Look at `%verify`. To take the log as it is: `%verify --accept`."


class EventLog(LogQueries):
    """The log of one board.

    Listings read every readable event. A caller that relies on the log, to resolve an alias or to append, calls
    `check` first, which fails when an event is damaged, or when the log is not the one that was read before.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._turn = threading.RLock()
        """The lock around reading, because the buttons of a view may read one board in another thread than the cell."""
        self.reload()

    # Reading

    def reload(self) -> None:
        """Forget the events. The next call reads the log from its first event."""
        self._chain = Chain()
        self._board_id: str | None = None
        self._memory: Memory | None = None
        self._marks = EventMarks({})
        self._gap: str | None = None

    def read(self) -> list[Event]:
        """Return every readable event, oldest first."""
        with self._turn:
            self._read_on()
            return self._chain.events

    @property
    def anchor(self) -> Anchor | None:
        """The present state of the log, for a version to keep, or None for an empty or a faulty log."""
        with self._turn:
            self._read_on()
            return self._present() if self._own_problem() is None else None

    def _read_on(self) -> None:
        """Read the events after the last known one, and that one again to see whether the log is still the same."""
        if self._memory is None:  # before the events: a log that grows in the meantime is never too short
            self._memory = anchors.recall(self._store.url)
        known = len(self._chain)
        if not known:
            listed = self._store.event_marks()
            self._marks, self._gap = EventMarks(listed), gap_in(listed)
        stored = iter(self._store.events(max(known - 1, 0)))
        if known:
            last = next(stored, None)
            if last is None or link_of(last) != self._chain.head:
                self.reload()
                self._read_on()
                return
        for data in stored:
            self._chain.take(data)
        if len(self._chain) > known:
            self._remember()

    def _compare(self) -> None:
        """Forget the events where one of them was changed since it was read. The next call reads all of them again."""
        if not len(self._chain):
            return
        listed, before = self._store.event_marks(), self._marks
        if not before.same(IDENTITY, listed):
            self._board_id = None
        if before.agree(listed, self._chain.links, lambda number: next(iter(self._store.events(number - 1)), None)):
            self._gap = gap_in(listed)
        else:
            self.reload()

    def _remember(self) -> None:
        """Remember the present state of the log, unless it has a fault."""
        anchor, memory = self._present(), self._recalled()
        if anchor is not None and anchor != memory.anchor and self._own_problem() is None:
            seen = {event.name: f"{event.name}@{event.version}" for event in self._chain.events if event.version}
            self._memory = dataclasses.replace(memory, anchor=anchor, versions=tuple(seen.values())[-MOST_SEEN:])
            anchors.remember(self._store.url, self._memory)

    def _present(self) -> Anchor | None:
        identity = self._identity() if len(self._chain) else None
        return None if identity is None else Anchor(identity, len(self._chain), self._chain.head)

    def _identity(self) -> str | None:
        if self._board_id is None:
            self._board_id = self._store.board_id()
        return self._board_id

    def _recalled(self) -> Memory:
        return self._memory or Memory()

    # Faults

    def check(self, remembered: Iterable[Anchor | None] = ()) -> None:
        """Fail when the log cannot be relied on.

        Parameters
        ----------
        remembered
            The anchors of versions on this board.

        Raises
        ------
        IntegrityError
            When an event is damaged, does not follow from the one before it, or is no longer there.
        """
        with self._turn:
            if len(self._chain) <= MOST_COMPARED:
                self._compare()
            self._check(remembered)

    def _check(self, remembered: Iterable[Anchor | None] = ()) -> None:
        problem = self.problem(remembered)
        if problem is not None:
            raise IntegrityError(f"{problem} {FIX}")

    def problem(self, remembered: Iterable[Anchor | None] = ()) -> str | None:
        """Return the first fault of the log, or None."""
        with self._turn:
            self._read_on()
            missed = next(iter(self._missed(remembered)), None)
            if missed is not None and self._own_problem() is None:
                return self._difference(missed, "one of its versions")
            return self._own_problem() or (None if self._gap in self._recalled().events else self._gap)

    def gap(self) -> str | None:
        """Return the event that is missing before a later one, or None."""
        return gap_in(self._store.event_marks())

    def identity_problem(self, remembered: Iterable[Anchor | None]) -> str | None:
        """Return that the file with the identity of the board is gone or damaged, or None."""
        with self._turn:
            self._read_on()
            known = [each.board for each in (self._recalled().anchor, *remembered) if each]
            if not known or self._identity() is not None:
                return None
        return (
            f"{log_pin.FILE} beside the events is gone or damaged, and other readers cannot see which board this is. "
            f'Write it again: {{"board": "{known[0]}", "layout": {log_pin.LAYOUT}}}.'
        )

    def far(self) -> list[int]:
        """Return the numbers of files that are too far after the last event to be events."""
        listed = self._store.event_marks()
        return sorted({*listed} - {IDENTITY, *near(listed)})

    def _own_problem(self) -> str | None:
        memory = self._recalled()
        fault = next(iter(self._chain.faults(memory).values()), None)
        if fault is None and memory.anchor is not None and self._missed([memory.anchor]):
            return self._difference(memory.anchor, "you")
        return fault

    def _missed(self, remembered: Iterable[Anchor | None]) -> list[Anchor]:
        """Return the anchors that this log does not continue."""
        return [each for each in remembered if each and self._contradicts(each)]

    def _contradicts(self, anchor: Anchor) -> bool:
        memory = self._recalled()
        if self._chain.waives(anchor, memory):
            return False
        if self._chain.continues(anchor):  # the log is the same one, and so must be the identity beside it
            return self._identity() not in (None, anchor.board)
        if self._identity() in (None, anchor.board):
            return True
        # Another board is here. This is not a fault, unless a version remembers the board that this user saw here, or
        # the versions of that board are still here.
        if memory.anchor is None or memory.anchor is not anchor:
            return memory.anchor is not None and memory.anchor.board == anchor.board
        return any(map(self._is_here, memory.versions))

    def _is_here(self, ref: str) -> bool:
        name, _, version = ref.partition("@")
        return ModelName.accepts(name) and version in self._store.versions(ModelName(name))

    def _difference(self, anchor: Anchor, who: str) -> str:
        if self._chain.continues(anchor):
            return (
                f"The log of {self._store.url} is the one that {who} saw, and {log_pin.FILE} beside it is of another "
                f'board: it was replaced. It had {{"board": "{anchor.board}", "layout": {log_pin.LAYOUT}}}.'
            )
        if anchor.length > len(self._chain) and self._identity() in (None, anchor.board):
            return (
                f"The log of {self._store.url} has {counted(len(self._chain), 'event')}, and {who} saw "
                f"{anchor.length}: events were removed, and aliases may have moved back."
            )
        return f"The log of {self._store.url} is not the one that {who} saw: event {anchor.length} is another one."

    # Writing

    def append(self, compose: Callable[[list[Event]], Event]) -> Event:
        """Append the event that ``compose`` makes of the events so far. It runs again when another writer was faster.

        Raises
        ------
        IntegrityError
            When the log cannot be relied on.
        Conflict
            When other writers were faster each time.
        """
        recipe_guard.refuse("a change of the history")
        with self._turn:
            self._compare()
            self._read_on()
            if self._gap is not None:
                raise IntegrityError(f"{self._gap} {FIX}")
        for _ in range(MOST_ATTEMPTS):
            self._check()
            event = self._try_to_append(compose)
            if event is not None:
                self.read()
                return event
        raise Conflict(
            f"Could not append to the log of {self._store.url} in {MOST_ATTEMPTS} attempts: other writers were faster. "
            "Try again."
        )

    def _try_to_append(self, compose: Callable[[list[Event]], Event]) -> Event | None:
        with self._turn:  # fixed before compose reads, which must not build upon an event that it sees anew
            events = self.read()
            sequence, link = len(self._chain) + 1, self._chain.head
        now, mark = clock.now().isoformat(), secrets.token_hex(8)
        event = dataclasses.replace(compose(events), sequence=sequence, time=now, by=author(), link=link, mark=mark)
        return event if self._store.append_event(event.sequence, event.to_bytes()) else None

    def accept(self, remembered: Iterable[Anchor | None] = (), note: str | None = None) -> None:
        """Accept the log in its present state: fill gaps, record the accepted faults, and remember the state.

        On a board that this user cannot write, the faults are accepted for this user alone.

        Parameters
        ----------
        remembered
            The anchors of versions on this board.
        note
            The reason, for the history.
        """
        while self._store.writable and self.gap() is not None:
            self._try_to_append(lambda events: Event.lost())
        self.read()
        memory, own_problem = self._recalled(), self._own_problem()
        events = self._chain.hashes(self._chain.faults(memory))
        missed = {anchor.key: anchor.head for anchor in self._missed(remembered)}
        self._gap = self.gap()
        if self._gap is not None:  # of a board that this user cannot write
            events[self._gap] = "accepted"
        self._memory = Memory(None, {**memory.events, **events}, {**memory.anchors, **missed})
        anchors.remember(self._store.url, self._memory)
        self._remember()
        if self._store.writable and (own_problem or missed):
            self._try_to_append(lambda found: Event.accept(events, missed, note))
            self.read()
