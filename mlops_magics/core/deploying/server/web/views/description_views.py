"""The OpenAPI description of the endpoint, and the page to read and try it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlops_magics.core.deploying.contract.http_messages import Request, Response, json_response
from mlops_magics.core.deploying.server.web import page as pages
from mlops_magics.core.deploying.server.web.openapi import description

if TYPE_CHECKING:
    from mlops_magics.core.deploying.server.service import Service


def openapi(service: Service, request: Request) -> Response:
    """Return the OpenAPI description."""
    return json_response(description(service))


def page(service: Service, request: Request) -> Response:
    """Return the page."""
    return pages.page()
