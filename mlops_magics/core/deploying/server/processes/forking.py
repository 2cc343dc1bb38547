"""Forked workers that share the memory of their models: the first one loads the models, then forks the others."""

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
class ForkSlot:
    """The pipe ends of a worker that will be forked."""

    number: int
    stdin: int
    stdout: int


class ForkedProcess:
    """A process forked by another worker, with the interface of `subprocess.Popen`. Its first event has its pid."""

    def __init__(self, stdin: IO[bytes], stdout: IO[bytes]) -> None:
        self.stdin, self.stdout = stdin, stdout
        self.pid, self.returncode = 0, None
        self._started = 0.0

    def record_pid(self, pid: int) -> None:
        """Record the child's pid."""
        # a pid can be given to another process later, which has another start
        self.pid, self._started = pid, processes.started_at(pid) or 0.0

    def wait(self, timeout: float | None = None) -> None:
        """Wait until the process has ended.

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
        """Kill the process."""
        if self.pid:
            processes.kill(self.pid, self._started)


def supported() -> bool:
    """Return whether processes can be forked here. On macOS the system libraries forbid it."""
    return sys.platform == "linux"


def fork_slot(number: int) -> tuple[ForkSlot, ForkedProcess]:
    """Return the pipe ends of a worker that will be forked, and the supervisor's side of them."""
    stdin, ours_in = os.pipe()
    ours_out, stdout = os.pipe()
    return ForkSlot(number, stdin, stdout), ForkedProcess(os.fdopen(ours_in, "wb"), os.fdopen(ours_out, "rb"))


def close_in_parent(slots: Sequence[ForkSlot]) -> None:
    """Close this process's copies of pipe ends that a child holds now."""
    for slot in slots:
        for end in (slot.stdin, slot.stdout):
            with contextlib.suppress(OSError):
                os.close(end)


def fork(slots: Sequence[ForkSlot], events: IO[str]) -> ForkSlot | None:
    """Fork one worker for each slot, and return the slot of this process, or ``None`` for the first worker itself.

    Nothing is forked where a loaded library has threads that do not survive it. An unused slot is closed. Then the
    supervisor starts a process for it.
    """
    if not registry.threaded_libraries().isdisjoint(sys.modules):
        close_in_parent(slots)
        return None
    # before the freeze, after which garbage would stay for ever
    gc.collect()
    gc.freeze()  # the collector writes into every object that it visits, and a written page is no longer shared
    for slot in slots:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # about threads: those of BLAS survive a fork
            pid = os.fork()
        if pid == 0:
            events.close()  # else the pipe stays open after the first worker has ended
            os.dup2(slot.stdin, 0)
            close_in_parent([other for other in slots if other is not slot])
            os.close(slot.stdin)
            return slot
        # the child is not the supervisor's own: without this wait it would stay as a zombie
        threading.Thread(target=os.waitpid, args=(pid, 0), name="reaper", daemon=True).start()
        close_in_parent([slot])
    return None
