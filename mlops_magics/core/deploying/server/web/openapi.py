"""The OpenAPI 3.1 description, written from the prototypes of what is served."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from mlops_magics.core.deploying.parsing import bodies
from mlops_magics.core.deploying.protocols.open_inference import DATATYPES
from mlops_magics.core.deploying.protocols.tensors import TEXTS
from mlops_magics.core.deploying.server.web.page import PAGES
from mlops_magics.version import __version__

if TYPE_CHECKING:
    from mlops_magics.core.deploying.server.service import Service
    from mlops_magics.core.deploying.server.slots import Slot
    from mlops_magics.core.deploying.serving.loaded_model import Serving

EXAMPLE_ROWS = 2
ERRORS = {
    400: "The body cannot be read",
    401: "No bearer token",
    403: "A Host or an Origin that is not served",
    404: "No such route, model or version",
    405: "Another HTTP method",
    408: "The request did not arrive in time",
    413: "Beyond a limit",
    415: "A content type that is not spoken here",
    422: "Data that do not fit the prototype",
    429: "Too many requests",
    431: "Headers beyond the limit",
    500: "The model failed",
    503: "Too many wait",
    504: "The model took too long",
}


def description(service: Service) -> dict[str, Any]:
    """Return the whole description."""
    first = service.catalogue.first
    paths: dict[str, Any] = {}
    for slot in service.catalogue.slots.values():
        paths.update(_slot_paths(slot, "" if slot is first else f"/{slot.name}"))
    for path, function in service.own_routes.items():
        paths[path] = {"post": _operation(_summary_of(path, function), _json_body({}), {})}
    paths.update(_state_paths())
    return {
        "openapi": "3.1.0",
        "info": {
            "title": first.name,
            "version": first.current.version.version,
            "description": first.current.version.description or "",
        },
        "security": [{"token": []}] if service.guard.asks_for_token else [],
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": {
                "Error": _error_schema(),
                **{f"{slot.name}.row": row_schema(slot.current) for slot in service.catalogue.slots.values()},
            },
        },
        "x-generator": f"mlops_magics {__version__}",
    }


def row_schema(serving: Serving) -> dict[str, Any]:
    """Return the JSON schema of one record."""
    columns = serving.layout.columns
    return {
        "type": "object",
        "required": [column.name for column in columns],
        "properties": {column.name: _column_schema(column) for column in columns},
        "additionalProperties": serving.options.extras == "ignore",
    }


def _column_schema(column: Any) -> dict[str, Any]:
    kinds: dict[str, dict[str, Any]] = {
        "number": {"type": "number"},
        "integer": {"type": "integer", "minimum": -(2**63), "maximum": 2**63 - 1},
        "boolean": {"type": "boolean"},
        "string": {"type": "string"},
        "category": {"enum": list(column.categories or ())},
        "datetime": {"type": "string", "format": "date-time"},
    }
    schema = kinds.get(column.kind, {"type": "string"})
    if column.nullable:
        schema = {"anyOf": [schema, {"type": "null"}]}
    return {**schema, "examples": [column.example]} if column.example is not None else schema


def _slot_paths(slot: Slot, prefix: str) -> dict[str, Any]:
    serving = slot.current
    paths = {f"{prefix}/{method}": {"post": _predict_operation(slot, method)} for method in serving.methods}
    paths[f"{prefix}/metadata"] = {"get": _read_operation("What is served")}
    paths[f"{prefix}/prototype"] = {"get": _read_operation("The columns that the model reads")}
    rows = _examples(serving)
    split = {"dataframe_records": rows} if rows else None
    paths[f"{prefix}/invocations"] = {
        "post": _operation("MLflow's scoring protocol", _json_body({"type": "object"}, split), {"type": "object"})
    }
    paths[f"{prefix}/feedback"] = {"post": _feedback_operation()}
    model = f"/v2/models/{slot.name}"
    paths[model] = {"get": _read_operation("Open Inference Protocol: the model")}
    paths[f"{model}/ready"] = {"get": _read_operation("Open Inference Protocol: readiness")}
    tensors = {"id": "1", "inputs": [_tensor(column, rows) for column in serving.layout.columns]} if rows else None
    asked = _json_body({"type": "object"}, tensors)
    paths[f"{model}/infer"] = {"post": _operation("Open Inference Protocol: ask the model", asked, {"type": "object"})}
    return paths


def _examples(serving: Serving) -> list[dict[str, Any]]:
    return [dict(row) for row in serving.layout.prototype.examples][:EXAMPLE_ROWS]


def _tensor(column: Any, rows: list[dict[str, Any]]) -> dict[str, Any]:
    values = [row[column.name] for row in rows]
    datatype = DATATYPES.get(column.kind, TEXTS)
    return {"name": column.name, "shape": [len(rows), 1], "datatype": datatype, "data": values}


def _predict_operation(slot: Slot, method: str) -> dict[str, Any]:
    serving = slot.current
    rows = {"type": "array", "minItems": 1, "items": {"$ref": f"#/components/schemas/{slot.name}.row"}}
    body = _json_body(rows, _examples(serving) or None)
    for media in (bodies.CSV, bodies.ARROW, bodies.PARQUET):
        body["content"][media] = {"schema": {"type": "string"} if media == bodies.CSV else {}}
    answer = {"type": "object", "required": ["predict"], "properties": {"predict": {"type": "array"}}}
    operation = _operation(f"Ask the model's `{method}`", body, answer)
    operation["responses"]["200"]["content"][bodies.ARROW] = {"schema": {}}
    return operation


def _summary_of(path: str, function: Any) -> str:
    """Return the first line of what the owner wrote about a route, else its path."""
    return (inspect.getdoc(function) or f"The owner's {path}").splitlines()[0]


def _feedback_operation() -> dict[str, Any]:
    schema = {
        "type": "object",
        "required": ["request_id", "truth"],
        "properties": {"request_id": {"type": "string"}, "truth": {}, "row": {"type": "integer", "minimum": 0}},
    }
    body = _json_body(schema, {"request_id": "the X-Request-Id of an answer", "truth": 1})
    return _operation("Say what came out", body, {"type": "object", "properties": {"added": {"type": "integer"}}})


def _state_paths() -> dict[str, Any]:
    told = {
        "/ping": "Liveness; no token needed",
        "/health": "Readiness, version, uptime, queue, counts",
        "/version": "The version",
        "/pin-url": "The board",
        "/openapi.json": "This description",
        "/v2": "Open Inference Protocol: the server",
        "/v2/health/live": "Open Inference Protocol: liveness",
        "/v2/health/ready": "Open Inference Protocol: readiness",
    }
    paths: dict[str, Any] = {path: {"get": _read_operation(summary)} for path, summary in told.items()}
    paths["/ping"]["get"]["security"] = []
    for place in PAGES:
        paths[place] = {"get": _read_operation("The page to read and try this", "text/html")}
    paths["/metrics"] = {"get": _read_operation("Counts and times for Prometheus", "text/plain")}
    return paths


def _read_operation(summary: str, media: str = bodies.JSON) -> dict[str, Any]:
    return {
        "summary": summary,
        "responses": {"200": {"description": "Answered", "content": {media: {"schema": {}}}}, **_errors()},
    }


def _operation(summary: str, body: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
    answered = {"description": "Answered", "content": {bodies.JSON: {"schema": answer}}, "headers": _headers()}
    return {"summary": summary, "requestBody": body, "responses": {"200": answered, **_errors()}}


def _json_body(schema: dict[str, Any], example: Any = None) -> dict[str, Any]:
    media = {"schema": schema} if example is None else {"schema": schema, "example": example}
    return {"required": True, "content": {bodies.JSON: media}}


def _headers() -> dict[str, Any]:
    told = {
        "X-Model-Version": "The version that answered",
        "X-Request-Id": "For `/feedback`",
        "X-Warning": "Values outside the training range",
    }
    return {name: {"description": text, "schema": {"type": "string"}} for name, text in told.items()}


def _errors() -> dict[str, Any]:
    content = {bodies.JSON: {"schema": {"$ref": "#/components/schemas/Error"}}}
    return {str(status): {"description": text, "content": content} for status, text in ERRORS.items()}


def _error_schema() -> dict[str, Any]:
    entry = {
        "type": "object",
        "required": ["loc", "type", "msg"],
        "properties": {"loc": {"type": "array"}, "type": {"type": "string"}, "msg": {"type": "string"}},
    }
    return {
        "type": "object",
        "required": ["message", "detail"],
        "properties": {"message": {"type": "string"}, "detail": {"type": "array", "items": entry}},
    }
