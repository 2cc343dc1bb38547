"""The OpenAPI description of what is served, and the page to read and try it."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING

from flask import Blueprint, Response

from mlops_magics.core.deploying.server.flask_exchange import told
from mlops_magics.core.deploying.server.openapi import description

if TYPE_CHECKING:
    from mlops_magics.core.deploying.server.service import Service

POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
    "connect-src 'self'; frame-ancestors 'none'"
)


def blueprint(service: Service) -> Blueprint:
    """Return `/openapi.json` and `/`."""
    routes = Blueprint("description", __name__)
    routes.add_url_rule("/openapi.json", "openapi", lambda: told(description(service)))
    routes.add_url_rule("/", "page", lambda: page())
    return routes


def page(status: int = 200) -> Response:
    """Return the page; it knows nothing of the model, and asks for the token before it asks for anything else."""
    text = resources.files("mlops_magics.core.deploying.server").joinpath("page.html").read_text("utf-8")
    response = Response(text, status, content_type="text/html; charset=utf-8")
    response.headers["Content-Security-Policy"] = POLICY
    return response
