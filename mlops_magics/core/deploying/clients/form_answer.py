"""One row sent to an endpoint for a form: the prediction, how sure the model is, and which version answered."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

from mlops_magics.core import json_text
from mlops_magics.core.deploying.clients.client import Client
from mlops_magics.core.wire.endpoint_records import FormAnswer


def ask(client: Client, row: Mapping[str, Any]) -> FormAnswer:
    """Send one row as one request, and return the endpoint's answer.

    Only the probabilities are requested of a classifier that predicts the class of the largest one, and the prediction
    of every other model.

    Parameters
    ----------
    client
        Of the endpoint, closed afterwards.
    row
        Values by column, None for a missing value.

    Raises
    ------
    DataMismatch, EndpointError
    """
    try:
        facts = client.get("/health")
        classes = facts.get("classes") if facts.get("argmax") else None
        began = time.perf_counter()
        values, headers = _send(client, "predict" if classes is None else "predict_proba", row)
        latency = round(1000 * (time.perf_counter() - began), 2)
    finally:
        client.close()
    prediction, probabilities = _read(values[0], classes)
    warnings = (headers["x-warning"],) if "x-warning" in headers else ()
    return FormAnswer(prediction, probabilities, headers.get("x-model-version"), latency, warnings)


def _send(client: Client, method: str, row: Mapping[str, Any]) -> tuple[list[Any], Mapping[str, str]]:
    body = json.dumps([row]).encode()
    content, headers = client.send("POST", f"/{method}", body, {"Content-Type": "application/json"})
    return list(json_text.parse(content)["predict"]), headers


def _read(value: Any, classes: list[str] | None) -> tuple[Any, dict[str, float] | None]:
    """Return the prediction, and the probability of each class."""
    if classes is None or not isinstance(value, list) or len(value) != len(classes):
        return value, None
    return classes[value.index(max(value))], dict(zip(classes, value))
