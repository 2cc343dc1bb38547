"""The Open Inference Protocol's routes beside `infer`: the server, its health, its models."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response

from mlops_magics.core.deploying.contract.http_error import Refusal
from mlops_magics.core.deploying.protocols.open_inference import model_metadata
from mlops_magics.core.deploying.server.web.flask_messages import incoming, outgoing, told
from mlops_magics.version import __version__

if TYPE_CHECKING:
    from mlops_magics.core.deploying.server.service import Service
    from mlops_magics.core.deploying.serving.loaded_model import Serving

EXTENSIONS = ["binary_tensor_data", "model_versions"]


def blueprint(service: Service) -> Blueprint:
    """Return everything below `/v2`."""
    routes = Blueprint("inference", __name__, url_prefix="/v2")

    def serving(name: str, version: str = "") -> Serving:
        slot = service.catalogue.slot(name)
        held = slot.warm(version) if version else slot.current
        if held is None:
            raise Refusal(404, f"Version {version[:80]!r} of {slot.name} is not served here.")
        return held

    def versions(name: str) -> list[str]:
        held = service.catalogue.slot(name).held()
        return list(dict.fromkeys(each.version.version for each in held))

    def infer(**steps: str) -> Response:
        return outgoing(service.answer(incoming()))

    routes.add_url_rule(
        "",
        "server",
        lambda: told({"name": "mlops_magics", "version": __version__, "extensions": EXTENSIONS}),
    )
    routes.add_url_rule("/health/live", "live", lambda: told({"live": True}))
    routes.add_url_rule("/health/ready", "ready", lambda: told({"ready": True}))
    for place in ("/models/<name>", "/models/<name>/versions/<version>"):
        routes.add_url_rule(
            place,
            f"{place} model",
            lambda name, version="": told(model_metadata(serving(name, version), versions(name))),
        )
        routes.add_url_rule(
            f"{place}/ready",
            f"{place} ready",
            lambda name, version="": told({"name": serving(name, version).version.name, "ready": True}),
        )
        routes.add_url_rule(f"{place}/infer", f"{place} infer", infer, methods=["POST"])
    return routes
