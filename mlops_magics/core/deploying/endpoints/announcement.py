"""The announcement files by which endpoints are found: one for each, private, since it contains the token."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from mlops_magics.core import state
from mlops_magics.core.deploying.endpoints import processes
from mlops_magics.core.deploying.endpoints.paths import ENDPOINTS, announcement_of

State = Literal["starting", "running", "stopped", "died", "failed"]


@dataclass(frozen=True, slots=True)
class Announcement:
    """The facts of a running endpoint, rewritten by its supervisor whenever they change."""

    name: str
    version: str
    board: str
    host: str
    port: int
    pid: int
    pid_started: float
    started: float
    """Seconds since 1970."""
    state: State = "running"
    alias: str | None = None
    token: str | None = None
    notebook: str | None = None
    log: str | None = None
    models: Mapping[str, str] = field(default_factory=dict)
    """The version of every name that is served."""
    challengers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """The `Challenger` of each name."""
    workers: int = 1
    python: str = ""
    """The interpreter that runs it: a restart from another environment needs the same packages."""
    fast_path: str = ""
    """The way of calling the model, and its reason, in one line. Version 0.1 called it ``lane``."""
    control_port: int = 0
    control_key: str = ""
    proof_key: str = ""
    """By which clients know the endpoint (see `endpoint_proof`). Version 0.1 had none."""
    plan: Mapping[str, Any] = field(default_factory=dict)
    message: str = ""
    """The reason of a failed start."""

    @property
    def current_state(self) -> State:
        """The state, corrected by whether the process runs."""
        if self.state in {"running", "starting"} and not processes.runs(self.pid, self.pid_started):
            return "died"
        return self.state

    def write(self) -> None:
        """Write the announcement atomically."""
        state.write_private(announcement_of(self.board, self.name), json.dumps(dataclasses.asdict(self)).encode())


def read(path: Path) -> Announcement | None:
    """Read one file. Return ``None`` when it is gone, or not an announcement."""
    found = state.read_record(path, Announcement, renamed={"lane": "fast_path"})
    return found if found is not None and math.isfinite(found.started) else None


def announced_now(known: Announcement) -> Announcement | None:
    """Return the current announcement of an endpoint's model."""
    return read(announcement_of(known.board, known.name))


def all_announced() -> Iterator[Announcement]:
    """Yield every announcement in the state folder, newest first."""
    found = [read(path) for path in state.files_below(state.directory(ENDPOINTS))]
    yield from sorted((each for each in found if each is not None), key=lambda each: -each.started)


def forget(board: str, name: str, *, pid: int | None = None) -> None:
    """Remove an announcement, with ``pid`` only that of this process."""
    path = announcement_of(board, name)
    if pid is not None:
        found = read(path)
        if found is None or found.pid != pid:
            return
    path.unlink(missing_ok=True)
