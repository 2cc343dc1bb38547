"""The Open Inference Protocol's routes that only read: the server, its health, its models."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlops_magics.core.deploying.contract.http_error import HttpError
from mlops_magics.core.deploying.contract.http_messages import Request, Response, json_response
from mlops_magics.core.deploying.protocols.open_inference import model_metadata
from mlops_magics.version import __version__

if TYPE_CHECKING:
    from mlops_magics.core.deploying.server.service import Service
    from mlops_magics.core.deploying.serving.loaded_model import LoadedModel

EXTENSIONS = ["binary_tensor_data", "model_versions"]


def server(service: Service, request: Request) -> Response:
    """Return name, version and extensions of the server."""
    return json_response({"name": "mlops_magics", "version": __version__, "extensions": EXTENSIONS})


def live(service: Service, request: Request) -> Response:
    """Return that the server runs."""
    return json_response({"live": True})


def ready(service: Service, request: Request) -> Response:
    """Return that the server answers."""
    return json_response({"ready": True})


def model(service: Service, request: Request, name: str, version: str = "") -> Response:
    """Return the inputs and outputs of a model.

    Parameters
    ----------
    service, request
        The endpoint, and the HTTP request.
    name, version
        The model, and its version where the path has one.
    """
    held = service.slots.slot(name).held()
    versions = list(dict.fromkeys(each.version.version for each in held))
    return json_response(model_metadata(_loaded(service, name, version), versions))


def model_ready(service: Service, request: Request, name: str, version: str = "") -> Response:
    """Return that a model answers.

    Parameters
    ----------
    service, request
        The endpoint, and the HTTP request.
    name, version
        The model, and its version where the path has one.
    """
    return json_response({"name": _loaded(service, name, version).version.name, "ready": True})


def _loaded(service: Service, name: str, version: str) -> LoadedModel:
    slot = service.slots.slot(name)
    held = slot.warm(version) if version else slot.current
    if held is None:
        raise HttpError(404, f"Version {version[:80]!r} of {slot.name} is not served here.")
    return held
