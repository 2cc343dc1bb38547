"""The supervisor: holds the socket and the announcement, keeps workers alive, and passes on what the owner says."""

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

from mlops_magics.core.deploying.endpoints import announcement, processes
from mlops_magics.core.deploying.endpoints.announcement import Announcement
from mlops_magics.core.deploying.endpoints.control_channel import Switchboard
from mlops_magics.core.deploying.endpoints.plan import Challenger, Plan
from mlops_magics.core.deploying.server.processes.worker_pool import Crew
from mlops_magics.errors import EndpointError

SIGNAL_SECONDS = 0.5
"""After which a SIGTERM is heeded at the latest."""

logger = logging.getLogger(__name__)


class Supervisor:
    """The process that an endpoint's pid names.

    It imports no model and no array library: it cannot be taken down by what its workers load.
    """

    def __init__(self, plan: Plan, listening: socket.socket, log: str | None, crew: Crew) -> None:
        self._plan, self._crew = plan, crew
        self._socket = listening
        self._key = secrets.token_bytes(32)
        self._events = crew.events
        self._switchboard = Switchboard(self._key, self._obey)
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
            control_port=self._switchboard.port,
            control_key=self._key.hex(),
            plan=self._plan.to_json(),
        )

    def run(self) -> int:
        """Serve until told to stop; return the exit status."""
        self._say()
        self._crew.start(self._plan, self._socket)
        ready: set[int] = set()
        while True:
            what, member, told = self._next_event()
            if what == "stop":
                return self._stop()
            if what == "ended":
                ready.discard(member.number)
                if self.announced.state == "starting" and not member.was_ready:
                    return self._fail(member.last_words)
                self._crew.replace(member)
            elif told["event"] == "failed":
                member.last_words = told["message"]
            elif told["event"] == "ready":
                with self._crew.changing:
                    self._crew.brief(member)
                ready.add(member.number)
                if self.announced.state == "starting" and len(ready) == self._plan.workers:
                    self._start_to_answer(told)

    def _next_event(self) -> Any:
        """Wait for what happens next; wake up now and then, since a signal may come without ending the wait."""
        while True:
            try:
                return self._events.get(timeout=SIGNAL_SECONDS)
            except queue.Empty:
                continue

    def _start_to_answer(self, report: dict[str, Any]) -> None:
        """Say that the endpoint runs; what the plan had, and the workers could not take up again, is forgotten."""
        with self._crew.changing:
            plan = self._crew.plan
            routes = {path: function for path, function in plan.routes.items() if path in report["routes"]}
            challengers = {name: rival for name, rival in plan.challengers.items() if name in report["challengers"]}
            self._crew.plan = dataclasses.replace(plan, routes=routes, challengers=challengers)
            self._say(state="running", plan=self._crew.plan.to_json(), **_facts(report))

    def request_stop(self, *_: object) -> None:
        """Stop soon; may be called by a signal or by any thread."""
        self._events.put(("stop", None, {}))

    def _say(self, **changes: Any) -> None:
        self.announced = dataclasses.replace(self.announced, **changes)
        self.announced.write()

    def _stop(self) -> int:
        self._socket.close()
        self._crew.stop(self._plan.limits.drain_seconds)
        announcement.forget(self.announced.board, self.announced.name, pid=os.getpid())
        return 0

    def _fail(self, message: str) -> int:
        self._crew.stop(0.0)
        self._say(
            state="failed",
            message=message or "The worker ended before it was ready; the endpoint's log file says more.",
        )
        return 1

    def _obey(self, command: dict[str, Any]) -> dict[str, Any]:
        """Do what the owner says; called by the switchboard's thread, one command at a time."""
        if command["do"] == "stop":
            self.request_stop()
            return {}
        if command["do"] not in {"route", "swap", "canary", "shadow", "withdraw"}:
            raise EndpointError(f"Unknown command {command['do']!r}.")
        with self._crew.changing:
            if command["do"] != "route":
                return self._exchange(command)
            self._crew.ask(self._crew.ready(), command)
            self._keep(self._crew.plan.routed(command["path"], command["function"]))
            return {}

    def _exchange(self, command: dict[str, Any]) -> dict[str, Any]:
        """Load the version in every worker, and only when all have it let it answer in all."""
        name, mode = command["name"], command["do"]
        version, workers = "", self._crew.ready()
        if mode != "withdraw":
            wanted = command.get("version") or self._crew.plan.previous.get(name)
            version = self._crew.ask(workers, {"do": "prepare", "name": name, "version": wanted})["version"]
        share = command.get("share", 1.0)
        report = self._crew.ask(workers, {"do": "commit", "name": name, "mode": mode, "share": share})
        plan = self._crew.plan
        if mode != "swap":
            self._keep(plan.challenged(name, None if mode == "withdraw" else Challenger(version, mode, share)), report)
            return report
        if name == self.announced.name:
            plan = dataclasses.replace(plan, alias=command.get("alias"))
        self._keep(plan.swapped(name, version), report)
        return report

    def _keep(self, plan: Plan, report: dict[str, Any] | None = None) -> None:
        """Go on from this plan, and announce it with what the workers reported."""
        self._crew.plan = plan
        facts = {} if report is None else {**_facts(report), "version": report["models"][self.announced.name]}
        self._say(plan=plan.to_json(), alias=plan.alias, **facts)


def _facts(report: dict[str, Any]) -> dict[str, Any]:
    """Return what is announced of a worker's report."""
    return {fact: report[fact] for fact in ("models", "lane", "challengers")}
