"""What the workers of one endpoint counted: each leaves its tally in a file, and whichever is asked knows them all."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from mlops_magics.core import state
from mlops_magics.core.deploying.endpoints.paths import board_key, checked
from mlops_magics.core.deploying.server.counts.counters import Metrics

COUNTS = "counts"
SECONDS = 0.25
"""How often a worker leaves its tally, where it changed: what another tells of it is no older."""


@dataclass(frozen=True)
class Tally:
    """What one worker counted, and what waits in it."""

    worker: int
    metrics: Metrics
    waiting: int = 0
    log: Mapping[str, Any] = field(default_factory=dict)
    """Rows ``written``, ``dropped`` and ``waiting``, and the ``failure`` of the prediction log."""

    def to_json(self) -> dict[str, Any]:
        """Return the tally as JSON values."""
        return {"worker": self.worker, "metrics": self.metrics.to_json(), "waiting": self.waiting, "log": self.log}

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Tally:
        """Read what `to_json` wrote."""
        return cls(told["worker"], Metrics.from_json(told["metrics"]), told["waiting"], told["log"])


class Ledger:
    """The tallies of an endpoint's workers; those of workers that have ended stay, so that no total goes back.

    Parameters
    ----------
    folder
        Of the endpoint; None where there is only one worker.
    worker
        The number of this one.
    """

    def __init__(self, folder: Path | None = None, worker: int = 1) -> None:
        self._folder, self.worker = folder, worker
        self._left = b""

    def leave(self, tally: Tally) -> None:
        """Write this worker's tally, unless it is the last one; a disk that is full costs the others' view of it."""
        if self._folder is None:
            return
        written = orjson.dumps(tally.to_json())
        if written != self._left:
            draft = self._folder / f".{self.worker}"
            with contextlib.suppress(OSError):
                with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, state.PRIVATE_FILE), "wb") as file:
                    file.write(written)
                os.replace(draft, self._folder / f"{self.worker}.json")
                self._left = written

    def others(self) -> list[Tally]:
        """Return the tallies of all other workers."""
        if self._folder is None:
            return []
        found = []
        for path in self._folder.glob("*.json"):
            if path.stem != str(self.worker):
                with contextlib.suppress(FileNotFoundError):  # the endpoint is being stopped
                    found.append(Tally.from_json(orjson.loads(path.read_bytes())))
        return found


def folder_of(board: str, name: str) -> Path:
    """Return the folder of an endpoint's tallies, empty."""
    forget(board, name)
    return state.directory(COUNTS, f"{board_key(board)}-{checked(name)}")


def forget(board: str, name: str) -> None:
    """Remove an endpoint's tallies."""
    shutil.rmtree(state.directory(COUNTS) / f"{board_key(board)}-{checked(name)}", ignore_errors=True)
