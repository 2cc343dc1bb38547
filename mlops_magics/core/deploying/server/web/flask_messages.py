"""Conversion of Flask's request to ours, and of our response to Flask's."""

from __future__ import annotations

import flask

from mlops_magics.core.deploying.contract.http_messages import Request, Response


def from_flask() -> Request:
    """Return the current request."""
    request = flask.request
    headers = {name.lower(): value for name, value in request.headers.items()}
    query = request.query_string.decode("latin-1")
    # Flask's own copy of the body would keep it in memory twice
    return Request(request.method, request.path, query, headers, request.get_data(cache=False))


def to_flask(response: Response) -> flask.Response:
    """Return a response as Flask sends it."""
    converted = flask.Response(response.body, response.status, content_type=response.content_type)
    converted.headers.extend(response.headers)
    return converted
