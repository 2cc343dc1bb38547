"""A warm spare: a supervisor and a worker that have done their imports and wait for a plan."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from mlops_magics.core import state
from mlops_magics.core.deploying.endpoints import processes
from mlops_magics.core.deploying.endpoints.paths import ENDPOINTS
from mlops_magics.core.deploying.endpoints.plan import Plan

HOST = "127.0.0.1"


class Spare:
    """A child process, which ends with this process unless it has become an endpoint."""

    def __init__(self) -> None:
        self._folder = state.directory(ENDPOINTS)
        self._log = self._folder / f"spare-{os.getpid()}-{os.urandom(4).hex()}.log"
        self.child = processes.spawn(["spare"], self._log)

    def fits(self, plan: Plan) -> bool:
        """Return whether the spare can carry out a plan: one worker, any port on loopback, the same state folder."""
        same = self._folder == state.directory(ENDPOINTS)
        return plan.port == 0 and plan.host == HOST and plan.workers == 1 and same and self.child.poll() is None

    def rename_log(self, wanted: Path) -> None:
        """Rename its log file to that of the endpoint."""
        self._log.replace(wanted)

    def end(self) -> None:
        """Stop the process, which has not become an endpoint."""
        if self.child.stdin is not None:
            self.child.stdin.close()
        try:
            self.child.wait(5)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()
        self._log.unlink(missing_ok=True)


_waiting: list[Spare] = []
"""At most one. The next deployment that it fits takes it."""


def prepare() -> None:
    """Start a spare if none waits. It costs the memory of an idle worker."""
    _waiting[:] = [spare for spare in _waiting if spare.child.poll() is None]
    if not _waiting:
        _waiting.append(Spare())


def take(plan: Plan) -> Spare | None:
    """Return the spare, if one waits and fits the plan."""
    if _waiting and _waiting[0].fits(plan):
        return _waiting.pop()
    return None


def discard() -> None:
    """Stop the spare that waits, if there is one."""
    while _waiting:
        _waiting.pop().end()
