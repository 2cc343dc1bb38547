"""The page to read and try an endpoint: it knows nothing of the model, and asks for the token itself."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from importlib import resources

from mlops_magics.core.deploying.contract.http_error import Refusal
from mlops_magics.core.deploying.contract.http_messages import Answer

PAGES = ("/", "/__docs__")
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
    "connect-src 'self'; frame-ancestors 'none'"
)


def page(status: int = 200) -> Answer:
    """Return the page; nothing in it comes from another place."""
    return Answer(_text(), status, "text/html; charset=utf-8", [("Content-Security-Policy", POLICY)])


@functools.cache
def _text() -> bytes:
    return resources.files("mlops_magics.core.deploying.server.web").joinpath("page.html").read_bytes()


def for_browser(refusal: Refusal, path: str, headers: Mapping[str, str]) -> Answer | None:
    """Return the page for a browser that has no token yet: it cannot send one before it has a page to type it in."""
    if refusal.code == 401 and path in PAGES and "text/html" in headers.get("accept", ""):
        return page(401)
    return None
