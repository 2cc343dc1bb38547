"""The table of all cells: what becomes of training rows of each form and kind that are sent through each door."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from mlops_magics.core.deploying.contract.model_options import ServingOptions
from mlops_magics.core.deploying.server.guard import Guard
from mlops_magics.core.deploying.server.in_process import InProcessClient
from mlops_magics.core.deploying.server.service import Service
from mlops_magics.core.deploying.server.slots import SlotTable
from mlops_magics.core.deploying.serving.batch_result import predict_all
from mlops_magics.core.deploying.serving.loaded_model import LoadedModel
from mlops_magics.core.versioning import ModelVersion, Prototype
from mlops_magics.errors import MlopsError
from tests.doors.forms import Fingerprint, fingerprints, forms
from tests.doors.ways import DOORS, CannotWrite, request

CLIENT, BATCHED = "our client", "our client, batched"
EQUAL, NOT_WRITTEN = "equal", "not written"


@dataclass(frozen=True)
class Cell:
    """One form and kind through one door: ``equal``, ``not written`` by the user's library, or why it is refused."""

    form: str
    kind: str
    door: str
    outcome: str
    status: int = 200


def service_of(data: Any) -> Service:
    """Return the service of a model that answers what it is given."""
    version = ModelVersion("doors", "v", datetime.now(UTC), "", "", prototype=Prototype.from_data(data))
    slots = SlotTable()
    slots.add(LoadedModel(version, Fingerprint(), ServingOptions(exact=True)))
    return Service(slots, Guard("127.0.0.1", None))


def through(service: Service, door: str, data: Any, expected: list[str]) -> tuple[str, int]:
    """Send rows through one door, and return the outcome and the status."""
    try:
        response = service.respond(request(door, data))
    except CannotWrite:
        return NOT_WRITTEN, 0
    body = json.loads(response.body)
    if response.status != 200:
        return body["message"], response.status
    found = body.get("predict") or body.get("predictions") or body["outputs"][0]["data"]
    return (EQUAL if found == expected else f"DIFFERENT: {_difference(found, expected)}"), 200


def through_client(service: Service, data: Any, expected: list[str], *, batched: bool) -> tuple[str, int]:
    """Send the training form itself by our client; alone, or as two requests of one batch."""
    client = InProcessClient(service.slots.first.current)
    try:
        found = list(client.predict(data)) if not batched else _in_a_batch(service, data)
    except MlopsError as error:
        return str(error), getattr(error, "status", 422)
    return (EQUAL if found == expected else f"DIFFERENT: {_difference(found, expected)}"), 200


def _in_a_batch(service: Service, data: Any) -> list[str]:
    """Send the first two rows and the others as two requests that are answered together."""
    from mlops_magics.core.deploying.clients.request_rows import encode_rows
    from mlops_magics.core.deploying.contract.http_messages import Request

    loaded, asked = service.slots.first.current, []
    for part in (_rows(data, 0, 2), _rows(data, 2, 6)):
        body, kind = encode_rows(_whole(part, loaded))
        match = service.route("/predict")
        assert match is not None
        asked.append(service.read(match, Request("POST", "/predict", "", {"content-type": kind}, body)))
    results, errors = predict_all(loaded, "predict", asked)
    if errors:
        raise errors[0][1]
    return [value for result in results for value in result.values]


def _whole(part: Any, loaded: LoadedModel) -> Any:
    from mlops_magics.core.deploying.clients.request_rows import request_chunks

    (chunk,) = request_chunks(part, lambda: list(loaded.layout.names))
    return chunk


def _rows(data: Any, start: int, end: int) -> Any:
    if type(data) is dict:
        return {name: values[start:end] for name, values in data.items()}
    if hasattr(data, "iloc"):
        return data.iloc[start:end]
    return data.tocsr()[start:end] if hasattr(data, "toarray") else data[start:end]


def _difference(found: list[str], expected: list[str]) -> str:
    return next((f"{a!r} for {b!r}" for a, b in zip(found, expected) if a != b), f"{len(found)} values")


@functools.cache
def cells() -> tuple[Cell, ...]:
    """Return every cell of the table."""
    return tuple(_cells())


def _cells() -> Iterator[Cell]:
    for form, kind, data in forms():
        service, expected = service_of(data), fingerprints(data)
        for batched in (False, True):
            door = BATCHED if batched else CLIENT
            yield Cell(form, kind, door, *through_client(service, data, expected, batched=batched))
        for door in DOORS:
            yield Cell(form, kind, door, *through(service, door, data, expected))
