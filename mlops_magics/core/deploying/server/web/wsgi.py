"""Calls of the Flask application through WSGI with our request."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from mlops_magics.core.deploying.contract.http_messages import Request, Response

if TYPE_CHECKING:
    from flask import Flask

ADMITTED = "mlops.admitted"
"""In the WSGI environment: the HTTP server has checked Host, Origin and token already."""


def call(app: Flask, request: Request) -> Response:
    """Run the application for one request, and return its response. HEAD has the headers, and the length, of GET."""
    started: dict[str, Any] = {}

    def start_response(
        status: str, headers: list[tuple[str, str]], exc_info: object = None
    ) -> Callable[[bytes], object]:
        started.update(status=int(status.split(" ", 1)[0]), headers=headers)
        return _no_write

    chunks: Iterable[bytes] = app.wsgi_app(_environ(request), start_response)
    try:
        # PEP 3333: close is called after an error too
        body = b"".join(chunks)
    finally:
        getattr(chunks, "close", _nothing)()
    kept = [
        (name, value) for name, value in started["headers"] if name.lower() not in {"content-type", "content-length"}
    ]
    kind = next(
        (value for name, value in started["headers"] if name.lower() == "content-type"), "application/octet-stream"
    )
    return Response(body, started["status"], kind, kept)


def _environ(request: Request) -> dict[str, Any]:
    headers = {
        f"HTTP_{name.upper().replace('-', '_')}": value for name, value in request.headers.items() if _is_passed(name)
    }
    return {
        "REQUEST_METHOD": "GET" if request.method == "HEAD" else request.method,
        "SCRIPT_NAME": "",
        # PEP 3333: each byte of the path as one character of latin-1
        "PATH_INFO": request.path.encode("utf-8", "surrogateescape").decode("latin-1"),
        "QUERY_STRING": request.query,
        "CONTENT_TYPE": request.header("content-type"),
        "CONTENT_LENGTH": str(len(request.body)),
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "0",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        ADMITTED: True,
        **headers,
    }


def _is_passed(name: str) -> bool:
    """Return whether Flask gets a header: not one that two names may mean, and no upgrade, which is ignored."""
    return "_" not in name and name != "upgrade"


def _no_write(data: bytes) -> None:
    raise RuntimeError("the application returns its body")


def _nothing() -> None:
    """Do nothing, for a missing ``close``."""
