"""The OpenAPI description of what is served, and the page to read and try it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint

from mlops_magics.core.deploying.server.flask_exchange import outgoing, told
from mlops_magics.core.deploying.server.openapi import description
from mlops_magics.core.deploying.server.page import page

if TYPE_CHECKING:
    from mlops_magics.core.deploying.server.service import Service


def blueprint(service: Service) -> Blueprint:
    """Return `/openapi.json` and `/`."""
    routes = Blueprint("description", __name__)
    routes.add_url_rule("/openapi.json", "openapi", lambda: told(description(service)))
    routes.add_url_rule("/", "page", lambda: outgoing(page()))
    return routes
