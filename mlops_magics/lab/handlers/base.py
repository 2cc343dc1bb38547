"""What every handler does alike: refuse strangers, work in a thread, answer in JSON with our version."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import tornado.web
from jupyter_server.base.handlers import APIHandler

from mlops_magics import __version__
from mlops_magics.errors import BoardError, Conflict, EndpointError, InvalidInput, MlopsError, NotFound, NotTrusted

if TYPE_CHECKING:
    from mlops_magics.lab.shelf import Shelf

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
    """Base of all our handlers."""

    @property
    def shelf(self) -> Shelf:
        """The boards of this server."""
        shelf: Shelf = self.settings["mlops_magics_shelf"]
        return shelf

    def skip_check_origin(self) -> bool:
        """Refuse a foreign Origin even where the request carries the server's token."""
        return False

    def set_default_headers(self) -> None:
        """Tell our version in every reply, errors included."""
        super().set_default_headers()
        self.set_header(VERSION_HEADER, __version__)

    async def answer(self, work: Callable[[], dict[str, Any]]) -> None:
        """Do the work in a thread and send what it returns; our own errors become statuses with their message."""
        try:
            told = await asyncio.to_thread(work)
        except MlopsError as error:
            self.set_status(status_of(error))
            told = {"message": str(error), "kind": type(error).__name__}
        self.finish(json.dumps({"server_version": __version__, **told}))

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Answer in JSON, without a traceback or a path."""
        error = kwargs.get("exc_info", (None, None, None))[1]
        reason = (error.log_message if isinstance(error, tornado.web.HTTPError) else None) or self._reason
        self.set_header("Content-Type", "application/json")
        self.finish(json.dumps({"server_version": __version__, "message": reason, "kind": "HTTPError"}))

    def body(self, **known: type) -> dict[str, Any]:
        """Return the fields of the JSON body; absent ones are None.

        Raises
        ------
        InvalidInput
            For anything but an object of known fields of the right type.
        """
        try:
            found = json.loads(self.request.body or b"{}")
        except (ValueError, RecursionError) as error:
            raise InvalidInput("The body is no JSON.") from error
        if not isinstance(found, dict) or not found.keys() <= known.keys():
            raise InvalidInput(f"The body is an object with these fields: {', '.join(known)}.")
        for field, value in found.items():
            if value is not None and not isinstance(value, known[field]):
                raise InvalidInput(f"The field {field!r} is of type {known[field].__name__}.")
        return {field: found.get(field) for field in known}

    def number(self, argument: str, default: int, most: int) -> int:
        """Return a whole number of the query string between 0 and ``most``."""
        text = self.get_query_argument(argument, str(default))
        if not (text.isascii() and text.isdecimal() and len(text) < 10):
            raise InvalidInput(f"{argument} is a whole number, not {text[:20]!r}.")
        return min(int(text), most)


class UnknownHandler(Handler):
    """Answers whatever lies below our address and is no route."""

    @tornado.web.authenticated
    async def get(self) -> None:
        """Say so."""
        await self.answer(self._unknown)

    @tornado.web.authenticated
    async def post(self) -> None:
        """Say so."""
        await self.answer(self._unknown)

    @staticmethod
    def _unknown() -> dict[str, Any]:
        raise NotFound("route", "here", hint=f"The server part is mlops-magics {__version__}.")


def status_of(error: MlopsError) -> int:
    """Return the HTTP status that says the same as an error."""
    return next((status for kind, status in STATUSES if isinstance(error, kind)), 500)
