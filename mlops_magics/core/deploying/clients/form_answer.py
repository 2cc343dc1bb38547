"""One row sent to an endpoint for a form: the prediction, how sure the model is, and which version answered."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

from mlops_magics.core import json_text
from mlops_magics.core.deploying.clients.client import Client
from mlops_magics.core.wire.endpoint_records import FormAnswer
from mlops_magics.errors import MlopsError


def ask(url: str, token: str | None, row: Mapping[str, Any], seconds: float) -> FormAnswer:
    """Send one row, and return what the endpoint answers.

    Parameters
    ----------
    url, token
        The endpoint's address and bearer token.
    row
        Values by column; a missing value is None.
    seconds
        After which an answer is no longer waited for.

    Raises
    ------
    DataMismatch, EndpointError
    """
    client = Client(url, token, seconds=seconds)
    try:
        began = time.perf_counter()
        values, headers = _send(client, "predict", row)
        latency = 1000 * (time.perf_counter() - began)
        probabilities = _probabilities(client, row)
    finally:
        client.close()
    warnings = (headers["x-warning"],) if "x-warning" in headers else ()
    return FormAnswer(values[0], probabilities, headers.get("x-model-version"), round(latency, 2), warnings)


def _send(client: Client, method: str, row: Mapping[str, Any]) -> tuple[list[Any], Mapping[str, str]]:
    body = json.dumps([row]).encode()
    content, headers = client.send("POST", f"/{method}", body, {"Content-Type": "application/json"})
    return list(json_text.parse(content)["predict"]), headers


def _probabilities(client: Client, row: Mapping[str, Any]) -> dict[str, float] | None:
    """Return the probability of each class; None for models that give none."""
    labels = client.get("/health").get("classes")
    if not labels:
        return None
    try:
        shares = _send(client, "predict_proba", row)[0][0]
    except MlopsError:
        return None
    return dict(zip(map(str, labels), shares)) if isinstance(shares, list) and len(shares) == len(labels) else None
