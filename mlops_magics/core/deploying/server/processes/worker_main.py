"""The main function of a worker process, which reads the plan from stdin, loads the models, and serves."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import socket
import sys
import threading
from collections.abc import Callable, Coroutine
from functools import partial
from pathlib import Path
from typing import Any

from mlops_magics.core.deploying.contract import endpoint_proof
from mlops_magics.core.deploying.endpoints.plan import Plan
from mlops_magics.core.deploying.server.counts.worker_tallies import WorkerTallies
from mlops_magics.core.deploying.server.processes import forking
from mlops_magics.core.deploying.server.processes.service_builder import build_service, load, load_challengers
from mlops_magics.core.deploying.server.processes.worker import SendEvent, Worker, freeze_objects
from mlops_magics.core.deploying.server.service import Service
from mlops_magics.errors import MlopsError

SWITCH_SECONDS = 0.0005
"""The longest time that the thread of the log, or of a large body, may keep the interpreter from the event loop."""

logger = logging.getLogger(__name__)


class EventChannel:
    """Sends a worker's events to its supervisor, one JSON line each."""

    def __init__(self, end: int) -> None:
        self.lines = os.fdopen(end, "w", buffering=1)
        self._lock = threading.Lock()

    def __call__(self, event: dict[str, Any]) -> None:
        """Send one event. A supervisor that has ended does not receive it."""
        with self._lock, contextlib.suppress(BrokenPipeError):
            self.lines.write(json.dumps(event) + "\n")


def main(*, warm: bool = False) -> None:
    """Serve until a stop.

    Parameters
    ----------
    warm
        Import the models' libraries while the plan has not yet arrived.
    """
    events = EventChannel(os.dup(1))
    os.dup2(2, 1)  # a model's prints go to the log file, not between the events
    if warm:
        from mlops_magics.core.deploying.server.processes.warm_up import warm_up_libraries

        warm_up_libraries()
        freeze_objects()
    line = sys.stdin.readline()
    if not line:
        return
    given = json.loads(line)
    plan, number = Plan.from_json(given["plan"]), given["number"]
    try:
        models, rivals = [load(served) for served in plan.models], load_challengers(plan)
        slots = [forking.ForkSlot(*slot) for slot in given["slots"]]
        mine = forking.fork(slots, events.lines) if slots else None
        if mine is not None:
            number, events = mine.number, EventChannel(mine.stdout)
            events({"event": "forked", "pid": os.getpid()})
        tallies = WorkerTallies(Path(given["counts"]) if given["counts"] else None, number)
        listening = socket.socket(fileno=given["socket"])
        service = build_service(plan, models, rivals, tallies)
        service.prove = partial(endpoint_proof.answer, given["proof_key"], listening.getsockname()[1])
        _run(plan, service, listening, events)
    except MlopsError as error:
        events({"event": "failed", "message": str(error)})
        sys.exit(1)
    except Exception as error:
        logger.exception("the worker failed")
        events({"event": "failed", "message": f"{type(error).__name__}: {error}"})
        sys.exit(1)


def _run(plan: Plan, service: Service, listening: socket.socket, send: SendEvent) -> None:
    async def serve() -> None:
        worker = Worker(plan, service, listening, send)
        sys.setswitchinterval(SWITCH_SECONDS)
        await worker.run(sys.stdin)
        os._exit(0)  # a version that is still being loaded must not keep the process alive

    _loop_runner()(serve())


def _loop_runner() -> Callable[[Coroutine[Any, Any, None]], None]:
    """Return the function that runs the event loop: uvloop's where it is installed."""
    try:
        import uvloop
    except ImportError:
        return asyncio.run
    run: Callable[[Coroutine[Any, Any, None]], None] = uvloop.run
    return run
