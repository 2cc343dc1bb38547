"""Routes of one's own: functions that the owner sent to the endpoint, called with the model and the request's JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, request

from mlops_magics.core.deploying import bodies
from mlops_magics.core.deploying.refusal import Refusal
from mlops_magics.core.deploying.server.flask_exchange import incoming, told

if TYPE_CHECKING:
    from mlops_magics.core.deploying.server.service import Service


def blueprint(service: Service) -> Blueprint:
    """Return the route that looks every other path up among the owner's functions."""
    routes = Blueprint("own", __name__)

    def call(path: str) -> Response:
        function = service.own_routes.get("/" + path.rstrip("/"))
        if function is None:
            raise Refusal(404, f"Not Found: {request.method} {request.path[:200]}")
        body = incoming().body
        value = bodies.json_value(body, service.limits) if body else None
        return told(function(service.catalogue.first.current.model, value))

    routes.add_url_rule("/<path:path>", "own", call, methods=["GET", "POST"])
    return routes
