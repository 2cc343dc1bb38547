"""Workers that share the memory of their models: the first one loads them, and forks the others before it asks them."""

from __future__ import annotations

import contextlib
import gc
import os
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO

from mlops_magics.core.deploying.endpoints import processes
from mlops_magics.core.versioning.formats import registry

POLL_SECONDS = 0.01


@dataclass(frozen=True, slots=True)
class Seat:
    """The ends of the two pipes that a worker holds which is yet to be forked."""

    number: int
    stdin: int
    stdout: int


class Forked:
    """A process that another worker forked, as `subprocess.Popen` shows one: known by its pid once it has spoken."""

    def __init__(self, stdin: IO[bytes], stdout: IO[bytes]) -> None:
        self.stdin, self.stdout = stdin, stdout
        self.pid, self.returncode = 0, None
        self._started = 0.0

    def introduce(self, pid: int) -> None:
        """Take down which process it is."""
        self.pid, self._started = pid, processes.started_at(pid) or 0.0

    def wait(self, timeout: float | None = None) -> None:
        """Wait until it has ended.

        Raises
        ------
        subprocess.TimeoutExpired
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        while self.pid and processes.runs(self.pid, self._started):
            if deadline is not None and time.monotonic() > deadline:
                raise subprocess.TimeoutExpired("worker", timeout or 0.0)
            time.sleep(POLL_SECONDS)

    def kill(self) -> None:
        """End it at once."""
        if self.pid:
            processes.kill(self.pid, self._started)


def supported() -> bool:
    """Tell whether processes of this platform can share memory by forking; on macOS its libraries forbid it."""
    return sys.platform == "linux"


def seat(number: int) -> tuple[Seat, Forked]:
    """Return a place for a worker that is to be forked, and the supervisor's side of it."""
    stdin, ours_in = os.pipe()
    ours_out, stdout = os.pipe()
    return Seat(number, stdin, stdout), Forked(os.fdopen(ours_in, "wb"), os.fdopen(ours_out, "rb"))


def give_away(seats: Sequence[Seat]) -> None:
    """Close this process's copies of pipe ends that another one holds now."""
    for place in seats:
        for end in (place.stdin, place.stdout):
            with contextlib.suppress(OSError):
                os.close(end)


def fork(seats: Sequence[Seat], voice: IO[str]) -> Seat | None:
    """Fork one worker for each seat, unless a library that was loaded forbids it; return the seat of this process.

    None is the first worker itself. A seat that stays empty is closed, and the supervisor starts a worker for it.
    """
    if not registry.threaded_libraries().isdisjoint(sys.modules):
        give_away(seats)
        return None
    gc.collect()
    gc.freeze()  # the collector writes into what it looks through, and what is written is no longer shared
    for place in seats:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # of threads: those of BLAS come through a fork
            pid = os.fork()
        if pid == 0:
            voice.close()  # or the first worker's end would not be heard
            os.dup2(place.stdin, 0)
            give_away([other for other in seats if other is not place])
            os.close(place.stdin)
            return place
        threading.Thread(target=os.waitpid, args=(pid, 0), name="reaper", daemon=True).start()
        give_away([place])
    return None
