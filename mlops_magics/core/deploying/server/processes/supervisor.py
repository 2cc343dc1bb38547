"""The supervisor process, which holds socket and announcement, keeps workers alive, and handles commands."""

from __future__ import annotations

import dataclasses
import logging
import os
import queue
import secrets
import socket
import sys
import time
from typing import Any

from mlops_magics.core import state
from mlops_magics.core.deploying.contract import endpoint_proof
from mlops_magics.core.deploying.endpoints import announcement, processes
from mlops_magics.core.deploying.endpoints.announcement import Announcement
from mlops_magics.core.deploying.endpoints.control_channel import ControlServer
from mlops_magics.core.deploying.endpoints.plan import Challenger, Plan
from mlops_magics.core.deploying.server.alias_follower import AliasFollower
from mlops_magics.core.deploying.server.processes.worker_pool import WorkerPool
from mlops_magics.errors import EndpointError, StateError

SIGNAL_SECONDS = 0.5
"""A SIGTERM is handled within this time."""

logger = logging.getLogger(__name__)


class Supervisor:
    """The process that an endpoint's pid names.

    It imports no model and no array library: the code that its workers load cannot end it.
    """

    def __init__(self, plan: Plan, listening: socket.socket, log: str | None, pool: WorkerPool) -> None:
        self._plan, self._pool = plan, pool
        self._socket = listening
        self._key, self._proof_key = secrets.token_bytes(32), endpoint_proof.new_key()
        self._events = pool.events
        self._control = ControlServer(self._key, self._handle)
        self.announced = self._announcement(log)

    def _announcement(self, log: str | None) -> Announcement:
        first, pid = self._plan.first, os.getpid()
        return Announcement(
            name=first.name,
            version=first.version,
            board=first.board,
            host=self._plan.host,
            port=self._socket.getsockname()[1],
            pid=pid,
            pid_started=processes.started_at(pid) or time.time(),
            started=time.time(),
            state="starting",
            alias=self._plan.alias,
            token=self._plan.token,
            notebook=self._plan.notebook,
            log=log,
            models={served.name: served.version for served in self._plan.models},
            workers=self._plan.workers,
            python=sys.executable,
            control_port=self._control.port,
            control_key=self._key.hex(),
            proof_key=self._proof_key,
            plan=self._plan.to_json(),
        )

    def run(self) -> int:
        """Serve until a stop, and return the exit status."""
        self._announce()
        self._pool.start(self._plan, self._socket, self._proof_key)
        ready: set[int] = set()
        while True:
            kind, worker, event = self._next_event()
            if kind == "stop":
                return self._stop()
            if kind == "ended":
                ready.discard(worker.number)
                if self.announced.state == "starting" and not worker.was_ready:
                    return self._fail(worker.failure)
                self._pool.replace(worker)
            elif event["event"] == "failed":
                worker.failure = event["message"]
            elif event["event"] == "ready":
                # a swap in between would not reach this worker
                with self._pool.changing:
                    self._pool.catch_up(worker)
                ready.add(worker.number)
                if self.announced.state == "starting" and len(ready) == self._plan.workers:
                    self._announce_running(event)
                    self._follow()

    def _next_event(self) -> Any:
        """Wait for the next event. Wake up at intervals, since a signal does not end the wait on every platform."""
        while True:
            try:
                return self._events.get(timeout=SIGNAL_SECONDS)
            except queue.Empty:
                if self.announced.state == "running":
                    self._stay_visible()

    def _stay_visible(self) -> None:
        """Announce the endpoint again where its file was removed, or stop where it could not be found any more."""
        # a change in progress announces the endpoint itself, and this loop must go on replacing workers
        if not self._pool.changing.acquire(blocking=False):
            return
        try:
            found = None if state.is_gone() else announcement.announced_now(self.announced)
            if state.is_gone():
                logger.warning("the state folder and its place were removed; the endpoint stops")
                self.request_stop()
            elif found is None:
                logger.warning("the announcement was removed; it is written again")
                self._announce()
            elif found.pid != self.announced.pid and found.current_state in {"starting", "running"}:
                logger.warning("process %d is announced for this model; this one stops", found.pid)
                self.request_stop()
        except StateError as error:
            logger.warning("the endpoint cannot be announced: %s", error)
        finally:
            self._pool.changing.release()

    def _announce_running(self, report: dict[str, Any]) -> None:
        """Announce that the endpoint runs, and drop from the plan the parts that the workers could not resume."""
        with self._pool.changing:
            plan = self._pool.plan
            routes = {path: function for path, function in plan.routes.items() if path in report["routes"]}
            challengers = {name: rival for name, rival in plan.challengers.items() if name in report["challengers"]}
            self._pool.plan = dataclasses.replace(plan, routes=routes, challengers=challengers)
            self._announce(state="running", plan=self._pool.plan.to_json(), **_facts(report))

    def _follow(self) -> None:
        """Follow the alias of the first model, where the plan has it. A worker reads the board."""
        plan = self._plan
        if plan.follow:
            name, alias = plan.first.name, plan.alias
            asked = {"do": "look up", "name": name, "alias": alias}
            AliasFollower(
                wanted=lambda: str(self._pool.command(self._pool.ready()[:1], asked)["version"]),
                answering=lambda: self._pool.plan.version(name),
                move=lambda version: self._handle({"do": "swap", "name": name, "version": version, "alias": alias}),
                seconds=plan.follow,
            ).start()

    def request_stop(self, *_: object) -> None:
        """Stop soon. A signal handler or any thread may call it."""
        # a SimpleQueue, whose put may be interrupted by a handler that puts too
        self._events.put(("stop", None, {}))

    def _announce(self, **changes: Any) -> None:
        self.announced = dataclasses.replace(self.announced, **changes)
        self.announced.write()

    def _stop(self) -> int:
        self._socket.close()
        self._pool.stop(self._plan.limits.drain_seconds)
        if not state.is_gone():
            announcement.forget(self.announced.board, self.announced.name, pid=os.getpid())
        return 0

    def _fail(self, message: str) -> int:
        self._pool.stop(0.0)
        reason = message or "The worker ended before it was ready. For the reason see the endpoint's log file."
        self._announce(state="failed", message=reason)
        return 1

    def _handle(self, command: dict[str, Any]) -> dict[str, Any]:
        """Carry out one command of the owner, in a thread of the control server."""
        if command["do"] == "stop":
            self.request_stop()
            return {}
        if command["do"] not in {"route", "swap", "canary", "shadow", "withdraw"}:
            raise EndpointError(f"Unknown command {command['do']!r}.")
        with self._pool.changing:
            if command["do"] != "route":
                return self._exchange(command)
            self._pool.command(self._pool.ready(), command)
            self._keep(self._pool.plan.routed(command["path"], command["function"]))
            return {}

    def _exchange(self, command: dict[str, Any]) -> dict[str, Any]:
        """Load the version in every worker, and only when all have it let it answer in all."""
        name, mode = command["name"], command["do"]
        version, workers = "", self._pool.ready()
        if mode != "withdraw":
            wanted = command.get("version") or self._pool.plan.previous.get(name)
            version = self._pool.command(workers, {"do": "prepare", "name": name, "version": wanted})["version"]
        share = command.get("share", 1.0)
        report = self._pool.command(workers, {"do": "commit", "name": name, "mode": mode, "share": share})
        plan = self._pool.plan
        if mode != "swap":
            self._keep(plan.challenged(name, None if mode == "withdraw" else Challenger(version, mode, share)), report)
            return report
        if name == self.announced.name:
            plan = dataclasses.replace(plan, alias=command.get("alias"))
        self._keep(plan.swapped(name, version), report)
        return report

    def _keep(self, plan: Plan, report: dict[str, Any] | None = None) -> None:
        """Store the new plan, and announce it with the facts of the workers' report."""
        self._pool.plan = plan
        facts = {} if report is None else {**_facts(report), "version": report["models"][self.announced.name]}
        self._announce(plan=plan.to_json(), alias=plan.alias, **facts)


def _facts(report: dict[str, Any]) -> dict[str, Any]:
    """Return the announced facts of a worker's report."""
    return {fact: report[fact] for fact in ("models", "fast_path", "challengers")}
