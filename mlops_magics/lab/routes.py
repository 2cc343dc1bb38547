"""Every address of the server extension; what is not listed answers 404 in JSON."""

from __future__ import annotations

from typing import Any

from mlops_magics.lab.handlers.aliases import PromoteHandler, RollbackHandler
from mlops_magics.lab.handlers.base import UnknownHandler
from mlops_magics.lab.handlers.boards import BoardsHandler, ModelsHandler
from mlops_magics.lab.handlers.endpoints import EndpointsHandler, RestartHandler, StopHandler, SwapHandler
from mlops_magics.lab.handlers.models import HistoryHandler, VerdictsHandler, VersionHandler, VersionsHandler

ROOT = "mlops-magics"
BOARD = r"/boards/(?P<board>[^/]+)"
MODEL = BOARD + r"/models/(?P<name>[^/]+)"
ENDPOINT = r"/endpoints/(?P<board>[^/]+)/(?P<name>[^/]+)"

ADDRESSES = (
    (r"/boards", BoardsHandler),
    (BOARD + r"/models", ModelsHandler),
    (MODEL + r"/versions", VersionsHandler),
    (MODEL + r"/versions/(?P<version>[^/]+)", VersionHandler),
    (MODEL + r"/history", HistoryHandler),
    (MODEL + r"/verdicts", VerdictsHandler),
    (MODEL + r"/aliases/(?P<alias>[^/]+)/promote", PromoteHandler),
    (MODEL + r"/aliases/(?P<alias>[^/]+)/rollback", RollbackHandler),
    (r"/endpoints", EndpointsHandler),
    (ENDPOINT + r"/stop", StopHandler),
    (ENDPOINT + r"/restart", RestartHandler),
    (ENDPOINT + r"/swap", SwapHandler),
    (r"(?:/.*)?", UnknownHandler),
)


def routes(base_url: str) -> list[tuple[str, Any]]:
    """Return the routes below the server's base address."""
    start = base_url.rstrip("/") + "/" + ROOT
    return [(start + address, handler) for address, handler in ADDRESSES]
