"""Per-worker counters on disk: each worker publishes its tally in a file, so that every worker can report all."""

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
from mlops_magics.core.deploying.endpoints.paths import safe_name
from mlops_magics.core.deploying.server.counts.counters import Metrics
from mlops_magics.core.known_boards import key_of

COUNTS = "counts"
SECONDS = 0.25
"""Seconds between two publications of a worker's tally, so that another worker's view is at most so old."""


@dataclass(frozen=True)
class Tally:
    """The counters of one worker."""

    worker: int
    metrics: Metrics
    waiting: int = 0
    log: Mapping[str, Any] = field(default_factory=dict)
    """Rows ``written``, ``dropped`` and ``waiting``, and the ``failure`` of the prediction log."""

    def to_json(self) -> dict[str, Any]:
        """Return the tally as JSON values."""
        return {"worker": self.worker, "metrics": self.metrics.to_json(), "waiting": self.waiting, "log": self.log}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Tally:
        """Read what `to_json` wrote."""
        return cls(values["worker"], Metrics.from_json(values["metrics"]), values["waiting"], values["log"])


class WorkerTallies:
    """The tallies of an endpoint's workers. Those of ended workers stay, so that totals never decrease.

    Parameters
    ----------
    folder
        Of the endpoint, or None where there is only one worker.
    worker
        The number of this one.
    """

    def __init__(self, folder: Path | None = None, worker: int = 1) -> None:
        self._folder, self.worker = folder, worker
        self._published = b""

    def publish(self, tally: Tally) -> None:
        """Write this worker's tally if it changed. Errors such as a full disk are ignored."""
        if self._folder is None:
            return
        data = orjson.dumps(tally.to_json())
        if data != self._published:
            # renamed at the end: another worker reads the old file or the new one, never a part
            draft = self._folder / f".{self.worker}"
            with contextlib.suppress(OSError):
                with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, state.PRIVATE_FILE), "wb") as file:
                    file.write(data)
                os.replace(draft, self._folder / f"{self.worker}.json")
                self._published = data

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
    return state.directory(COUNTS, f"{key_of(board)}-{safe_name(name)}")


def forget(board: str, name: str) -> None:
    """Remove an endpoint's tallies."""
    shutil.rmtree(state.directory(COUNTS) / f"{key_of(board)}-{safe_name(name)}", ignore_errors=True)
