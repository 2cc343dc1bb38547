"""Routes of one's own: functions that the owner sent to the endpoint, called with the model and the request's JSON."""

from __future__ import annotations

import base64
import logging
import pickle
from typing import TYPE_CHECKING

from flask import Flask, Response, request

from mlops_magics.core.deploying.contract.http_error import Refusal
from mlops_magics.core.deploying.parsing import bodies
from mlops_magics.core.deploying.server.web.flask_messages import incoming, told
from mlops_magics.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlops_magics.core.deploying.server.service import Service

VERBS = frozenset({"GET", "POST"})

logger = logging.getLogger(__name__)


def take(app: Flask, service: Service, path: str, function: str) -> None:
    """Answer at a path with a function that the owner sent, pickled and in base64; nobody else can send one.

    Raises
    ------
    InvalidInput
        When the endpoint answers at this path itself.
    """
    rules = app.url_map.bind("localhost")
    if any(rules.test(path, verb) for verb in VERBS):
        raise InvalidInput(f"The endpoint itself answers at {path}; choose another path.")
    service.own_routes[path] = pickle.loads(base64.b64decode(function))  # noqa: S301, see above


def resume(app: Flask, service: Service, routes: Mapping[str, str]) -> None:
    """Answer at the paths of an endpoint that is started again, but for functions that cannot be read any more."""
    for path, function in routes.items():
        try:
            take(app, service, path, function)
        except Exception as error:  # what it imports may be gone, or be another version; the model answers all the same
            logger.warning("the route %s is left out", path, exc_info=error)


def answer(service: Service) -> Response | None:
    """Answer a path that no other route has, if the owner gave a function for it."""
    function = service.own_routes.get(request.path.rstrip("/"))
    if function is None or request.url_rule is not None or request.method not in VERBS:
        return None
    body = incoming().body
    value = bodies.json_value(body, service.limits) if body else None
    slot = service.catalogue.slots.get(request.path.split("/")[1], service.catalogue.first)
    serving = slot.current
    try:
        response = told(function(serving.model, value))
    except Exception as error:  # whatever the owner's function raises
        logger.error("the function of %s failed", request.path, exc_info=error)
        kind = type(error).__name__
        raise Refusal(
            500, f"The function of {request.path} failed ({kind}); the endpoint's log file says more."
        ) from error
    response.headers["X-Model-Version"] = serving.version.version
    return response
