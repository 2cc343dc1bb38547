"""The events of a board's log: their record, a named constructor of each kind, and the bytes of their files."""

from __future__ import annotations

import dataclasses
import getpass
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from mlops_magics.core.versioning.history.event_kinds import MOVES, EventKind
from mlops_magics.core.versioning.names import AliasName, ModelName, VersionName
from mlops_magics.errors import IntegrityError

FIRST_LINK = "0" * 64
"""The link of the first event, which has no predecessor."""

_NAMES = {"name": ModelName, "alias": AliasName, "version": VersionName, "previous": VersionName}


@dataclass(frozen=True, slots=True)
class Event:
    """One change to a model of the board.

    Attributes
    ----------
    sequence
        Its number in the log, from 1.
    time
        In ISO 8601, UTC.
    event
        A word of `EventKind`, or one that a newer version of this package wrote.
    version, previous
        The version that an alias names from now on, and the one that it named before, or None where it names none.
    by
        The login name of the writer, as a claim, not a proof.
    link
        The sha256 of the event before it, so that no event can be cut out or edited unseen.
    mark
        A random word of the writer, so that no two writers write the same bytes. A store can then recognise an event
        that it was sent twice. Empty in the events of version 0.1.
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
    mark: str = ""

    # One constructor for each kind. The log adds number, time, author and link

    @classmethod
    def promote(cls, name: str, alias: str, version: str, previous: str | None, note: str | None = None) -> Event:
        """Return the event that lets an alias name a version.

        Parameters
        ----------
        name, alias
            The model and the alias.
        version, previous
            The version that it names from now on, and the one before.
        note
            The reason.
        """
        return _new(EventKind.PROMOTE, name, alias=str(alias), version=version, previous=previous, note=note)

    @classmethod
    def rollback(
        cls, name: str, alias: str, version: str | None, previous: str | None, note: str | None = None
    ) -> Event:
        """Return the event that undoes the last move of an alias.

        Parameters
        ----------
        name, alias
            The model and the alias.
        version, previous
            The version that it names from now on, and the one before.
        note
            The reason.
        """
        return _new(EventKind.ROLLBACK, name, alias=str(alias), version=version, previous=previous, note=note)

    def conflict(self, current: str | None) -> Event:
        """Return the event that records that this move lost. ``current`` is the version that the alias names."""
        return dataclasses.replace(self, event=EventKind.CONFLICT.value, previous=current)

    @classmethod
    def delete(cls, name: str, version: str, trash: str, note: str | None = None) -> Event:
        """Return the event of a version that was moved to a place in the trash.

        Parameters
        ----------
        name, version
            The version.
        trash
            Its place in the trash.
        note
            The reason.
        """
        return _new(EventKind.DELETE, name, version=version, note=note, details={"trash": trash})

    @classmethod
    def restore(cls, name: str, version: str, trash: str, note: str | None = None) -> Event:
        """Return the event of a version that was restored from the trash.

        Parameters
        ----------
        name, version
            The version.
        trash
            Its place in the trash.
        note
            The reason.
        """
        return _new(EventKind.RESTORE, name, version=version, note=note, details={"trash": trash})

    @classmethod
    def annotate(cls, name: str, version: str, details: Mapping[str, Any], note: str | None = None) -> Event:
        """Return the event that changes facts about a version.

        Parameters
        ----------
        name, version
            The version.
        details
            The facts that change.
        note
            The reason.
        """
        return _new(EventKind.ANNOTATE, name, version=version, note=note, details=dict(details))

    @classmethod
    def protect(cls, name: str, alias: str, note: str | None = None) -> Event:
        """Return the event after which only ``force`` moves the alias."""
        return _new(EventKind.PROTECT, name, alias=str(alias), note=note)

    @classmethod
    def unprotect(cls, name: str, alias: str, note: str | None = None) -> Event:
        """Return the event after which the alias moves freely again."""
        return _new(EventKind.UNPROTECT, name, alias=str(alias), note=note)

    @classmethod
    def sign(cls, name: str, version: str, bundle: Mapping[str, Any]) -> Event:
        """Return the event of a signature."""
        return _new(EventKind.SIGN, name, version=version, details={"bundle": dict(bundle)})

    @classmethod
    def retrain_claim(cls, name: str, version: str, details: Mapping[str, Any], note: str | None = None) -> Event:
        """Return the event by which a run claims the retraining of a model. ``version`` is made again.

        Parameters
        ----------
        name, version
            The version that is made again.
        details
            The holder, the end of the claim, and the trigger.
        note
            The reason.
        """
        return _new(EventKind.RETRAIN_CLAIM, name, version=version, note=note, details=dict(details))

    @classmethod
    def retrain_end(cls, name: str, version: str | None, details: Mapping[str, Any], note: str | None = None) -> Event:
        """Return the event by which a run releases its claim. ``version`` is the one that it made.

        Parameters
        ----------
        name, version
            The version that was made, if any.
        details
            The claim, and the outcome of the run.
        note
            The reason.
        """
        return _new(EventKind.RETRAIN_END, name, version=version, note=note, details=dict(details))

    @classmethod
    def lost(cls) -> Event:
        """Return the event that fills the place of one whose file is gone."""
        return _new(EventKind.LOST, "")

    @classmethod
    def accept(cls, events: Mapping[str, str], anchors: Mapping[str, str], note: str | None = None) -> Event:
        """Return the event by which a user accepts the log as it is."""
        return _new(EventKind.ACCEPT, "", note=note, details={"events": dict(events), "anchors": dict(anchors)})

    # Reading and writing

    @property
    def kind(self) -> EventKind | None:
        """The kind, or None for one that only a newer version of this package knows."""
        return EventKind.known(self.event)

    @property
    def moves(self) -> bool:
        """Whether the event changes the version of an alias."""
        return self.event in MOVES

    def to_bytes(self) -> bytes:
        """Return the event as its file holds it."""
        return json.dumps(asdict(self), sort_keys=True, separators=(",", ":")).encode()

    @classmethod
    def from_bytes(cls, data: bytes, expected: int) -> Event:
        """Read an event file. Fields that a newer writer added are left out.

        Raises
        ------
        IntegrityError
            When a field is missing or of another type, a name is not valid, or the number is not ``expected``.
        """
        try:
            event = _DECODER.decode(data)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            reason = str(error) if isinstance(error, msgspec.ValidationError) else "not valid JSON"
            raise IntegrityError(f"Event {expected} of the board's log is damaged ({reason}).") from None
        fault = _fault(event, expected)
        if fault:
            raise IntegrityError(f"Event {expected} of the board's log {fault}.")
        return event


@dataclass(frozen=True, slots=True)
class AliasMove:
    """A recorded move of an alias: the version that it names now and before, the author and the reason."""

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

    @classmethod
    def of(cls, event: Event, board: str) -> AliasMove:
        """Return the move that an event of the log recorded."""
        return cls(
            name=event.name, alias=str(event.alias), version=event.version, previous=event.previous,
            time=datetime.fromisoformat(event.time), by=event.by, note=event.note, event=event.event,
            sequence=event.sequence, board=board,
        )  # fmt: skip

    def __repr__(self) -> str:
        return f"{self.name}@{self.alias}: {self.previous or 'nothing'} → {self.version or 'nothing'}"

    def to_json(self) -> dict[str, Any]:
        """Return the record for the wire."""
        return {**asdict(self), "time": self.time.isoformat()}


def author() -> str | None:
    """Return the user's login name, or None where the system knows none."""
    try:
        return getpass.getuser()
    # Python before 3.13 raises KeyError, later ones OSError, and Windows has no module pwd
    except (KeyError, OSError, ImportError):
        return None


_DECODER = msgspec.json.Decoder(Event)


def _new(kind: EventKind, name: str, **fields: Any) -> Event:
    return Event(sequence=0, time="", event=kind.value, name=str(name), **fields)


_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?([+-][0-9]{2}:[0-9]{2}|Z)")
"""What `datetime.isoformat` writes of a moment."""


def _fault(event: Event, expected: int) -> str | None:
    """Return the fault of an event whose fields have the right types, or None."""
    if event.sequence != expected:
        return f"has the number {event.sequence}"
    try:
        if datetime.fromisoformat(event.time).tzinfo is None:
            return "has a time without a time zone"
    except ValueError:
        return f"has {event.time!r:.40} as its time"
    if not _TIME.fullmatch(event.time):  # Python reads week dates, any separator, seconds of an offset; pandas does not
        return f"has {event.time!r:.40} as its time"
    for field_name, kind in _NAMES.items():
        value = getattr(event, field_name)
        if value and not kind.accepts(value):
            return f"has {value!r:.40} as its {field_name}"
    return _fault_of_kind(event)


def _fault_of_kind(event: Event) -> str | None:
    kind = event.kind
    if kind is None:
        return None
    missing = next((each for each in kind.needs if not getattr(event, each)), None)
    if missing:
        return f"has no {missing}"
    wrong = next(
        (key for key, check in kind.details.items() if key in event.details and not check(event.details[key])), None
    )
    return f"has {wrong} of another type" if wrong else None
