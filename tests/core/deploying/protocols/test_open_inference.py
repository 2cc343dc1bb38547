"""The Open Inference Protocol's tensors of whole rows."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlops_magics.core.deploying.protocols.open_inference import model_metadata
from tests.doors.sending import Endpoint


@pytest.mark.parametrize("columns", [1, 2])
def test_whole_rows_have_the_models_width(columns: int) -> None:
    """A tensor without a column's name is whole rows, and one of another width is refused, not cut to size."""
    endpoint = Endpoint({f"x{place}": np.arange(4.0) for place in range(columns)})
    data = [1.0, 7.0, 8.0, 2.0, 9.0, 9.0]

    for width in (1, 2, 3):
        body = {"inputs": [{"name": "rows", "shape": [6 // width, width], "datatype": "FP64", "data": data}]}
        response = endpoint.post(body, "application/json", "/v2/models/doors/infer")
        assert response.status == (200 if width == columns else 422), (width, response.body)
        if width != columns:
            assert "in this row" in json.loads(response.body)["error"]


def infer(endpoint: Endpoint, media: str = "application/json", **given: Any) -> tuple[int, dict[str, Any]]:
    """Send one row and return status and answer."""
    tensor = {"name": "x0", "shape": [1], "datatype": given.pop("datatype", "FP64"), "data": given.pop("data", [1.0])}
    response = endpoint.post({"inputs": [tensor], **given}, media, "/v2/models/doors/infer")
    return response.status, json.loads(response.body)


REFUSED = {
    "beyond FP32": ({"datatype": "FP32", "data": [1e300]}, 400, "is not a valid FP32"),
    "beyond FP16": ({"datatype": "FP16", "data": [-1e30]}, 400, "is not a valid FP16"),
    "beyond FP32, as an integer": ({"datatype": "FP32", "data": [10**40]}, 400, "is not a valid FP32"),
    "an output twice": ({"outputs": [{"name": "predict"}, {"name": "predict"}]}, 400, "is requested twice"),
    "an id that is a number": ({"id": 5}, 400, "`id` as a text"),
    "a pickle": ({"media": "application/x-pickle"}, 415, "Unsupported Content-Type"),
    "CSV": ({"media": "text/csv"}, 415, "Send application/json"),
    "Arrow": ({"media": "application/vnd.apache.arrow.stream"}, 415, "Send application/json"),
}


def test_T09_a_request_that_is_not_as_declared_is_refused_with_its_error() -> None:
    """T9: each datatype holds what it can hold, and a body is what its Content-Type says."""
    endpoint = Endpoint({"x0": np.arange(4.0)})
    for name, (given, status, words) in REFUSED.items():
        found, answer = infer(endpoint, **given)
        assert (found, words in str(answer["error"])) == (status, True), (name, answer)
    for given in ({"datatype": "FP16", "data": [6.5e4]}, {"media": "text/plain"}, {"media": ""}, {"id": "5"}):
        assert infer(endpoint, **given)[0] == 200, given


class Objects:
    """A model whose answers are objects, the row's number giving the kind."""

    def __init__(self, values: list[Any]) -> None:
        self.values = values

    def predict(self, rows: Any) -> Any:
        """Return an array of objects, ``(n_samples,)``."""
        return np.array([self.values[int(row) % 4] for row in np.ravel(rows)], dtype=object)


OBJECTS = {
    "a missing number": [1, None, 3, 4],
    "numbers and texts": [1, "a", 3, 4],
    "truth and texts": [True, "a", True, False],
    "texts": ["a", "b", "c", "d"],
    "integers": [1, 2, 3, 4],
}


@pytest.mark.parametrize("kind", OBJECTS)
def test_objects_have_one_datatype_in_the_metadata_and_in_each_answer(kind: str) -> None:
    """An answer whose rows happen to be of one kind has the datatype that the metadata promise."""
    endpoint = Endpoint(pd.DataFrame({"x0": np.arange(4.0)}), Objects(OBJECTS[kind]))
    promised = model_metadata(endpoint.loaded, ["v"])["outputs"][0]["datatype"]

    for row in range(4):
        outputs: Any = infer(endpoint, data=[float(row)])[1]["outputs"]
        assert outputs[0]["datatype"] == promised
