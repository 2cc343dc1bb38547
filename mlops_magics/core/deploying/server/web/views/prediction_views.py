"""The routes that ask a model; the event loop answers them itself, so Flask sees them under another server only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response

from mlops_magics.core.deploying.server.web.flask_messages import incoming, outgoing
from mlops_magics.core.deploying.serving.loaded_model import METHODS

if TYPE_CHECKING:
    from mlops_magics.core.deploying.server.service import Service


def blueprint(service: Service) -> Blueprint:
    """Return `/predict` and its siblings, `/NAME/predict`, and MLflow's `/invocations`."""
    routes = Blueprint("predictions", __name__)

    def answer(**steps: str) -> Response:
        return outgoing(service.answer(incoming()))

    for method in (*METHODS, "invocations"):
        routes.add_url_rule(f"/{method}", f"{method}", answer, methods=["POST"])
        routes.add_url_rule(f"/<name>/{method}", f"named {method}", answer, methods=["POST"])
    return routes
