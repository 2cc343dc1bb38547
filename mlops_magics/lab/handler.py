"""One handler for every verb: it authenticates, works in a thread, and answers in JSON with our version."""

from __future__ import annotations

import asyncio
import functools
import gzip
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tornado.web
from jupyter_server.base.handlers import APIHandler

from mlops_magics.core.wire.encoding import to_json
from mlops_magics.errors import (
    Ambiguous,
    BoardError,
    Conflict,
    EndpointError,
    IntegrityError,
    InvalidInput,
    MissingDependency,
    MlopsError,
    NotFound,
    NotificationError,
    NotTrusted,
    SerializationError,
    StateError,
    TargetError,
)
from mlops_magics.version import __version__

if TYPE_CHECKING:
    from mlops_magics.panel.board_pool import BoardPool

STATUSES: tuple[tuple[type[MlopsError], int], ...] = (
    (NotFound, 404),
    (InvalidInput, 400),
    (Ambiguous, 400),
    (Conflict, 409),
    (IntegrityError, 409),
    (NotTrusted, 403),
    (SerializationError, 422),
    (MissingDependency, 501),
    (TargetError, 502),
    (EndpointError, 502),
    (NotificationError, 502),
    (BoardError, 503),
    (StateError, 503),
)
"""Remedies of a client for each: change the request, look again, request trust, install, or wait."""
LAST_STATUS = 400
"""Status of an error of ours without a line above."""
VERSION_HEADER = "X-Mlops-Magics-Version"


THREADS = 64
"""Threads that wait for boards, apart from the server's own."""


@functools.cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(THREADS, thread_name_prefix="mlops-magics-panel")


class Handler(APIHandler):
    """Base of our handlers, with the common parts of every reply."""

    def skip_check_origin(self) -> bool:
        """Refuse a foreign Origin even where the request carries the server's token."""
        return False

    def set_default_headers(self) -> None:
        """Send our version in every reply, errors included."""
        super().set_default_headers()
        self.set_header(VERSION_HEADER, __version__)

    def reply(self, status: int, record: dict[str, Any]) -> None:
        """Send a record, and our version in it."""
        self.set_status(status)
        self.set_header("Content-Type", "application/json")
        self.finish(json.dumps({"server_version": __version__, **record}))

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Answer in JSON, without a traceback or a path."""
        error = kwargs.get("exc_info", (None, None, None))[1]
        reason = (error.log_message if isinstance(error, tornado.web.HTTPError) else None) or self._reason
        self.reply(status_code, {"message": reason, "kind": "HTTPError"})


class VerbHandler(Handler):
    """The handler of one verb of the panel: fields are in the address, and in the query or the JSON body."""

    def initialize(self, verb: str, method: str) -> None:
        """Take this address's row of the table of routes."""
        self.verb, self.method = verb, method

    @tornado.web.authenticated
    async def get(self, **named: str) -> None:
        """Answer a verb that reads, without the part of the query that a front end adds against caches."""
        from mlops_magics.panel import verbs

        query = {name: self.get_query_argument(name, None) for name in verbs.fields(self.verb)}
        await self._answer("GET", {**query, **named})

    @tornado.web.authenticated
    async def post(self, **named: str) -> None:
        """Answer a verb that changes something."""
        await self._answer("POST", named)

    async def _answer(self, method: str, given: dict[str, Any]) -> None:
        if method != self.method:
            raise tornado.web.HTTPError(405)
        try:
            loop = asyncio.get_running_loop()
            # not in the loop: the loop also passes the messages of all kernels on, and a slow board would stop them
            self.reply(200, await loop.run_in_executor(_threads(), self._called, given))
        except MlopsError as error:
            kind, problems = type(error).__name__, getattr(error, "problems", [])
            self.reply(status_of(error), {"message": str(error), "kind": kind, "problems": problems})

    def _called(self, given: dict[str, Any]) -> dict[str, Any]:
        from mlops_magics.panel import verbs

        pool: BoardPool = self.settings["mlops_magics_boards"]
        record: dict[str, Any] = to_json(verbs.call(pool, self.verb, {**self._body(), **given}))
        return record

    def _body(self) -> dict[str, Any]:
        try:
            found = json.loads(self.request.body or b"{}")
        except (ValueError, RecursionError) as error:
            raise InvalidInput("The request body is not valid JSON.") from error
        if not isinstance(found, dict):
            raise InvalidInput("The request body is not a JSON object.")
        return found


VIEWS = Path(__file__).parents[1] / "static" / "tabs.js"
"""Views of the sidebar's tabs, with their style."""


@functools.cache
def _views() -> tuple[bytes, bytes]:
    """Return the script as it is, and compressed: nothing else of JupyterLab's static files is."""
    script = VIEWS.read_bytes()
    return script, gzip.compress(script, mtime=0)


class ViewsHandler(Handler):
    """The handler of the script with the views of tabs, which the sidebar fetches with the first tab."""

    @tornado.web.authenticated
    async def get(self) -> None:
        """Send the script, compressed where the browser takes that."""
        script, compressed = _views()
        small = "gzip" in self.request.headers.get("Accept-Encoding", "")
        if small:
            self.set_header("Content-Encoding", "gzip")
        self.set_header("Vary", "Accept-Encoding")
        # asked for again with each page, answered by 304 while it is the same
        self.set_header("Cache-Control", "no-cache")
        self.finish(compressed if small else script, set_content_type="text/javascript; charset=utf-8")


class UnknownHandler(Handler):
    """The handler of every address below ours that is not a route."""

    @tornado.web.authenticated
    async def get(self) -> None:
        """Answer 404 with our version: a newer panel may know routes that this server lacks."""
        self._unknown()

    @tornado.web.authenticated
    async def post(self) -> None:
        """Answer the same."""
        self._unknown()

    def _unknown(self) -> None:
        self.reply(404, {"message": f"No such route in mlops-magics {__version__}.", "kind": "NotFound"})


def status_of(error: MlopsError) -> int:
    """Return the HTTP status of an error."""
    return next((status for kind, status in STATUSES if isinstance(error, kind)), LAST_STATUS)
