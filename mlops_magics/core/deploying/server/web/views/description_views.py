"""The OpenAPI description of what is served, and the page to read and try it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint

from mlops_magics.core.deploying.server.web.flask_messages import outgoing, told
from mlops_magics.core.deploying.server.web.openapi import description
from mlops_magics.core.deploying.server.web.page import PAGES, page

if TYPE_CHECKING:
    from mlops_magics.core.deploying.server.service import Service


def blueprint(service: Service) -> Blueprint:
    """Return `/openapi.json`, and the page at `/` and where vetiver has its own."""
    routes = Blueprint("description", __name__)
    routes.add_url_rule("/openapi.json", "openapi", lambda: told(description(service)))
    for place in PAGES:
        routes.add_url_rule(place, f"page {place}", lambda: outgoing(page()))
    return routes
