"""One handler for every verb: refuse strangers, work in a thread, answer in JSON with our version."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import tornado.web
from jupyter_server.base.handlers import APIHandler

from mlops_magics.errors import BoardError, Conflict, EndpointError, InvalidInput, MlopsError, NotFound, NotTrusted
from mlops_magics.version import __version__

if TYPE_CHECKING:
    from mlops_magics.panel.shelf import Shelf

STATUSES: tuple[tuple[type[MlopsError], int], ...] = (
    (NotFound, 404),
    (InvalidInput, 400),
    (Conflict, 409),
    (NotTrusted, 403),
    (BoardError, 503),
    (EndpointError, 502),
)
VERSION_HEADER = "X-Mlops-Magics-Version"


class Handler(APIHandler):
    """Base of our handlers: what every reply has in common."""

    def skip_check_origin(self) -> bool:
        """Refuse a foreign Origin even where the request carries the server's token."""
        return False

    def set_default_headers(self) -> None:
        """Tell our version in every reply, errors included."""
        super().set_default_headers()
        self.set_header(VERSION_HEADER, __version__)

    def tell(self, status: int, told: dict[str, Any]) -> None:
        """Send a record, and our version in it."""
        self.set_status(status)
        self.set_header("Content-Type", "application/json")
        self.finish(json.dumps({"server_version": __version__, **told}))

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Answer in JSON, without a traceback or a path."""
        error = kwargs.get("exc_info", (None, None, None))[1]
        reason = (error.log_message if isinstance(error, tornado.web.HTTPError) else None) or self._reason
        self.tell(status_code, {"message": reason, "kind": "HTTPError"})


class VerbHandler(Handler):
    """Answers one verb of the panel: fields are in the address, and in the query or the JSON body."""

    def initialize(self, verb: str, method: str) -> None:
        """Take what the table of routes says of this address."""
        self.verb, self.method = verb, method

    @tornado.web.authenticated
    async def get(self, **named: str) -> None:
        """Answer a verb that reads; what a front end adds to the query against caches is left aside."""
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
            self.tell(200, await asyncio.to_thread(self._done, given))
        except MlopsError as error:
            self.tell(status_of(error), {"message": str(error), "kind": type(error).__name__})

    def _done(self, given: dict[str, Any]) -> dict[str, Any]:
        from mlops_magics.panel import verbs

        shelf: Shelf = self.settings["mlops_magics_shelf"]
        return verbs.call(shelf, self.verb, {**self._body(), **given})

    def _body(self) -> dict[str, Any]:
        try:
            found = json.loads(self.request.body or b"{}")
        except (ValueError, RecursionError) as error:
            raise InvalidInput("The body is no JSON.") from error
        if not isinstance(found, dict):
            raise InvalidInput("The body is a JSON object.")
        return found


class UnknownHandler(Handler):
    """Answers whatever lies below our address and is no route."""

    @tornado.web.authenticated
    async def get(self) -> None:
        """Say so, and which version the server part is: a newer panel may know routes that it lacks."""
        self._say_so()

    @tornado.web.authenticated
    async def post(self) -> None:
        """Say so."""
        self._say_so()

    def _say_so(self) -> None:
        self.tell(404, {"message": f"No such route in mlops-magics {__version__}.", "kind": "NotFound"})


def status_of(error: MlopsError) -> int:
    """Return the HTTP status that says the same as an error."""
    return next((status for kind, status in STATUSES if isinstance(error, kind)), 500)
