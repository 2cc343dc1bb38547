"""The event log of a board on Posit Connect: a pin with an event in each bundle. Of two the lower number wins."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mlops_magics.core import json_text
from mlops_magics.core.versioning.names import LOG_PIN
from mlops_magics.core.versioning.stores import log_pin
from mlops_magics.core.versioning.stores.connect_content import ConnectPlace
from mlops_magics.errors import NotFound

EVENT = "event.json"


class ConnectLog(ConnectPlace):
    """The log. The server numbers bundles in their order, and so decides between two writers of one event."""

    def __init__(self, fs: Any, url: str) -> None:
        super().__init__(fs, url)
        self._read: dict[int, bytes] = {}

    def events(self, after: int) -> Iterator[bytes]:
        """Yield the events after a sequence number, in order."""
        with self.refusals("read"):
            known = self._events()
        sequence = after + 1
        while sequence in known:
            yield known[sequence][1]
            sequence += 1

    def event_marks(self) -> dict[int, object]:
        """Return number → bundle of all events, also of those after a gap. The mark of the identity is missing."""
        with self.refusals("read"):
            return {number: bundle for number, (bundle, _) in self._events().items() if number}

    def append_event(self, sequence: int, data: bytes) -> bool:
        """Add a bundle with the event. Return False when an earlier bundle holds the same number."""
        with self.refusals("write"):
            identity = self.ensure_log()
            if sequence in self._events():
                return False
            bundle = self._put(identity, {EVENT: data})
            won = self._events()[sequence][0] == bundle
            if not won:
                self.remove(LOG_PIN, bundle)
            return won

    def beat(self, key: str, data: bytes | None) -> None:
        """Keep no heartbeat, because nothing here can be overwritten."""

    def last_beat(self, key: str) -> bytes | None:
        """Return None, because no heartbeat is kept here."""
        return None

    def board_id(self) -> str | None:
        """Return the identity of the board from the log's first bundle, or None where we never wrote to it."""
        with self.refusals("read"):
            bundles = self.bundles(LOG_PIN)
            if not bundles:
                return None
            try:
                data = self.fetch(LOG_PIN, bundles[0], log_pin.FILE)
            except NotFound:
                return None
        return log_pin.board_of(data, self.url)

    def ensure_log(self) -> str:
        """Return the identity of the board, which the first writer creates."""
        found = self.board_id()
        if found is None:
            self._put(secrets.token_hex(16), {})
            found = self.board_id()
        return str(found)

    def _put(self, identity: str, more: dict[str, bytes]) -> int:
        with tempfile.TemporaryDirectory(prefix="mlops-magics-") as place:
            for file, data in {**log_pin.files(identity), **more}.items():
                (Path(place) / file).write_bytes(data)
            return self.put(LOG_PIN, Path(place))

    def _events(self) -> dict[int, tuple[int, bytes]]:
        """Return sequence → bundle and event. A bundle never changes, so each is read once."""
        found: dict[int, tuple[int, bytes]] = {}
        # the first bundle only creates the log
        for bundle in self.bundles(LOG_PIN)[1:]:
            if bundle not in self._read:
                self._read[bundle] = self._event(bundle)
            found.setdefault(_sequence(self._read[bundle]), (bundle, self._read[bundle]))
        return found

    def _event(self, bundle: int) -> bytes:
        try:
            return self.fetch(LOG_PIN, bundle, EVENT)
        except NotFound:  # of two first writers at once, the later one's bundle holds none
            return b""


def _sequence(event: bytes) -> int:
    try:
        return int(json_text.parse(event)["sequence"])
    except (ValueError, KeyError, TypeError):
        return 0
