"""The pool of an endpoint's workers, which spawns them on the shared socket, commands them, replaces ended ones."""

from __future__ import annotations

import dataclasses
import json
import logging
import queue
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from itertools import count
from typing import Any

from mlops_magics.core import state
from mlops_magics.core.deploying.endpoints.control_channel import STOPPING
from mlops_magics.core.deploying.endpoints.plan import Plan
from mlops_magics.core.deploying.endpoints.processes import SERVER
from mlops_magics.core.deploying.server.counts import worker_tallies
from mlops_magics.core.deploying.server.processes import forking
from mlops_magics.core.deploying.server.processes.catch_up import commands_between
from mlops_magics.errors import EndpointError

FIRST_DELAY, LONGEST_DELAY = 0.05, 30.0
"""Seconds before a worker is replaced, doubled each time that one ends soon after its start."""
HEALTHY_SECONDS = 30.0
"""A worker that ran for so long resets the delay."""
REPLY_SECONDS = 110.0

logger = logging.getLogger(__name__)


class WorkerHandle:
    """One worker process, with the pipes to it and the plan that it was given."""

    plan: Plan

    def __init__(self, number: int, child: subprocess.Popen[bytes] | forking.ForkedProcess) -> None:
        self.number, self.child = number, child
        self.started = time.monotonic()
        self.was_ready = self.has_ended = False
        self.failure = ""
        self.replies: dict[int, queue.SimpleQueue[dict[str, Any]]] = {}

    def send(self, message: dict[str, Any]) -> None:
        """Send one JSON line to the worker. A worker that has ended does not receive it."""
        assert self.child.stdin is not None
        try:
            self.child.stdin.write(json.dumps(message).encode() + b"\n")
            self.child.stdin.flush()
        except OSError:
            logger.info("worker %d does not read its commands", self.child.pid)


class WorkerPool:
    """All workers of the endpoint.

    Parameters
    ----------
    spare
        A worker that was spawned before the plan was known. It becomes the first one.

    Attributes
    ----------
    events
        ``(kind, worker, event)``: ``"event"`` with a worker's event, ``"ended"`` when one ended.
    changing
        Held while workers change to another version, and while a new one catches up.
    """

    def __init__(self, spare: WorkerHandle | None = None) -> None:
        self.events: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._numbers, self._command_ids = count(1), count()
        self._workers: dict[int, WorkerHandle] = {}
        self._spare = spare
        self._delay = FIRST_DELAY
        self._stopping = False
        self._spawning = threading.Lock()
        self.changing = threading.Lock()

    def start(self, plan: Plan, listening: socket.socket, proof_key: str) -> None:
        """Start the planned number of workers, each of which can prove to clients whose it is."""
        self.plan, self._socket = plan, listening  # the owner's commands change the plan
        self._proof_key = proof_key
        self._counts = str(worker_tallies.folder_of(plan.first.board, plan.first.name)) if plan.workers > 1 else ""
        if plan.workers > 1 and forking.supported():
            self._add_forking()
        else:
            for _ in range(plan.workers):
                self._add()

    def replace(self, worker: WorkerHandle) -> None:
        """Start another worker for one that ended, with a growing delay when workers keep ending."""
        self._workers.pop(worker.number, None)
        if self._stopping:
            return
        healthy = worker.was_ready and time.monotonic() - worker.started > HEALTHY_SECONDS
        self._delay = FIRST_DELAY if healthy else min(2 * self._delay, LONGEST_DELAY)
        status = worker.child.returncode
        logger.warning("worker %d ended with status %s; restart in %.2f s", worker.child.pid, status, self._delay)
        timer = threading.Timer(self._delay, self._add)
        timer.daemon = True
        timer.start()

    def ready(self) -> list[WorkerHandle]:
        """Return the workers that answer now."""
        return [worker for worker in self._workers.values() if worker.was_ready]

    def command(self, workers: Sequence[WorkerHandle], command: dict[str, Any]) -> dict[str, Any]:
        """Send a command to workers, and return the first reply when all have replied.

        A worker that ends meanwhile is not waited for: its replacement is started from the new plan.

        Raises
        ------
        EndpointError
            When a worker refuses, none is ready, or they are stopping.
        """
        if self._stopping:  # a worker that finishes its requests would still take it, and end with it
            raise EndpointError(STOPPING)
        number = next(self._command_ids)
        boxes = []
        for worker in workers:
            # before the command is sent, because the reply may come at once
            box = worker.replies[number] = queue.SimpleQueue[dict[str, Any]]()
            boxes.append(box)
            worker.send({**command, "id": number})
            if worker.has_ended:  # its reader answers the boxes of before, and this one may have come too late
                box.put({"ended": True})
        replies = [reply for reply in map(_wait, boxes) if not reply.get("ended")]
        if not replies:
            raise EndpointError("No worker is ready. Try again in a moment.")
        refused = next((reply for reply in replies if "error" in reply), None)
        if refused is not None:
            raise EndpointError(refused["error"])
        return replies[0]

    def catch_up(self, worker: WorkerHandle) -> None:
        """Send a worker that has just become ready the changes since it was given its plan."""
        for command in commands_between(worker.plan, self.plan):
            worker.send({**command, "id": -1})  # no box has this number, so the reply is dropped

    def discard_spare(self) -> None:
        """Stop the unused spare worker."""
        if self._spare is not None:
            self._spare.child.kill()
            self._spare.child.wait()

    def stop(self, seconds: float) -> None:
        """Stop every worker: those that are ready finish their requests within so many seconds, others are killed."""
        with self._spawning:  # a worker that is being spawned is either in the list or never spawned
            self._stopping = True
            workers = list(self._workers.values())
        for worker in workers:
            if worker.was_ready:
                worker.send({"do": "stop"})
            else:
                worker.child.kill()
        deadline = time.monotonic() + seconds + 1.0
        for worker in workers:
            try:
                worker.child.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                worker.child.kill()
                worker.child.wait()
        if self._counts and not state.is_gone():
            worker_tallies.forget(self.plan.first.board, self.plan.first.name)

    def _add(self) -> None:
        with self._spawning:
            if not self._stopping:
                worker, self._spare = self._spare or spawn_worker(next(self._numbers), self._socket), None
                self._register(worker)

    def _add_forking(self) -> None:
        """Start one worker, which forks the others when it has loaded the models that they share."""
        slots = [forking.fork_slot(next(self._numbers)) for _ in range(self.plan.workers - 1)]
        first = spawn_worker(next(self._numbers), self._socket, [slot for slot, _ in slots])
        self._register(first, [slot for slot, _ in slots])
        for slot, forked in slots:
            self._register(WorkerHandle(slot.number, forked), has_plan=True)

    def _register(
        self, worker: WorkerHandle, slots: Sequence[forking.ForkSlot] = (), *, has_plan: bool = False
    ) -> None:
        """Read a worker's events, and send it the plan. A forked one has it already."""
        self._workers[worker.number] = worker
        worker.plan = self.plan
        name = f"worker-{worker.number}"
        threading.Thread(target=self._read_events, args=(worker,), name=name, daemon=True).start()
        if not has_plan:
            start = {"plan": worker.plan.to_json(), "number": worker.number, "counts": self._counts}
            start["proof_key"] = self._proof_key
            forked = [dataclasses.astuple(slot) for slot in slots]
            worker.send({**start, "slots": forked, "socket": self._socket.fileno()})

    def _read_events(self, worker: WorkerHandle) -> None:
        """Pass on the events of one worker until it ends."""
        assert worker.child.stdout is not None
        any_event = False
        for line in worker.child.stdout:
            any_event, event = True, json.loads(line)
            if isinstance(worker.child, forking.ForkedProcess) and "pid" in event:
                worker.child.record_pid(event["pid"])
            if event["event"] == "reply":
                box = worker.replies.pop(event["id"], None)
                if box is not None:
                    box.put(event)
                continue
            worker.was_ready |= event["event"] == "ready"
            self.events.put(("event", worker, event))
        worker.child.wait()
        worker.has_ended = True
        for box in list(worker.replies.values()):  # a command may add one meanwhile
            box.put({"ended": True})
        if isinstance(worker.child, forking.ForkedProcess) and not any_event:  # it could not be forked
            del self._workers[worker.number]
            self._add()
            return
        self.events.put(("ended", worker, {}))


def spawn_worker(
    number: int, listening: socket.socket, slots: Sequence[forking.ForkSlot] = (), *, warm: bool = False
) -> WorkerHandle:
    """Start a worker process, which waits for its plan.

    Parameters
    ----------
    number
        Of the worker in the pool.
    slots
        Of the workers that it will fork.
    warm
        Import the models' libraries meanwhile.
    """
    ends = [end for slot in slots for end in (slot.stdin, slot.stdout)]
    options: dict[str, Any] = {"pass_fds": (listening.fileno(), *ends)} if sys.platform != "win32" else {}
    child = subprocess.Popen(  # noqa: S603, the interpreter and a module of ours
        [sys.executable, "-m", SERVER, "worker", *(["warm"] if warm else [])],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        **options,
    )
    forking.close_in_parent(slots)
    return WorkerHandle(number, child)


def _wait(box: queue.SimpleQueue[dict[str, Any]]) -> dict[str, Any]:
    try:
        return box.get(timeout=REPLY_SECONDS)
    except queue.Empty:
        return {"error": f"A worker did not reply within {REPLY_SECONDS:g} s."}
