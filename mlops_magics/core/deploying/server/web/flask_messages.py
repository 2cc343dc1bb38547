"""Flask's request as ours, and our answer as Flask's."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from mlops_magics.core.deploying.contract.http_messages import Answer, Request, json_answer


def incoming() -> Request:
    """Return the current request."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    return Request(
        request.method, request.path, request.query_string.decode("latin-1"), headers, request.get_data(cache=False)
    )


def outgoing(answer: Answer) -> Response:
    """Return an answer as Flask sends it."""
    response = Response(answer.body, answer.status, content_type=answer.content_type)
    response.headers.extend(answer.headers)
    return response


def told(value: Any, status: int = 200) -> Response:
    """Return a JSON answer."""
    return outgoing(json_answer(value, status))
