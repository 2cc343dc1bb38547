"""The workers of one endpoint: started on the shared socket, asked together, replaced with a back-off when they end."""

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

from mlops_magics.core.deploying.endpoints.plan import Plan
from mlops_magics.core.deploying.endpoints.processes import SERVER
from mlops_magics.core.deploying.server.counts import worker_tallies
from mlops_magics.core.deploying.server.processes import forking
from mlops_magics.core.deploying.server.processes.catch_up import briefing
from mlops_magics.errors import EndpointError

FIRST_DELAY, LONGEST_DELAY = 0.05, 30.0
"""Seconds before a worker is replaced; doubled each time that one ends soon after its start."""
HEALTHY_SECONDS = 30.0
REPLY_SECONDS = 110.0

Event = tuple[str, "Member", dict[str, Any]]
logger = logging.getLogger(__name__)


class Member:
    """One worker process, with the two pipes to it, and the plan that it was given."""

    plan: Plan

    def __init__(self, number: int, child: subprocess.Popen[bytes] | forking.Forked) -> None:
        self.number, self.child = number, child
        self.started = time.monotonic()
        self.was_ready = False
        self.last_words = ""
        self.replies: dict[int, queue.SimpleQueue[dict[str, Any]]] = {}

    def tell(self, words: dict[str, Any]) -> None:
        """Write one line to the worker; a worker that is gone does not hear it."""
        assert self.child.stdin is not None
        try:
            self.child.stdin.write(json.dumps(words).encode() + b"\n")
            self.child.stdin.flush()
        except OSError:
            logger.info("worker %d no longer listens", self.child.pid)


class Crew:
    """Every worker of the endpoint."""

    def __init__(self, spare: Member | None = None) -> None:
        self.events: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._numbers, self._questions = count(1), count()
        self._members: dict[int, Member] = {}
        self._spare = spare
        self._delay = FIRST_DELAY
        self._stopping = False
        self._hiring = threading.Lock()
        self.changing = threading.Lock()
        """Held while workers are asked to change, and while one that is new learns what changed."""

    def start(self, plan: Plan, listening: socket.socket) -> None:
        """Start as many workers as planned."""
        self.plan, self._socket = plan, listening  # the plan changes with what the owner changes
        self._counts = str(worker_tallies.folder_of(plan.first.board, plan.first.name)) if plan.workers > 1 else ""
        if plan.workers > 1 and forking.supported():
            self._add_family()
        else:
            for _ in range(plan.workers):
                self._add()

    def replace(self, member: Member) -> None:
        """Start another worker in the place of one that ended; later and later when they keep ending."""
        self._members.pop(member.number, None)
        if self._stopping:
            return
        healthy = member.was_ready and time.monotonic() - member.started > HEALTHY_SECONDS
        self._delay = FIRST_DELAY if healthy else min(2 * self._delay, LONGEST_DELAY)
        logger.warning(
            "worker %d ended with status %s; another starts in %.2f s",
            member.child.pid,
            member.child.returncode,
            self._delay,
        )
        timer = threading.Timer(self._delay, self._add)
        timer.daemon = True
        timer.start()

    def ready(self) -> list[Member]:
        """Return the workers that answer now."""
        return [member for member in self._members.values() if member.was_ready]

    def ask(self, members: Sequence[Member], command: dict[str, Any]) -> dict[str, Any]:
        """Give workers a command and wait for every answer; whoever ends meanwhile is replaced by one that knows.

        Raises
        ------
        EndpointError
            When one says no, or none is there.
        """
        number = next(self._questions)
        boxes = []
        for member in members:
            box = member.replies[number] = queue.SimpleQueue[dict[str, Any]]()
            boxes.append(box)
            member.tell({**command, "id": number})
        replies = [reply for reply in map(_wait, boxes) if not reply.get("ended")]
        if not replies:
            raise EndpointError("No worker is ready; ask again in a moment.")
        refused = next((reply for reply in replies if "error" in reply), None)
        if refused is not None:
            raise EndpointError(refused["error"])
        return replies[0]

    def brief(self, member: Member) -> None:
        """Tell a worker that has just become ready what changed since it was given its plan."""
        for command in briefing(member.plan, self.plan):
            member.tell({**command, "id": -1})

    def dismiss(self) -> None:
        """Send the spare worker away; it was never given a plan."""
        if self._spare is not None:
            self._spare.child.kill()
            self._spare.child.wait()

    def stop(self, seconds: float) -> None:
        """Let every worker finish what it answers; end those that take longer, and those that do not answer yet."""
        with self._hiring:  # whoever is being hired is in the list, or is not hired
            self._stopping = True
            members = list(self._members.values())
        for member in members:
            if member.was_ready:
                member.tell({"do": "stop"})
            else:
                member.child.kill()
        deadline = time.monotonic() + seconds + 1.0
        for member in members:
            try:
                member.child.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                member.child.kill()
                member.child.wait()
        worker_tallies.forget(self.plan.first.board, self.plan.first.name)

    def _add(self) -> None:
        with self._hiring:
            if not self._stopping:
                member, self._spare = self._spare or hire(next(self._numbers), self._socket), None
                self._welcome(member)

    def _add_family(self) -> None:
        """Start one worker, which forks the others when it has loaded the models that they share."""
        seats = [forking.seat(next(self._numbers)) for _ in range(self.plan.workers - 1)]
        first = hire(next(self._numbers), self._socket, [place for place, _ in seats])
        self._welcome(first, [place for place, _ in seats])
        for place, forked in seats:
            self._welcome(Member(place.number, forked), briefed=False)

    def _welcome(self, member: Member, seats: Sequence[forking.Seat] = (), *, briefed: bool = True) -> None:
        """Listen to a worker, and tell it the plan; one that was forked knows it."""
        self._members[member.number] = member
        member.plan = self.plan
        threading.Thread(target=self._hear, args=(member,), name=f"worker-{member.number}", daemon=True).start()
        if briefed:
            words = {"plan": member.plan.to_json(), "number": member.number, "counts": self._counts}
            seated = [dataclasses.astuple(place) for place in seats]
            member.tell({**words, "seats": seated, "socket": self._socket.fileno()})

    def _hear(self, member: Member) -> None:
        assert member.child.stdout is not None
        heard = False
        for line in member.child.stdout:
            heard, told = True, json.loads(line)
            if isinstance(member.child, forking.Forked) and "pid" in told:
                member.child.introduce(told["pid"])
            if told["event"] == "reply":
                box = member.replies.pop(told["id"], None)
                if box is not None:
                    box.put(told)
                continue
            member.was_ready |= told["event"] == "ready"
            self.events.put(("said", member, told))
        member.child.wait()
        for box in member.replies.values():
            box.put({"ended": True})
        if isinstance(member.child, forking.Forked) and not heard:  # it could not be forked, and is started instead
            del self._members[member.number]
            self._add()
            return
        self.events.put(("ended", member, {}))


def hire(number: int, listening: socket.socket, seats: Sequence[forking.Seat] = (), *, warm: bool = False) -> Member:
    """Start a worker process, which waits for its plan; a warm one imports meanwhile what models need."""
    ends = [end for place in seats for end in (place.stdin, place.stdout)]
    options: dict[str, Any] = {"pass_fds": (listening.fileno(), *ends)} if sys.platform != "win32" else {}
    child = subprocess.Popen(  # noqa: S603, the interpreter and a module of ours
        [sys.executable, "-m", SERVER, "worker", *(["warm"] if warm else [])],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        **options,
    )
    forking.give_away(seats)
    return Member(number, child)


def _wait(box: queue.SimpleQueue[dict[str, Any]]) -> dict[str, Any]:
    try:
        return box.get(timeout=REPLY_SECONDS)
    except queue.Empty:
        return {"error": f"A worker did not answer within {REPLY_SECONDS:g} s."}
