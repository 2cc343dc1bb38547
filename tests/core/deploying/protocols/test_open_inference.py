"""The Open Inference Protocol's tensors of whole rows."""

from __future__ import annotations

import json

import numpy as np
import pytest

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
