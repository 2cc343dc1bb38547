"""The page to read and try an endpoint, which contains nothing about the model, and requests the token itself."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from http import HTTPStatus
from importlib import resources

from mlops_magics.core.deploying.contract.http_error import HttpError
from mlops_magics.core.deploying.contract.http_messages import Response
from mlops_magics.core.deploying.server.routes import ROUTES

PAGES = tuple(route.pattern for route in ROUTES if route.view == "page")
# inline, because the page is one file. It contains no text of the model that could be a script
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
    "connect-src 'self'; frame-ancestors 'none'"
)


def page(status: int = 200) -> Response:
    """Return the page, which loads nothing from another place."""
    headers = [("Content-Security-Policy", POLICY)]
    if status == HTTPStatus.UNAUTHORIZED:
        # RFC 9110, section 15.5.2: a 401 has a challenge
        headers.append(("WWW-Authenticate", 'Bearer realm="mlops_magics"'))
    return Response(_text(), status, "text/html; charset=utf-8", headers)


@functools.cache
def _text() -> bytes:
    return resources.files("mlops_magics.core.deploying.server.web").joinpath("page.html").read_bytes()


def for_browser(refusal: HttpError, path: str, headers: Mapping[str, str]) -> Response | None:
    """Return the page for a browser without a token: it needs the page to type the token in."""
    if refusal.code == 401 and path in PAGES and "text/html" in headers.get("accept", ""):
        return page(401)
    return None
