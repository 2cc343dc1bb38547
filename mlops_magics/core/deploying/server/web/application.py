"""The Flask application: every route of the endpoint, complete in itself under any WSGI server."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from mlops_magics.core.deploying.contract.http_error import Refusal
from mlops_magics.core.deploying.contract.http_messages import error_answer
from mlops_magics.core.deploying.server.web.flask_messages import outgoing
from mlops_magics.core.deploying.server.web.page import for_browser
from mlops_magics.core.deploying.server.web.views import (
    description_views,
    feedback_views,
    open_inference_views,
    own_routes,
    prediction_views,
    state_views,
)
from mlops_magics.core.deploying.server.web.wsgi import ADMITTED
from mlops_magics.errors import MlopsError

if TYPE_CHECKING:
    from mlops_magics.core.deploying.server.service import Service


logger = logging.getLogger(__name__)


def create_app(service: Service) -> Flask:
    """Return the application that answers for this service."""
    app = Flask("mlops_magics", static_folder=None)
    app.url_map.strict_slashes = False
    app.config["MAX_CONTENT_LENGTH"] = service.limits.body_bytes
    app.before_request(lambda: _admit(service))
    app.before_request(lambda: own_routes.answer(service))
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _any_error)
    for views in (prediction_views, state_views, description_views, open_inference_views, feedback_views):
        app.register_blueprint(views.blueprint(service))
    return app


def _admit(service: Service) -> Response | None:
    if request.environ.get(ADMITTED):
        return None
    headers = {name.lower(): value for name, value in request.headers.items()}
    refusal = service.guard.refusal(request.path, headers)
    if refusal is None:
        return None
    return outgoing(for_browser(refusal, request.path, headers) or error_answer(refusal))


def _http_error(error: HTTPException) -> Any:
    """Answer Flask's own errors in the one JSON shape: 404, 405, 413."""
    response = outgoing(
        error_answer(Refusal(error.code or 500, f"{error.name}: {request.method} {request.path[:200]}"))
    )
    for name, value in error.get_headers():
        if name.lower() == "allow":
            response.headers[name] = value
    return response


def _any_error(error: Exception) -> Any:
    if not isinstance(error, MlopsError):
        logger.error("a request failed", exc_info=error)
    return outgoing(error_answer(error))
