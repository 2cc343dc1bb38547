"""The HTTP front end of a worker: llhttp parses, predictions go to the batcher, all other requests to Flask."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import Executor
from typing import TYPE_CHECKING

from mlops_magics.core.deploying.contract import endpoint_proof
from mlops_magics.core.deploying.contract.http_error import HttpError
from mlops_magics.core.deploying.contract.http_messages import Request, Response
from mlops_magics.core.deploying.parsing.bodies import may_expand
from mlops_magics.core.deploying.server.http.connection import Connection
from mlops_magics.core.deploying.server.http.pressure import Pressure
from mlops_magics.core.deploying.server.web.views.state_views import ping
from mlops_magics.core.deploying.server.web.wsgi import call

if TYPE_CHECKING:
    from flask import Flask

    from mlops_magics.core.deploying.server.batching import Batcher
    from mlops_magics.core.deploying.server.routes import Match
    from mlops_magics.core.deploying.server.service import Service
    from mlops_magics.core.deploying.serving.prediction_request import PredictionRequest

Deliver = Callable[[Response], None]

SMALL_BODY = 64 * 1024
"""Bytes. Larger bodies are parsed in a thread, so that the event loop stays free."""
SWEEP_SECONDS = 0.5


class HttpServer:
    """Routes the requests of all connections of one worker.

    Parameters
    ----------
    app
        The Flask application, once it is built.
    views, reading
        Threads for Flask's views and for parsing large bodies.
    """

    def __init__(
        self, service: Service, batcher: Batcher, app: asyncio.Future[Flask], views: Executor, reading: Executor
    ) -> None:
        self.service = service
        self.pressure = Pressure(service.limits, service.guard)
        self._batcher, self._app = batcher, app
        self._views, self._reading = views, reading
        self._loop = asyncio.get_running_loop()
        self._sweep()

    def connection(self) -> Connection:
        """Return the protocol of a new connection."""
        return Connection(self.pressure, self.dispatch, self._refuse)

    def _refuse(self, error: HttpError, target: str) -> Response:
        return self.service.refuse(error, path=target.partition("?")[0])

    def dispatch(self, request: Request, deliver: Deliver, wanted: Callable[[], bool]) -> None:
        """Answer an admitted request.

        Parameters
        ----------
        deliver
            Takes the response, once, in the event loop.
        wanted
            Returns whether the client still waits.
        """
        match = self.service.route(request.path) if request.method == "POST" else None
        if match is None:
            if request.path == endpoint_proof.PATH and endpoint_proof.CHALLENGE in request.headers:
                deliver(ping(self.service, request))  # also while all threads of the views are busy
            else:
                self._loop.create_task(self._view(request, deliver))
        elif len(request.body) > SMALL_BODY or may_expand(request.body, request.headers):
            self._loop.create_task(self._read_in_thread(match, request, deliver, wanted))
        else:
            try:
                asked = self.service.read(match, request)
            except Exception as error:  # also errors of our own code get a JSON response
                deliver(self.service.refuse(error, match))
                return
            self._submit(asked, deliver, wanted)

    def _submit(self, asked: PredictionRequest, deliver: Deliver, wanted: Callable[[], bool]) -> None:
        asked.deliver, asked.wanted = deliver, wanted
        self._batcher.submit(asked)
        if asked.for_shadow is not None:
            # after the request itself, so that the shadow never goes before it
            self._batcher.submit(asked.for_shadow)

    async def _view(self, request: Request, deliver: Deliver) -> None:
        try:
            response = await self._loop.run_in_executor(self._views, call, await self._app, request)
        except Exception as error:  # also errors of our own code get a JSON response
            response = self.service.refuse(error, path=request.path)
        deliver(response)

    async def _read_in_thread(
        self, match: Match, request: Request, deliver: Deliver, wanted: Callable[[], bool]
    ) -> None:
        try:
            asked = await self._loop.run_in_executor(self._reading, self.service.read, match, request)
        except Exception as error:  # also errors of our own code get a JSON response
            deliver(self.service.refuse(error, match))
            return
        self._submit(asked, deliver, wanted)

    def _sweep(self) -> None:
        self.pressure.tick()
        self._timer = self._loop.call_later(SWEEP_SECONDS, self._sweep)

    async def drain(self) -> None:
        """Finish the requests in progress, close idle connections, and return when none is left or time is up."""
        pressure = self.pressure
        pressure.draining = True
        deadline = time.monotonic() + pressure.limits.drain_seconds
        while pressure.connections and time.monotonic() < deadline:
            for connection in list(pressure.connections):
                connection.close_if_idle()
            await asyncio.sleep(0.01)
        self._timer.cancel()
