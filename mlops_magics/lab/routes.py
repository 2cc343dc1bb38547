"""Every address of the server extension. Any other answers 404 in JSON."""

from __future__ import annotations

import re
from typing import Any

from mlops_magics.lab.handler import UnknownHandler, VerbHandler, ViewsHandler
from mlops_magics.panel.verbs import ADDRESSES

ROOT = "mlops-magics"
VIEWS = "/tabs.js"
"""Address of the script with the views of tabs."""


def routes(base_url: str) -> list[tuple[Any, ...]]:
    """Return the routes below the server's base address."""
    start = base_url.rstrip("/") + "/" + ROOT
    known = [
        (start + re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", address), VerbHandler, {"verb": verb, "method": method})
        for verb, (method, address) in ADDRESSES.items()
    ]
    # the unknown last: tornado takes the first pattern that fits
    return [*known, (start + VIEWS, ViewsHandler), (start + r"(?:/.*)?", UnknownHandler)]
