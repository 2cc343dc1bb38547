"""Requests and responses without a framework, as the HTTP server, Flask and the tests exchange them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs

import numpy as np
import orjson

from mlops_magics.core.deploying.contract.http_error import UNPROCESSABLE, HttpError, out_of_memory
from mlops_magics.core.deploying.contract.media import JSON
from mlops_magics.core.versioning.describing import cell_values
from mlops_magics.errors import DataMismatch, MlopsError


@dataclass
class Request:
    """One HTTP request, with header names in lower case."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def header(self, name: str) -> str:
        """Return a header's value, empty where there is none."""
        return self.headers.get(name, "")

    @cached_property
    def arguments(self) -> dict[str, str]:
        """The query's last value for each name."""
        # a query of a million short names is easy to send, and each would be a list here
        return {name: values[-1] for name, values in parse_qs(self.query, max_num_fields=100).items()}


NO_THREAD = "can't start new thread"
"""What Python says where there is no memory for the stack of a thread."""


@dataclass(slots=True)
class Response:
    """One HTTP response."""

    body: bytes
    status: int = 200
    content_type: str = JSON
    headers: list[tuple[str, str]] = field(default_factory=list)


def json_response(value: Any, status: int = 200) -> Response:
    """Return a JSON response. Arrays become lists, and NaN becomes null."""
    options = orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS
    try:
        return Response(orjson.dumps(value, option=options, default=_plain), status)
    except TypeError:  # an integer beyond 64 bits
        return Response(json.dumps(cell_values.write(value), allow_nan=False).encode(), status)


def _plain(value: Any) -> Any:
    """Convert values that orjson does not know: arrays of objects, numpy scalars, and cells such as intervals."""
    return value.tolist() if isinstance(value, np.ndarray) else cell_values.write(value)


def error_response(error: BaseException) -> Response:
    """Return any error in the one JSON shape. Of an unexpected one only the class is shown."""
    if isinstance(error, HttpError):
        response = _error(error.code, str(error), error.detail)
        if error.retry_after is not None:
            response.headers.append(("Retry-After", str(error.retry_after)))
        if error.code == HTTPStatus.UNAUTHORIZED:
            response.headers.append(("WWW-Authenticate", 'Bearer realm="mlops_magics"'))
        return response
    if isinstance(error, DataMismatch):
        return _error(UNPROCESSABLE, str(error), error.problems)
    if isinstance(error, MlopsError):
        return _error(HTTPStatus.BAD_REQUEST, str(error))
    if isinstance(error, MemoryError) or (isinstance(error, RuntimeError) and NO_THREAD in str(error)):
        return error_response(out_of_memory())
    return _error(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        f"The model could not answer ({type(error).__name__}). For the traceback see the endpoint's log file.",
    )


def _error(status: int, message: str, detail: list[dict[str, object]] | None = None) -> Response:
    return json_response({"message": message, "detail": detail or []}, int(status))
