"""The OpenAPI 3.1 description, from the table of routes and the prototypes of the served versions."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from mlops_magics.core.deploying.contract.media import ARROW, CSV, JSON, PARQUET
from mlops_magics.core.deploying.protocols.open_inference import DATATYPES
from mlops_magics.core.deploying.protocols.tensors import TEXTS
from mlops_magics.core.deploying.server.routes import ROUTES, Route
from mlops_magics.core.deploying.validation.value_readers import integer_range
from mlops_magics.version import __version__

if TYPE_CHECKING:
    from mlops_magics.core.deploying.server.service import Service
    from mlops_magics.core.deploying.server.slots import Slot
    from mlops_magics.core.deploying.serving.loaded_model import LoadedModel
    from mlops_magics.core.versioning import Column

EXAMPLE_ROWS = 2
ERRORS = {
    400: "The body cannot be read",
    401: "No bearer token",
    403: "A Host or an Origin that is not served",
    404: "No such route, model or version",
    405: "Another HTTP method",
    408: "The request did not arrive in time",
    413: "Beyond a limit",
    415: "An unsupported content type",
    422: "Data that do not fit the prototype",
    429: "Too many requests",
    431: "Headers beyond the limit",
    500: "The model failed",
    503: "Too many requests wait",
    504: "The model took too long",
}
MEDIA = {"page": "text/html", "metrics": "text/plain"}
"""By view, where the response is not JSON."""


def description(service: Service) -> dict[str, Any]:
    """Return the whole description, from the table of routes and the prototypes."""
    first = service.slots.first
    slots = service.slots.slots
    paths: dict[str, dict[str, Any]] = {}
    for route in ROUTES:
        for path, slot in _paths(route, service):
            if not route.model_method or route.model_method in slot.current.methods:
                paths.setdefault(path, {})[route.verb.lower()] = _operation_of(route, slot)
    for path, function in service.own_routes.items():
        paths[path] = {"post": _operation(_summary_of(path, function), _json_body({}), {})}
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
                **{f"{slot.name}.row": row_schema(slot.current) for slot in slots.values()},
            },
        },
        "x-generator": f"mlops_magics {__version__}",
    }


def _paths(route: Route, service: Service) -> Iterator[tuple[str, Slot]]:
    """Yield the paths of a route with the slot of each: a model's name is written out."""
    first = service.slots.first
    if route.scope == "endpoint":
        yield route.pattern, first
        return
    for slot in service.slots.slots.values():
        if route.scope == "model":
            yield (route.pattern if slot is first else f"/{slot.name}{route.pattern}"), slot
        elif "<version>" not in route.pattern:
            yield route.pattern.replace("<name>", slot.name), slot
        else:
            for version in dict.fromkeys(loaded.version.version for loaded in slot.held()):
                yield route.pattern.replace("<name>", slot.name).replace("<version>", version), slot


def _operation_of(route: Route, slot: Slot) -> dict[str, Any]:
    """Return the operation of a route for one model."""
    loaded = slot.current
    if route.verb == "GET":
        operation = _read_operation(route.summary, MEDIA.get(route.view, JSON))
        # an empty list takes back the requirement of the whole document
        return {**operation, "security": []} if route.is_open else operation
    if route.view == "feedback":
        return _feedback_operation(route.summary)
    rows = _examples(loaded)
    if route.protocol == "vetiver":
        return _predict_operation(route, slot)
    if route.protocol == "MLflow":
        example: Any = {"dataframe_records": rows} if rows else None
    else:
        example = {"id": "1", "inputs": [_tensor(column, rows) for column in loaded.layout.columns]} if rows else None
    return _operation(route.summary, _json_body({"type": "object"}, example), {"type": "object"})


def row_schema(loaded: LoadedModel) -> dict[str, Any]:
    """Return the JSON schema of one record."""
    columns = loaded.layout.columns
    return {
        "type": "object",
        "required": [column.name for column in columns],
        "properties": {column.name: _column_schema(column) for column in columns},
        "additionalProperties": loaded.options.extras == "ignore",
    }


def _column_schema(column: Column) -> dict[str, Any]:
    """Return the JSON schema of one value: the one of the prototype, with the range or shape that the dtype has."""
    schema = {name: value for name, value in column.json_schema().items() if name != "example"}
    if column.kind == "integer":
        low, high = integer_range(column.dtype)
        schema |= {"minimum": low, "maximum": high}
    if column.kind == "tensor":
        schema = _nested_schema(column.shape)
    return {**schema, "examples": [column.example]} if column.example is not None else schema


def _nested_schema(shape: Sequence[int]) -> dict[str, Any]:
    if not shape:
        return {"type": "number"}
    return {"type": "array", "minItems": shape[0], "maxItems": shape[0], "items": _nested_schema(shape[1:])}


def _examples(loaded: LoadedModel) -> list[dict[str, Any]]:
    return [dict(row) for row in loaded.layout.prototype.examples][:EXAMPLE_ROWS]


def _tensor(column: Column, rows: list[dict[str, Any]]) -> dict[str, Any]:
    values = [row[column.name] for row in rows]
    shape = [len(rows), *(column.shape or (1,))]
    return {"name": column.name, "shape": shape, "datatype": DATATYPES.get(column.kind, TEXTS), "data": values}


def _predict_operation(route: Route, slot: Slot) -> dict[str, Any]:
    loaded = slot.current
    rows = {"type": "array", "minItems": 1, "items": {"$ref": f"#/components/schemas/{slot.name}.row"}}
    body = _json_body(rows, _examples(loaded) or None)
    for media in (CSV, ARROW, PARQUET):
        body["content"][media] = {"schema": {"type": "string"} if media == CSV else {}}
    answer = {"type": "object", "required": ["predict"], "properties": {"predict": {"type": "array"}}}
    operation = _operation(route.summary, body, answer)
    operation["responses"]["200"]["content"][ARROW] = {"schema": {}}
    return operation


def _summary_of(path: str, function: Any) -> str:
    """Return the first line of the function's docstring, else the path."""
    return (inspect.getdoc(function) or f"The owner's {path}").splitlines()[0]


def _feedback_operation(summary: str) -> dict[str, Any]:
    schema = {
        "type": "object",
        "required": ["request_id", "truth"],
        "properties": {"request_id": {"type": "string"}, "truth": {}, "row": {"type": "integer", "minimum": 0}},
    }
    body = _json_body(schema, {"request_id": "the X-Request-Id of a response", "truth": 1})
    return _operation(summary, body, {"type": "object", "properties": {"added": {"type": "integer"}}})


def _read_operation(summary: str, media: str = JSON) -> dict[str, Any]:
    return {
        "summary": summary,
        "responses": {"200": {"description": "Answered", "content": {media: {"schema": {}}}}, **_errors()},
    }


def _operation(summary: str, body: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
    answered = {"description": "Answered", "content": {JSON: {"schema": answer}}, "headers": _headers()}
    return {"summary": summary, "requestBody": body, "responses": {"200": answered, **_errors()}}


def _json_body(schema: dict[str, Any], example: Any = None) -> dict[str, Any]:
    media = {"schema": schema} if example is None else {"schema": schema, "example": example}
    return {"required": True, "content": {JSON: media}}


def _headers() -> dict[str, Any]:
    headers = {
        "X-Model-Version": "The version that answered",
        "X-Request-Id": "For `/feedback`",
        "X-Warning": "Values outside the training range",
    }
    return {name: {"description": text, "schema": {"type": "string"}} for name, text in headers.items()}


def _errors() -> dict[str, Any]:
    content = {JSON: {"schema": {"$ref": "#/components/schemas/Error"}}}
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
