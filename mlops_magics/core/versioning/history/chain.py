"""The hash chain of a log's events: each contains the hash of the one before it, so that a changed event is visible."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from mlops_magics.core.versioning.history.anchors import Anchor, Memory
from mlops_magics.core.versioning.history.event_kinds import EventKind
from mlops_magics.core.versioning.history.events import FIRST_LINK, Event
from mlops_magics.errors import IntegrityError


class Chain:
    """The events read so far, with their faults. The chain reads no files itself."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.links: list[str] = []
        """The hash of each event, also of a damaged one."""
        self._faults: dict[int, str] = {}
        self._accepted: dict[str, str] = {}
        self._waived: dict[str, str] = {}

    def __len__(self) -> int:
        return len(self.links)

    @property
    def head(self) -> str:
        """The hash of the last event, which the next one must contain."""
        return self.links[-1] if self.links else FIRST_LINK

    def take(self, data: bytes | IntegrityError) -> None:
        """Add the next event: its bytes, or the error of reading it."""
        number, previous = len(self) + 1, self.head
        self.links.append(link_of(data))
        try:
            event = _event_of(data, number)
        except IntegrityError as error:
            self._faults[number] = str(error)
            return
        if event.link != previous:
            self._faults[number] = f"Event {number} of the board's log does not follow from the one before it."
        if event.kind is EventKind.ACCEPT:
            self._accepted |= event.details.get("events", {})
            self._waived |= event.details.get("anchors", {})
        self.events.append(event)

    def faults(self, memory: Memory) -> Mapping[int, str]:
        """Return number → fault of the damaged events that neither log nor user accepted."""
        accepted = {**self._accepted, **memory.events}
        return {
            number: reason
            for number, reason in self._faults.items()
            if accepted.get(str(number)) != self.links[number - 1]
        }

    def hashes(self, numbers: Mapping[int, str]) -> dict[str, str]:
        """Return number → hash of some events, as an acceptance records them."""
        return {str(number): self.links[number - 1] for number in numbers}

    def continues(self, anchor: Anchor) -> bool:
        """Return whether the log has the event at which the anchor was taken."""
        return anchor.length <= len(self) and self.links[anchor.length - 1] == anchor.head

    def waives(self, anchor: Anchor, memory: Memory) -> bool:
        """Return whether log or user accepted that the log does not agree with an anchor."""
        return {**self._waived, **memory.anchors}.get(anchor.key) == anchor.head


def link_of(data: bytes | IntegrityError) -> str:
    """Return the hash by which the next event refers to this one."""
    return hashlib.sha256(data if isinstance(data, bytes) else str(data).encode()).hexdigest()


def _event_of(data: bytes | IntegrityError, number: int) -> Event:
    if isinstance(data, IntegrityError):
        raise data
    return Event.from_bytes(data, number)
