"""Which protocol, model and method a path asks for; everything that is not a prediction is Flask's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlops_magics.core.deploying.contract.http_messages import Request
from mlops_magics.core.deploying.protocols import mlflow, open_inference, vetiver
from mlops_magics.core.deploying.serving.loaded_model import METHODS, Serving

if TYPE_CHECKING:
    from mlops_magics.core.deploying.serving.prediction_request import Part, Render

Read = Callable[[Request, Serving], "tuple[Part, Render]"]
Dress = Callable[[dict[str, Any]], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Route:
    """A path of one protocol that asks a model.

    Attributes
    ----------
    method
        The model's method in the path; nothing where the request names it.
    name
        The model's name in the path; nothing where the path names none.
    version
        The version in the path; nothing where the path names none.
    """

    read: Read
    method: str
    name: str = ""
    version: str = ""
    dress: Dress | None = None


def find(path: str) -> Route | None:
    """Return the prediction route of a path, with and without a trailing slash, or ``None``."""
    steps = path.strip("/").split("/")
    if steps[0] == "v2":
        return _inference(steps)
    if len(steps) > 2:
        return None
    name = steps[0] if len(steps) == 2 else ""
    if steps[-1] in METHODS:
        return Route(vetiver.read, steps[-1], name)
    if steps[-1] == "invocations":
        return Route(mlflow.read, "predict", name, dress=mlflow.dressed)
    return None


def _inference(steps: list[str]) -> Route | None:
    match steps:
        case ["v2", "models", name, "infer"]:
            return Route(open_inference.read, "", name, dress=open_inference.dressed)
        case ["v2", "models", name, "versions", version, "infer"]:
            return Route(open_inference.read, "", name, version, dress=open_inference.dressed)
    return None
