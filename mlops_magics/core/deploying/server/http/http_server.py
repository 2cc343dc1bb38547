"""The HTTP front: llhttp parses, predictions go to the batcher, everything else goes to Flask in a few threads."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import Executor
from email.utils import formatdate
from typing import TYPE_CHECKING

from mlops_magics.core.deploying.contract.http_error import Refusal, overloaded
from mlops_magics.core.deploying.contract.http_messages import Answer, Request
from mlops_magics.core.deploying.parsing.bodies import stands_for_more
from mlops_magics.core.deploying.server.http.connection import Connection
from mlops_magics.core.deploying.server.http.head_cache import Heads
from mlops_magics.core.deploying.server.web.wsgi import call

if TYPE_CHECKING:
    from flask import Flask

    from mlops_magics.core.deploying.contract.limits import Limits
    from mlops_magics.core.deploying.server.batching import Batcher
    from mlops_magics.core.deploying.server.routes import Route
    from mlops_magics.core.deploying.server.service import Service
    from mlops_magics.core.deploying.serving.prediction_request import Question

Deliver = Callable[[Answer], None]

SMALL_BODY = 64 * 1024
"""Larger bodies are read by a thread, so that nobody else waits for their parsing."""
SWEEP_SECONDS = 0.5


class Front:
    """Everything that the connections of one worker share."""

    def __init__(
        self, service: Service, batcher: Batcher, app: asyncio.Future[Flask], views: Executor, reading: Executor
    ) -> None:
        self.service = service
        self.limits: Limits = service.limits
        self._batcher, self._app = batcher, app
        self._views, self._reading = views, reading
        self._loop = asyncio.get_running_loop()
        self.connections: set[Connection] = set()
        self.buffered = 0
        self._unread: dict[Connection, int] = {}
        """Bytes of answers that their clients have not read, by who waits longest."""
        self.draining = False
        self.heads = Heads()
        self.date = ""
        self._tick()

    def connection(self) -> Connection:
        """Return the protocol of a new connection."""
        return Connection(self)

    def dispatch(self, request: Request, deliver: Deliver, wanted: Callable[[], bool]) -> None:
        """Answer a request whose headers were admitted; ``deliver`` is called once, in the loop."""
        route = self.service.route(request.path) if request.method == "POST" else None
        if route is None:
            self._loop.create_task(self._view(request, deliver))
        elif len(request.body) > SMALL_BODY or stands_for_more(request.body, request.headers):
            self._loop.create_task(self._read_elsewhere(route, request, deliver, wanted))
        else:
            try:
                questions = self._questions(route, request)
            except Exception as error:  # every refusal has its answer, and what was not foreseen has one too
                deliver(self.service.refused(error, route))
                return
            self._submit(questions, deliver, wanted)

    def _questions(self, route: Route, request: Request) -> tuple[Question, Question | None]:
        """Read a request for the version that answers it, and for the one in the shadow."""
        question = self.service.question(route, request)
        return question, self.service.shadowed(route, request, question)

    def _submit(
        self, questions: tuple[Question, Question | None], deliver: Deliver, wanted: Callable[[], bool]
    ) -> None:
        question, shadow = questions
        question.deliver, question.wanted = deliver, wanted
        self._batcher.submit(question)
        if shadow is not None:
            self._batcher.submit(shadow)

    def refuse(self, refusal: Refusal) -> Answer:
        """Write and count a refusal."""
        return self.service.refused(refusal)

    def has_room(self, count: int) -> bool:
        """Tell whether so many more bytes of bodies may be held."""
        return self.buffered + count <= self.limits.buffered_bytes

    def owe(self, connection: Connection, size: int) -> None:
        """Note an answer that its client does not read; where all of them take too much, the slowest is dropped."""
        self._unread[connection] = size
        while sum(self._unread.values()) > self.limits.buffered_bytes and len(self._unread) > 1:
            slowest = next(iter(self._unread))
            del self._unread[slowest]
            slowest.drop()

    def paid(self, connection: Connection) -> None:
        """Forget what a client has read, or will never read."""
        self._unread.pop(connection, None)

    async def _view(self, request: Request, deliver: Deliver) -> None:
        try:
            answer = await self._loop.run_in_executor(self._views, call, await self._app, request)
        except Exception as error:  # as above
            answer = self.service.refused(error)
        deliver(answer)

    async def _read_elsewhere(
        self, route: Route, request: Request, deliver: Deliver, wanted: Callable[[], bool]
    ) -> None:
        try:
            questions = await self._loop.run_in_executor(self._reading, self._questions, route, request)
        except Exception as error:  # as above
            deliver(self.service.refused(error, route))
            return
        self._submit(questions, deliver, wanted)

    def _tick(self) -> None:
        """Close what is too slow or idle, and set the clock of the Date header; twice a second."""
        self.date = f"Date: {formatdate(usegmt=True)}\r\n"
        now = time.monotonic()
        for connection in list(self.connections):
            connection.check_time(now)
        self._timer = self._loop.call_later(SWEEP_SECONDS, self._tick)

    async def drain(self) -> None:
        """Finish what is being answered, close what is idle, and return when no connection is left or time is up."""
        self.draining = True
        deadline = time.monotonic() + self.limits.drain_seconds
        while self.connections and time.monotonic() < deadline:
            for connection in list(self.connections):
                connection.close_if_idle()
            await asyncio.sleep(0.01)
        self._timer.cancel()

    def full(self) -> Answer | None:
        """Return the answer to one connection too many."""
        if len(self.connections) <= self.limits.connections:
            return None
        return self.refuse(overloaded("Too many connections; ask again in a second."))
