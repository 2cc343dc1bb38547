"""A request and its answer without any framework: what the front, Flask and the tests hand to each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs

import orjson

from mlops_magics.core.deploying.contract.http_error import UNPROCESSABLE, Refusal
from mlops_magics.core.deploying.parsing.bodies import JSON
from mlops_magics.errors import DataMismatch, MlopsError


@dataclass
class Request:
    """One HTTP request; header names in lower case."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def header(self, name: str) -> str:
        """Return a header's value, or nothing."""
        return self.headers.get(name, "")

    @cached_property
    def arguments(self) -> dict[str, str]:
        """The query's last value for each name."""
        return {name: values[-1] for name, values in parse_qs(self.query, max_num_fields=100).items()}


@dataclass(slots=True)
class Answer:
    """One HTTP answer."""

    body: bytes
    status: int = 200
    content_type: str = JSON
    headers: list[tuple[str, str]] = field(default_factory=list)


def json_answer(value: Any, status: int = 200, headers: list[tuple[str, str]] | None = None) -> Answer:
    """Return a JSON answer; arrays are written as lists, and what is no number as null."""
    return Answer(
        orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS, default=_plain),
        status,
        JSON,
        headers or [],
    )


def _plain(value: Any) -> Any:
    """Write what orjson does not know: object arrays, numpy scalars, dates of pandas."""
    if hasattr(value, "tolist"):
        return value.tolist()
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return str(value)


def error_answer(error: BaseException) -> Answer:
    """Turn any error into the one JSON shape; of an unforeseen one only its class is told."""
    if isinstance(error, Refusal):
        wait = [("Retry-After", str(error.retry_after))] if error.retry_after is not None else []
        return _told(error.code, str(error), error.detail, wait)
    if isinstance(error, DataMismatch):
        return _told(UNPROCESSABLE, str(error), error.problems)
    if isinstance(error, MlopsError):
        return _told(HTTPStatus.BAD_REQUEST, str(error))
    return _told(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        f"The model could not answer ({type(error).__name__}); the endpoint's log file says more.",
    )


def _told(
    status: int,
    message: str,
    detail: list[dict[str, object]] | None = None,
    headers: list[tuple[str, str]] | None = None,
) -> Answer:
    return json_answer({"message": message, "detail": detail or []}, int(status), headers)
