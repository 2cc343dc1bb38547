"""The versions that an endpoint answers with: one current for each name, the previous, perhaps a challenger."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from mlops_magics.core.deploying.contract.http_error import Refusal
from mlops_magics.core.deploying.prediction_log.log_writer import LogWriter
from mlops_magics.core.deploying.serving.loaded_model import Serving

Mode = Literal["canary", "shadow"]
SHARES = 10_000
"""Steps into which requests are hashed: a canary's share is exact to 0.01 %."""


@dataclass(frozen=True, slots=True)
class Challenger:
    """Another version that gets a share of the requests, or sees all of them in the shadow."""

    serving: Serving
    share: float
    mode: Mode


class Slot:
    """One name's versions; which of them answers is decided when a request arrives, and never changes for it."""

    def __init__(self, name: str, serving: Serving) -> None:
        self.name = name
        self.current = serving
        self.previous: Serving | None = None
        self.challenger: Challenger | None = None

    def pick(self, key: str) -> Serving:
        """Return the version for this request: the same one for the same key, as long as the share stays."""
        challenger = self.challenger
        if challenger is None or challenger.mode == "shadow" or not _chosen(key, challenger.share):
            return self.current
        return challenger.serving

    def shadow(self) -> Serving | None:
        """Return the version that sees every request and answers none."""
        return self.challenger.serving if self.challenger is not None and self.challenger.mode == "shadow" else None

    def swap(self, serving: Serving) -> None:
        """Answer with this version from the next request on; the one before stays in memory for a way back."""
        if serving is not self.current:
            self.previous, self.current = self.current, serving

    def warm(self, version: str) -> Serving | None:
        """Return a version that is in memory already."""
        held = [self.current, self.previous, self.challenger.serving if self.challenger else None]
        return next((serving for serving in held if serving is not None and serving.version.version == version), None)

    def held(self) -> list[Serving]:
        """Return every version in memory."""
        servings = [self.current, self.previous, self.challenger.serving if self.challenger else None]
        return [serving for serving in servings if serving is not None]


def _chosen(key: str, share: float) -> bool:
    step = int.from_bytes(hashlib.blake2b(key.encode(), digest_size=4).digest(), "big") % SHARES
    return step < share * SHARES


class Catalogue:
    """The slots of an endpoint by name, and the logs of their versions.

    Parameters
    ----------
    open_log
        Makes the log writer of a version; ``None`` where nothing is logged.

    Attributes
    ----------
    first
        The slot that routes without a name mean.
    """

    first: Slot

    def __init__(self, open_log: Callable[[Serving], LogWriter] | None = None) -> None:
        self.slots: dict[str, Slot] = {}
        self._open_log = open_log
        self._logs: dict[Serving, LogWriter] = {}

    def add(self, serving: Serving) -> Slot:
        """Serve a version under its model's name."""
        slot = self.slots[serving.version.name] = Slot(serving.version.name, serving)
        if len(self.slots) == 1:
            self.first = slot
        return slot

    def slot(self, name: str) -> Slot:
        """Return the slot of a name.

        Raises
        ------
        Refusal
            404, naming what is served.
        """
        if name not in self.slots:
            raise Refusal(404, f"No model {name[:80]!r} here. Known: {', '.join(self.slots)}.")
        return self.slots[name]

    def challengers(self) -> dict[str, dict[str, Any]]:
        """Say by name what is tried out beside the version that answers."""
        return {
            name: {"version": rival.serving.version.version, "mode": rival.mode, "share": rival.share}
            for name, slot in self.slots.items()
            if (rival := slot.challenger) is not None
        }

    def log(self, serving: Serving) -> LogWriter | None:
        """Return the log of a version, opened when it first answers."""
        if self._open_log is None:
            return None
        writer = self._logs.get(serving)
        if writer is None:
            writer = self._logs[serving] = self._open_log(serving)
        return writer

    def logs(self) -> list[LogWriter]:
        """Return every log that is open."""
        return list(self._logs.values())

    def release(self) -> list[Serving]:
        """Close the logs of versions that no slot holds any more, and return those versions."""
        held = {id(serving) for slot in self.slots.values() for serving in slot.held()}
        gone = [serving for serving in self._logs if id(serving) not in held]
        for serving in gone:
            self._logs.pop(serving).close()
        return gone

    def close(self) -> None:
        """Write every log out."""
        for writer in self._logs.values():
            writer.close()
        self._logs.clear()
