"""Liveness of the process behind a claim: by its pid on this host, else by its signs of life on the board.

Clocks of two hosts are never compared: a claim is dead when its sign of life did not change for `LEASE_SECONDS` of this
host's monotonic clock, which is the same for all processes until the host restarts.
"""

from __future__ import annotations

import hashlib
import json
import socket
import time
from pathlib import Path

from mlops_magics.core import state
from mlops_magics.core.deploying.endpoints import processes
from mlops_magics.core.known_boards import key_of
from mlops_magics.core.versioning import Board
from mlops_magics.core.versioning.history.events import Event
from mlops_magics.core.versioning.names import FileName

LEASE_SECONDS = 60.0
"""Time without a new sign of life: six missed beats."""
FOLDER = "claims"


def is_alive(board: Board, claim: Event) -> bool:
    """Return whether the run of a claim may still work."""
    details = claim.details
    if _end_of(board, str(details.get("run"))).exists():
        return False
    if details.get("host") == socket.gethostname():
        # with the start of the process: its number may belong to another one by now
        return processes.runs(int(details.get("pid", 0)), float(details.get("started", 0.0)))
    beat = board.store.last_beat(str(details.get("run"))) or b""
    mark = hashlib.sha256(f"{claim.sequence}:".encode() + beat).hexdigest()
    path = _path(board, claim)
    seen = _read(path)
    # after a restart the monotonic clock begins anew, and a time of before would mean anything
    if seen is None or seen[:2] != (mark, _boot()) or seen[2] > time.monotonic():
        state.write_private(path, json.dumps({"mark": mark, "at": time.monotonic(), "boot": _boot()}).encode())
        return True
    return time.monotonic() - seen[2] < LEASE_SECONDS


def note_end(board: Board, run: str) -> None:
    """Note on this machine that a run has ended: its process may live on, and its board may refuse the event."""
    state.write_private(_end_of(board, run), b"{}")


def forget_end(board: Board, run: str) -> None:
    """Remove the note of `note_end`: the board has the event."""
    _end_of(board, run).unlink(missing_ok=True)


def _end_of(board: Board, run: str) -> Path:
    return state.directory(FOLDER, key_of(board.url)) / f"{FileName(run)}.ended"


def _path(board: Board, claim: Event) -> Path:
    return state.directory(FOLDER, key_of(board.url)) / f"{claim.name}.json"


def _read(path: Path) -> tuple[str, str, float] | None:
    """Return the sign of life that was seen last, the boot of this host, and the time on its monotonic clock."""
    try:
        found = state.read_json(path)
        return str(found["mark"]), str(found["boot"]), float(found["at"])
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _boot() -> str:
    """Return a word that changes when the host restarts, and its monotonic clock with it."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        import psutil

        return str(round(psutil.boot_time()))
