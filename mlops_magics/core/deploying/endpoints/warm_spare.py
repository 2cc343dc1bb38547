"""A warm spare: a supervisor and a worker with its imports done, waiting for a plan: deploying is instant."""

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
    """One process of this process's own; it ends when this one does, unless an endpoint has been made of it."""

    def __init__(self) -> None:
        self._folder = state.directory(ENDPOINTS)
        self._log = self._folder / f"spare-{os.getpid()}-{os.urandom(4).hex()}.log"
        self.child = processes.spawn(["spare"], self._log)

    def fits(self, plan: Plan) -> bool:
        """Tell whether this plan can be carried out by it: one worker, any port on loopback, the same state folder."""
        same = self._folder == state.directory(ENDPOINTS)
        return plan.port == 0 and plan.host == HOST and plan.workers == 1 and same and self.child.poll() is None

    def rename_log(self, wanted: Path) -> None:
        """Let its log file be that of the endpoint."""
        self._log.replace(wanted)

    def end(self) -> None:
        """End it without an endpoint."""
        if self.child.stdin is not None:
            self.child.stdin.close()
        try:
            self.child.wait(5)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()
        self._log.unlink(missing_ok=True)


_waiting: list[Spare] = []
"""At most one; taken by the next deployment that it fits."""


def prepare() -> None:
    """Keep one spare waiting from now on until it is taken or discarded; costs an idle worker's memory."""
    _waiting[:] = [spare for spare in _waiting if spare.child.poll() is None]
    if not _waiting:
        _waiting.append(Spare())


def take(plan: Plan) -> Spare | None:
    """Return the spare for this plan, if there is one that fits."""
    if _waiting and _waiting[0].fits(plan):
        return _waiting.pop()
    return None


def discard() -> None:
    """End the spare that waits, if there is one."""
    while _waiting:
        _waiting.pop().end()
