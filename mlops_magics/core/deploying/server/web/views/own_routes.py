"""The owner's routes: functions sent to the endpoint, called with the model and the request's JSON."""

from __future__ import annotations

import base64
import logging
import pickle
from typing import TYPE_CHECKING

from mlops_magics.core.deploying.contract.http_error import HttpError
from mlops_magics.core.deploying.contract.http_messages import Request, Response, json_response
from mlops_magics.core.deploying.parsing.json_forms import json_value
from mlops_magics.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Flask

    from mlops_magics.core.deploying.server.service import Service

VERBS = frozenset({"GET", "POST"})

logger = logging.getLogger(__name__)


def take(app: Flask, service: Service, path: str, function: str) -> None:
    """Answer at a path with a function of the owner, pickled and in base64. Only the owner can send one.

    Parameters
    ----------
    app, service
        The web application, and its endpoint.
    path
        Where it answers.
    function
        The pickled function, in base64.

    Raises
    ------
    InvalidInput
        When the endpoint itself answers at this path.
    """
    rules = app.url_map.bind("localhost")
    if any(rules.test(path, verb) for verb in VERBS):
        raise InvalidInput(f"The endpoint itself answers at {path}. Choose another path.")
    service.own_routes[path] = pickle.loads(base64.b64decode(function))  # noqa: S301, see above


def resume(app: Flask, service: Service, routes: Mapping[str, str]) -> None:
    """Answer at the paths of a restarted endpoint, without functions that can no longer be unpickled."""
    for path, function in routes.items():
        try:
            take(app, service, path, function)
        except Exception as error:  # its packages may be gone or changed, but the model answers all the same
            logger.warning("the route %s is left out", path, exc_info=error)


def answer(service: Service, request: Request) -> Response | None:
    """Call the owner's function of a path, or return ``None`` where there is none.

    Raises
    ------
    HttpError
    """
    function = service.own_routes.get(request.path.rstrip("/"))
    if function is None or request.method not in VERBS:
        return None
    value = json_value(request.body, service.limits) if request.body else None
    slot = service.slots.slots.get(request.path.split("/")[1], service.slots.first)
    loaded = slot.current
    try:
        response = json_response(function(loaded.model, value))
    except Exception as error:  # whatever the owner's function raises
        logger.error("the function of %s failed", request.path, exc_info=error)
        kind = type(error).__name__
        raise HttpError(
            500, f"The function of {request.path} failed ({kind}). For the traceback see the endpoint's log file."
        ) from error
    response.headers.append(("X-Model-Version", loaded.version.version))
    return response
