"""The one table of HTTP routes, from which the event loop's router, Flask's rules and the OpenAPI description come."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from mlops_magics.core.deploying.contract.methods import METHODS
from mlops_magics.core.deploying.protocols import mlflow, open_inference, vetiver
from mlops_magics.core.deploying.protocols.protocol import ErrorFields, Protocol

Scope = Literal["endpoint", "model", "named model"]
"""Whether a path is the endpoint's, a model's (also at ``/<name>/…``, without a name the first model), or a
model's with the name in the pattern itself."""


@dataclass(frozen=True, slots=True)
class Route:
    """One path and HTTP method.

    Attributes
    ----------
    pattern
        With Flask's ``<name>`` and ``<version>`` in place of a model's name and version.
    protocol
        The protocol that it belongs to: ``vetiver``, ``MLflow``, ``Open Inference``, or ``own``.
    view
        The name of the function that answers it under Flask (see `web.views`).
    reader
        The protocol of a prediction route, which the event loop answers itself.
    model_method
        The model's method that the path names, such as ``predict_proba``.
    is_open
        Whether it needs no token.
    """

    verb: Literal["GET", "POST"]
    pattern: str
    protocol: str
    summary: str
    view: str
    scope: Scope = "endpoint"
    reader: Protocol | None = None
    model_method: str = ""
    is_open: bool = False

    @property
    def patterns(self) -> tuple[str, ...]:
        """The pattern, and the one below ``/<name>`` where there is one."""
        return (self.pattern, f"/<name>{self.pattern}") if self.scope == "model" else (self.pattern,)


@dataclass(frozen=True, slots=True)
class Match:
    """A path that matched a prediction route.

    Attributes
    ----------
    method
        The model's method in the path, empty where the request names it.
    name, version
        The model's name and version in the path, empty where the path has none.
    """

    protocol: Protocol
    method: str
    name: str = ""
    version: str = ""


def _prediction_routes() -> Iterator[Route]:
    for method in METHODS:
        summary = f"Call the model's `{method}`"
        yield Route("POST", f"/{method}", "vetiver", summary, "predict", "model", vetiver.PROTOCOL, method)
    summary = "MLflow's scoring protocol"
    yield Route("POST", "/invocations", "MLflow", summary, "predict", "model", mlflow.PROTOCOL, "predict")
    for model in _MODEL_PATTERNS:
        summary = "Open Inference Protocol: call the model"
        reader = open_inference.PROTOCOL
        yield Route("POST", f"{model}/infer", "Open Inference", summary, "predict", "named model", reader)


_MODEL_PATTERNS = ("/v2/models/<name>", "/v2/models/<name>/versions/<version>")

ROUTES: tuple[Route, ...] = (
    *_prediction_routes(),
    Route("POST", "/feedback", "own", "Send the truth that became known later", "feedback", "model"),
    Route("GET", "/metadata", "vetiver", "Facts of the version that is served", "metadata", "model"),
    Route("GET", "/prototype", "vetiver", "The columns that the model reads", "prototype", "model"),
    Route("GET", "/ping", "vetiver", "Liveness. No token needed", "ping", is_open=True),
    Route("GET", "/pin-url", "vetiver", "The board", "pin_url"),
    Route("GET", "/version", "MLflow", "The version", "version"),
    Route("GET", "/health", "own", "Readiness, version, uptime, queue, counters", "health"),
    Route("GET", "/metrics", "own", "Counters and times for Prometheus", "metrics"),
    Route("GET", "/openapi.json", "own", "This description", "openapi"),
    Route("GET", "/", "own", "The page to read and try the endpoint", "page"),
    Route("GET", "/__docs__", "vetiver", "The page to read and try the endpoint", "page"),
    Route("GET", "/v2", "Open Inference", "Open Inference Protocol: the server", "server"),
    Route("GET", "/v2/health/live", "Open Inference", "Open Inference Protocol: liveness", "live", is_open=True),
    Route("GET", "/v2/health/ready", "Open Inference", "Open Inference Protocol: readiness", "ready", is_open=True),
    *(
        Route("GET", f"{model}{path}", "Open Inference", f"Open Inference Protocol: {of}", view, "named model")
        for model in _MODEL_PATTERNS
        for path, of, view in (("", "the model", "model"), ("/ready", "readiness of the model", "model_ready"))
    ),
)
"""In the order of the OpenAPI description. A prediction route has a `reader`."""

OPEN_PATHS = frozenset(path for route in ROUTES if route.is_open for path in (route.pattern, f"{route.pattern}/"))


def error_fields(path: str) -> ErrorFields | None:
    """Return the function that adds the fields that clients of a path's protocol read in an error."""
    return open_inference.error_fields if path == "/v2" or path.startswith("/v2/") else None


def find(path: str) -> Match | None:
    """Return the prediction route of a path, with or without a trailing slash."""
    steps = path.strip("/").split("/")
    for length, literal, route in _COMPILED:
        if length != len(steps):
            continue
        if all(steps[place] == step for place, step in literal.items()):
            assert route.reader is not None
            found = dict(zip(_steps(route.patterns, length), steps))
            return Match(route.reader, route.model_method, found.get("<name>", ""), found.get("<version>", ""))
    return None


def _steps(patterns: tuple[str, ...], length: int) -> list[str]:
    """Return the steps of the pattern of this length."""
    return next(steps for steps in (pattern.strip("/").split("/") for pattern in patterns) if len(steps) == length)


def _compiled() -> Iterator[tuple[int, dict[int, str], Route]]:
    """Yield the length, the literal steps by position, and the route of every pattern of a prediction."""
    for route in ROUTES:
        if route.reader is not None:
            for pattern in route.patterns:
                steps = pattern.strip("/").split("/")
                yield len(steps), {at: step for at, step in enumerate(steps) if not step.startswith("<")}, route


_COMPILED = tuple(_compiled())
