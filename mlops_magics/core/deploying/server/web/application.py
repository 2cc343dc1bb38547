"""The Flask application: every route of the endpoint, complete in itself under any WSGI server."""

from __future__ import annotations

import logging
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import flask
from flask import Flask
from werkzeug.exceptions import HTTPException

from mlops_magics.core.deploying.contract.http_error import HttpError
from mlops_magics.core.deploying.contract.http_messages import Response, error_response
from mlops_magics.core.deploying.server.routes import ROUTES, error_fields
from mlops_magics.core.deploying.server.web.flask_messages import from_flask, to_flask
from mlops_magics.core.deploying.server.web.page import for_browser
from mlops_magics.core.deploying.server.web.views import VIEWS, View, own_routes
from mlops_magics.core.deploying.server.web.wsgi import ADMITTED
from mlops_magics.core.deploying.serving.prediction_request import with_error_fields
from mlops_magics.errors import MlopsError, nearest

if TYPE_CHECKING:
    from mlops_magics.core.deploying.server.service import Service


logger = logging.getLogger(__name__)


def create_app(service: Service) -> Flask:
    """Return the application that answers for this service. Its rules are those of `routes.ROUTES`."""
    app = Flask("mlops_magics", static_folder=None)
    app.url_map.strict_slashes = False
    app.config["MAX_CONTENT_LENGTH"] = service.limits.body_bytes
    # in this order: the check comes before a function of the owner
    app.before_request(lambda: _admit(service))
    app.before_request(lambda: _own_route(service))
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _any_error)
    for route in ROUTES:
        for pattern in route.patterns:
            answer = partial(_view, service, VIEWS[route.view])
            app.add_url_rule(pattern, f"{route.verb} {pattern}", answer, methods=[route.verb])
    return app


def _view(service: Service, view: View, **steps: str) -> flask.Response:
    return to_flask(view(service, from_flask(), **steps))


def _admit(service: Service) -> flask.Response | None:
    request = flask.request
    if request.environ.get(ADMITTED):
        return None
    headers = {name.lower(): value for name, value in request.headers.items()}
    refusal = service.guard.refusal(request.path, headers)
    if refusal is None:
        return None
    return to_flask(for_browser(refusal, request.path, headers) or _written(refusal))


def _own_route(service: Service) -> flask.Response | None:
    """Answer a path that no rule has with the owner's function."""
    if flask.request.url_rule is not None or not service.own_routes:
        return None
    response = own_routes.answer(service, from_flask())
    return None if response is None else to_flask(response)


def _http_error(error: HTTPException) -> Any:
    """Return Flask's own errors (404, 405, 413) as JSON."""
    request = flask.request
    message = f"{error.name}: {request.method} {request.path[:200]}{_instead(error)}"
    response = to_flask(_written(HttpError(error.code or 500, message)))
    # RFC 9110, section 15.5.6: a 405 names the methods that are allowed
    for name, value in error.get_headers():
        if name.lower() == "allow":
            response.headers[name] = value
    return response


def _instead(error: HTTPException) -> str:
    """Return what to send instead: another method, or a route with a name like the wrong one."""
    request = flask.request
    allowed = [name for name in getattr(error, "valid_methods", None) or () if name in {"GET", "POST"}]
    if allowed:
        return f". Send {' or '.join(allowed)}."
    patterns = {
        rule.rule for rule in flask.current_app.url_map.iter_rules() if "<" not in rule.rule and rule.rule != "/"
    }
    close = nearest(request.path[:200], sorted(patterns), 1) if error.code == HTTPStatus.NOT_FOUND else []
    return f". Did you mean {close[0]}?" if close else ""


def _any_error(error: Exception) -> Any:
    if not isinstance(error, MlopsError):
        logger.error("a request failed", exc_info=error)
    return to_flask(_written(error))


def _written(error: BaseException) -> Response:
    """Return an error as the protocol of the request's path writes it."""
    return with_error_fields(error_response(error), error_fields(flask.request.path))
