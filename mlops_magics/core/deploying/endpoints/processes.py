"""Processes by pid and start time: the system reuses a pid alone."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

SERVER = "mlops_magics.core.deploying.server"
SAME_START_SECONDS = 0.5
_children: list[subprocess.Popen[bytes]] = []
"""Children of this process, to be reaped when they end. Endpoints outlive the handle that started them."""


def started_at(pid: int) -> float | None:
    """Return when a process started (seconds since 1970), or ``None`` when it does not run."""
    import psutil

    reap()
    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else float(process.create_time())
    except psutil.Error:
        return None


def runs(pid: int, started: float) -> bool:
    """Return whether the process of this pid is the one that started then."""
    found = started_at(pid)
    return found is not None and abs(found - started) < SAME_START_SECONDS


def is_suspended(pid: int, started: float) -> bool:
    """Return whether a process was stopped by a signal (SIGSTOP, SIGTSTP) and not continued."""
    import psutil

    try:
        return runs(pid, started) and psutil.Process(pid).status() == psutil.STATUS_STOPPED
    except psutil.Error:
        return False


def spawn(arguments: list[str], log: Path, *, python: str = sys.executable, **options: Any) -> subprocess.Popen[bytes]:
    """Start a server process that does not receive this one's Ctrl-C. Its output goes to ``log``."""
    detached: dict[str, Any] = {"start_new_session": True}
    if sys.platform == "win32":
        detached = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.DETACHED_PROCESS}
    with open_private(log) as output:
        child = subprocess.Popen(  # noqa: S603, the interpreter and a module of ours
            [python, "-m", SERVER, *arguments],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            **detached,
            **options,
        )
    _children.append(child)
    return child


def open_private(path: Path) -> Any:
    """Open a log file for appending, with access for its owner only."""
    # several processes write to one log, and O_APPEND keeps each from overwriting the others
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab")


def reap() -> None:
    """Collect the exit status of ended children, so that none stays a zombie."""
    _children[:] = [child for child in _children if child.poll() is None]


def kill_group(pid: int) -> None:
    """Kill what is left of the processes that `spawn` began with this one. Windows has no groups to signal."""
    if sys.platform != "win32":
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)


def terminate(pid: int, started: float) -> None:
    """Send SIGTERM to a process, if it is still the same one."""
    import psutil

    if runs(pid, started):
        psutil.Process(pid).terminate()


def kill(pid: int, started: float) -> None:
    """Kill a process and its children, if it is still the same one."""
    import psutil

    if not runs(pid, started):
        return
    process = psutil.Process(pid)
    # children are found through their parent, so the list is made before it ends
    for each in [*process.children(recursive=True), process]:
        each.kill()


def wait_gone(pid: int, started: float, seconds: float) -> bool:
    """Wait until a process has ended, and return whether it has. A suspended one cannot end and is not waited for."""
    deadline = time.monotonic() + seconds
    while runs(pid, started):
        if time.monotonic() > deadline or is_suspended(pid, started):
            return False
        time.sleep(0.01)
    reap()
    return True
