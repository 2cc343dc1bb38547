"""Every address of the server extension. Any other answers 404 in JSON."""

from __future__ import annotations

import re
from typing import Any

from mlops_magics.lab.handler import UnknownHandler, VerbHandler, ViewsHandler

ROOT = "mlops-magics"
VIEWS = "/tabs.js"
"""Address of the script with the views of tabs."""
ADDRESSES: dict[str, tuple[str, str]] = {
    "boards": ("GET", "/boards"),
    "forget": ("POST", "/boards/{board}/forget"),
    "models": ("GET", "/boards/{board}/models"),
    "versions": ("GET", "/boards/{board}/models/{name}/versions"),
    "version": ("GET", "/boards/{board}/models/{name}/versions/{version}"),
    "history": ("GET", "/boards/{board}/models/{name}/history"),
    "compare": ("GET", "/boards/{board}/models/{name}/compare"),
    "traffic": ("GET", "/boards/{board}/models/{name}/traffic"),
    "verdicts": ("GET", "/boards/{board}/models/{name}/verdicts"),
    "report": ("GET", "/boards/{board}/models/{name}/report"),
    "promote": ("POST", "/boards/{board}/models/{name}/aliases/{alias}/promote"),
    "rollback": ("POST", "/boards/{board}/models/{name}/aliases/{alias}/rollback"),
    "delete": ("POST", "/boards/{board}/models/{name}/versions/{version}/delete"),
    "restore": ("POST", "/boards/{board}/restore"),
    "retraining": ("GET", "/boards/{board}/models/{name}/retraining"),
    "cancel": ("POST", "/boards/{board}/models/{name}/retraining/cancel"),
    "policies": ("GET", "/boards/{board}/models/{name}/policies"),
    "schedule": ("POST", "/boards/{board}/models/{name}/policies/{policy}/schedule"),
    "unschedule": ("POST", "/boards/{board}/models/{name}/policies/{policy}/unschedule"),
    "card": ("GET", "/boards/{board}/models/{name}/versions/{version}/card"),
    "write_card": ("POST", "/boards/{board}/models/{name}/versions/{version}/card/{part}"),
    "endpoints": ("GET", "/endpoints"),
    "endpoint": ("GET", "/endpoints/{board}/{name}"),
    "predict": ("POST", "/endpoints/{board}/{name}/predict"),
    "stop": ("POST", "/endpoints/{board}/{name}/stop"),
    "restart": ("POST", "/endpoints/{board}/{name}/restart"),
    "swap": ("POST", "/endpoints/{board}/{name}/swap"),
    "canary": ("POST", "/endpoints/{board}/{name}/canary"),
    "adopt": ("POST", "/endpoints/{board}/{name}/adopt"),
    "end_trial": ("POST", "/endpoints/{board}/{name}/end_trial"),
}
"""Verb of the panel → method and address. Fields that the address does not name travel in the query or the body."""


def routes(base_url: str) -> list[tuple[Any, ...]]:
    """Return the routes below the server's base address."""
    start = base_url.rstrip("/") + "/" + ROOT
    known = [
        (start + re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", address), VerbHandler, {"verb": verb, "method": method})
        for verb, (method, address) in ADDRESSES.items()
    ]
    # the unknown last: tornado takes the first pattern that fits
    return [*known, (start + VIEWS, ViewsHandler), (start + r"(?:/.*)?", UnknownHandler)]
