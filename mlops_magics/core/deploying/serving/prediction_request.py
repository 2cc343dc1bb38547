"""One prediction request: the version that answers it, its rows, and how the response is written."""

from __future__ import annotations

import itertools
import logging
import os
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import orjson

from mlops_magics.core.deploying.contract.http_messages import Response, error_response

if TYPE_CHECKING:
    from mlops_magics.core.deploying.serving.loaded_model import LoadedModel
    from mlops_magics.core.deploying.validation.layout import Part

    Render = Callable[[LoadedModel, Any], Response]
    ErrorFields = Callable[[dict[str, Any]], dict[str, Any]]

_SAFE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:")
LONGEST_REQUEST_ID = 128

logger = logging.getLogger(__name__)


class PredictionRequest:
    """A request that was read and waits for the model.

    Attributes
    ----------
    part
        Its rows.
    notes
        Warnings about them.
    size
        Approximate bytes of the rows.
    render
        Writes the model's values for these rows as a response.
    error_fields
        Adds the protocol's fields to an error, or ``None`` where there are none.
    deliver
        Takes the response, once, in the event loop.
    for_shadow
        The same request for the shadow version, or ``None`` where there is none.
    wanted
        Returns whether the client still waits. The model is not called for a client that has gone.
    """

    __slots__ = (
        "deliver",
        "error_fields",
        "for_shadow",
        "loaded",
        "method",
        "n_rows",
        "notes",
        "part",
        "render",
        "request_id",
        "size",
        "started",
        "wanted",
    )

    def __init__(
        self,
        loaded: LoadedModel,
        method: str,
        part: Part,
        render: Render,
        request_id: str,
        error_fields: ErrorFields | None = None,
    ) -> None:
        self.loaded = loaded
        self.method = method
        self.part = part
        self.n_rows = part.n_rows
        self.notes = part.notes
        self.size = self.n_rows * loaded.layout.row_bytes
        self.render = render
        self.request_id = request_id
        self.error_fields = error_fields
        self.for_shadow: PredictionRequest | None = None
        self.started = time.perf_counter()
        self.deliver: Callable[[Response], None] = _drop
        self.wanted: Callable[[], bool] = _always

    def response(self, values: Any, warnings: str) -> Response:
        """Write the values, with the version, the id and the warnings as headers."""
        try:
            response = self.render(self.loaded, values)
        except Exception as error:  # a value that this client's format cannot express must not fail the batch
            logger.warning("a response could not be written", exc_info=error)
            response = self.refuse(error)
        response.headers += [("X-Model-Version", self.loaded.version.version), ("X-Request-Id", self.request_id)]
        if warnings:
            response.headers.append(("X-Warning", warnings))
        return response

    def refuse(self, error: BaseException) -> Response:
        """Write an error as the request's protocol words it."""
        return with_error_fields(error_response(error), self.error_fields)


def with_error_fields(response: Response, error_fields: ErrorFields | None) -> Response:
    """Add a protocol's fields to an error response."""
    if error_fields is not None:
        response.body = orjson.dumps(error_fields(orjson.loads(response.body)))
    return response


def _drop(response: Response) -> None:
    """Drop the response of a client that has gone."""


def _always() -> bool:
    return True


class RequestIds:
    """Makes short ids that are unique across workers and starts, and accepts a client's own where it is harmless."""

    def __init__(self) -> None:
        self._prefix = f"{int(time.time()):x}-{os.getpid():x}-{os.urandom(3).hex()}-"
        self._next = itertools.count(1).__next__

    def __call__(self, asked: str = "") -> str:
        """Return the requested id, or a new one."""
        # it goes into a header, and into the log, where ids are separated by line feeds
        if asked and len(asked) <= LONGEST_REQUEST_ID and _SAFE.issuperset(asked):
            return asked
        return f"{self._prefix}{self._next():x}"
