"""Routes of one's own: functions that the owner sent to the endpoint, called with the model and the request's JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Flask, Response, request

from mlops_magics.core.deploying import bodies
from mlops_magics.core.deploying.server.flask_exchange import incoming, told

if TYPE_CHECKING:
    from mlops_magics.core.deploying.server.service import Service

VERBS = frozenset({"GET", "POST"})


def taken(app: Flask, path: str) -> bool:
    """Tell whether the endpoint answers at this path itself."""
    rules = app.url_map.bind("localhost")
    return any(rules.test(path, verb) for verb in VERBS)


def answer(service: Service) -> Response | None:
    """Answer a path that no other route has, if the owner gave a function for it."""
    function = service.own_routes.get(request.path.rstrip("/"))
    if function is None or request.url_rule is not None or request.method not in VERBS:
        return None
    body = incoming().body
    value = bodies.json_value(body, service.limits) if body else None
    slot = service.catalogue.slots.get(request.path.split("/")[1], service.catalogue.first)
    serving = slot.current
    response = told(function(serving.model, value))
    response.headers["X-Model-Version"] = serving.version.version
    return response
