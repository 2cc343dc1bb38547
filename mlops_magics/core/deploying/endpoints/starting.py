"""The start of an endpoint's processes, until they answer."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
import time
from typing import Any

from mlops_magics.core import recipe_guard, state
from mlops_magics.core.deploying.endpoints import announcement, paths, private_boards, processes, warm_spare
from mlops_magics.core.deploying.endpoints.announcement import Announcement
from mlops_magics.core.deploying.endpoints.listening import OTHER_PORT, listen
from mlops_magics.core.deploying.endpoints.plan import Plan
from mlops_magics.errors import EndpointError

START_SECONDS = 120.0
POLL_SECONDS = 0.005
ENDING_SECONDS = 5.0
"""For an interrupted start to end by itself, before it is killed."""
PORT_SECONDS = 0.02
"""Between two attempts to bind a port that is still taken."""


def start(
    plan: Plan,
    *,
    patience: float = 0.0,
    any_port: bool = False,
    other_port: str = OTHER_PORT,
    python: str = sys.executable,
) -> Announcement:
    """Start the processes of a plan, and return their announcement when they answer.

    Parameters
    ----------
    patience
        Until when (monotonic clock, seconds) a taken port is tried again: its former owner may be closing it.
    any_port
        Take a free port when the planned one stays taken.
    other_port
        The next step, for the error about a port that stays taken. What was announced before is kept then.
    python
        The interpreter whose packages the model needs, by default this process's own.

    Raises
    ------
    EndpointError
        When the port is taken, or the processes fail to start.
    StateError
        When the disk of the state folder is full or read-only.
    """
    recipe_guard.refuse("the start of an endpoint")
    plan = dataclasses.replace(plan, port=free_port(plan, patience, any_port, other_port))
    for served in plan.models:
        private_boards.materialise(served.board, served.name, served.version)
    log = paths.announcement_of(plan.first.board, plan.first.name).with_suffix(".log")
    announcement.forget(plan.first.board, plan.first.name)
    warm = warm_spare.take(plan) if python == sys.executable else None
    if warm is not None:
        warm.rename_log(log)
    child = warm.child if warm is not None else processes.spawn([], log, python=python)
    assert child.stdin is not None
    child.stdin.write(json.dumps({"plan": plan.to_json(), "log": str(log)}).encode() + b"\n")
    child.stdin.flush()
    # the supervisor of a temporary endpoint stops when this process ends, and the pipe with it
    if not plan.temporary:
        child.stdin.close()
    try:
        return _wait_ready(plan, child)
    except KeyboardInterrupt:
        _end(plan, child)
        raise


def _end(plan: Plan, child: Any) -> None:
    """End a process that nobody waits for any more: it would answer with what its user gave up."""
    child.terminate()
    try:
        child.wait(ENDING_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
    processes.kill_group(child.pid)  # a supervisor that ended before it heeds signals leaves its worker behind
    announcement.forget(plan.first.board, plan.first.name, pid=child.pid)


def _wait_ready(plan: Plan, child: Any) -> Announcement:
    path = paths.announcement_of(plan.first.board, plan.first.name)
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        # before the announcement is read, because a process writes its reason before it ends
        ended = child.poll() is not None
        found = announcement.read(path)
        if found is not None and found.pid == child.pid and found.state == "running":
            return found
        if ended:
            announcement.forget(plan.first.board, plan.first.name, pid=child.pid)
            if found is not None and found.message:
                raise EndpointError(found.message)
            state.check_room()
            log = path.with_suffix(".log")
            raise EndpointError(f"The endpoint of {plan.first.name!r} did not start. For the reason see {log}.")
        time.sleep(POLL_SECONDS)
    child.kill()
    raise EndpointError(f"The endpoint of {plan.first.name!r} was not ready within {START_SECONDS:g} s.")


def free_port(plan: Plan, patience: float, any_port: bool, other_port: str = OTHER_PORT) -> int:
    """Return the planned port if it is or becomes free, else 0 (any port) where that is allowed.

    Parameters
    ----------
    plan
        The plan, with host and port.
    patience, any_port, other_port
        As `start` takes them.

    Raises
    ------
    EndpointError
        When the port stays taken.
    """
    while plan.port:
        try:
            listen(plan.host, plan.port, other_port).close()
        except EndpointError:
            if time.monotonic() < patience:
                time.sleep(PORT_SECONDS)
            elif any_port:
                return 0
            else:
                raise
        else:
            break
    return plan.port
