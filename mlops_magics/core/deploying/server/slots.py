"""The versions of an endpoint: for each name the current one, the previous one, perhaps a challenger."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from mlops_magics.core.deploying.contract.http_error import HttpError
from mlops_magics.core.deploying.prediction_log.log_writer import LogWriter
from mlops_magics.core.deploying.serving.loaded_model import LoadedModel

Mode = Literal["canary", "shadow"]
SHARES = 10_000
"""Steps into which requests are hashed: a canary's share is exact to 0.01 %."""


@dataclass(frozen=True, slots=True)
class Challenger:
    """A second version: a canary answers a share of the requests, a shadow sees all of them and answers none."""

    loaded: LoadedModel
    share: float
    mode: Mode


class Slot:
    """The versions of one name. The version of a request is chosen when it arrives, and never changes for it."""

    def __init__(self, name: str, loaded: LoadedModel) -> None:
        self.name = name
        self.current = loaded
        self.previous: LoadedModel | None = None
        self.challenger: Challenger | None = None

    def pick(self, key: str) -> LoadedModel:
        """Return the version for a request, the same one for the same key while the share stays."""
        challenger = self.challenger
        if challenger is None or challenger.mode == "shadow" or not _is_in_share(key, challenger.share):
            return self.current
        return challenger.loaded

    def shadow(self) -> LoadedModel | None:
        """Return the version that sees every request and answers none."""
        return self.challenger.loaded if self.challenger is not None and self.challenger.mode == "shadow" else None

    def swap(self, loaded: LoadedModel) -> None:
        """Answer with this version from the next request on, and keep the previous one in memory for a rollback."""
        if loaded is not self.current:
            self.previous, self.current = self.current, loaded

    def warm(self, version: str) -> LoadedModel | None:
        """Return a version that is in memory already."""
        return next((loaded for loaded in self.held() if loaded.version.version == version), None)

    def held(self) -> list[LoadedModel]:
        """Return every version in memory."""
        models = [self.current, self.previous, self.challenger.loaded if self.challenger else None]
        return [loaded for loaded in models if loaded is not None]


def _is_in_share(key: str, share: float) -> bool:
    # not hash(), whose salt differs between workers and after a restart
    step = int.from_bytes(hashlib.blake2b(key.encode(), digest_size=4).digest(), "big") % SHARES
    return step < share * SHARES


class SlotTable:
    """The slots of an endpoint by name, and the logs of their versions.

    Parameters
    ----------
    open_log
        Returns the log writer of a version, or ``None`` where nothing is logged.

    Attributes
    ----------
    first
        The slot of routes without a name.
    """

    first: Slot

    def __init__(self, open_log: Callable[[LoadedModel], LogWriter] | None = None) -> None:
        self.slots: dict[str, Slot] = {}
        self._open_log = open_log
        self._logs: dict[LoadedModel, LogWriter] = {}

    def add(self, loaded: LoadedModel) -> Slot:
        """Serve a version under its model's name."""
        slot = self.slots[loaded.version.name] = Slot(loaded.version.name, loaded)
        if len(self.slots) == 1:
            self.first = slot
        return slot

    def slot(self, name: str) -> Slot:
        """Return the slot of a name, the first one for an empty name.

        Raises
        ------
        HttpError
            404, with the names that are served.
        """
        if not name:
            return self.first
        if name not in self.slots:
            raise HttpError(404, f"No model {name[:80]!r} here. Known: {', '.join(self.slots)}.")
        return self.slots[name]

    def challengers(self) -> dict[str, dict[str, Any]]:
        """Return the challengers by name, as JSON values."""
        return {
            name: {"version": rival.loaded.version.version, "mode": rival.mode, "share": rival.share}
            for name, slot in self.slots.items()
            if (rival := slot.challenger) is not None
        }

    def log(self, loaded: LoadedModel) -> LogWriter | None:
        """Return the log of a version, opened on first use."""
        if self._open_log is None:
            return None
        writer = self._logs.get(loaded)
        if writer is None:
            writer = self._logs[loaded] = self._open_log(loaded)
        return writer

    def logs(self) -> list[LogWriter]:
        """Return every open log."""
        return list(self._logs.values())

    def close_unused_logs(self) -> None:
        """Close the logs of versions that no slot holds any more."""
        held = {id(loaded) for slot in self.slots.values() for loaded in slot.held()}
        for loaded in [loaded for loaded in self._logs if id(loaded) not in held]:
            self._logs.pop(loaded).close()

    def close(self) -> None:
        """Write and close every log."""
        for writer in self._logs.values():
            writer.close()
        self._logs.clear()
