"""What vetiver's own tests of its server ask (vetiver/tests/test_server.py), and the exact bodies that they expect."""

from __future__ import annotations

import json
import sys
from typing import Any

import pandas as pd
import pytest
from flask.testing import FlaskClient
from sklearn.linear_model import LogisticRegression

from mlops_magics.core.deploying.server.web.application import create_app
from mlops_magics.core.versioning import Board
from tests.core.deploying.conftest import publish
from tests.core.deploying.service import service_of

CARS = pd.DataFrame(
    [
        [21.0, 160.0, 110.0, 3.9, 2.62, 16.46, 0.0, 1.0, 4.0, 4.0],
        [22.8, 108.0, 93.0, 3.85, 2.32, 18.61, 1.0, 1.0, 4.0, 1.0],
        [21.4, 258.0, 110.0, 3.08, 3.215, 19.44, 1.0, 0.0, 3.0, 1.0],
        [18.7, 360.0, 175.0, 3.15, 3.44, 17.02, 0.0, 0.0, 3.0, 2.0],
    ],
    columns=["mpg", "disp", "hp", "drat", "wt", "qsec", "vs", "am", "gear", "carb"],
)
"""The first rows of R's mtcars."""
CYLINDERS = [6, 4, 6, 8]
ASKED = pd.DataFrame({name: [value] * 2 for name, value in zip(CARS, [20, 160, 110, 3.9, 2.62, 16.0, 0, 1, 4, 4])})


def summed(model: Any, rows: list[dict[str, float]]) -> dict[str, list[float]]:
    """Sum each column, as the route that their tests add does."""
    return {"sum": pd.DataFrame(rows)[list(CARS)].sum().tolist()}


@pytest.fixture
def client(board: Board) -> FlaskClient:
    """Flask's client of the model that their tests serve."""
    model = LogisticRegression(max_iter=10_000).fit(CARS, CYLINDERS)
    service = service_of(publish(board, "my_model", model, CARS))
    service.own_routes["/sum"] = summed
    return create_app(service).test_client()


def test_what_is_read(client: FlaskClient) -> None:
    """Liveness, docs, metadata and prototype, compared whole."""
    metadata = client.get("/metadata").json

    assert client.get("/ping").json == {"ping": "pong"}
    assert client.get("/__docs__").status_code == 200
    assert metadata.pop("version")
    assert "scikit-learn" in metadata.pop("required_pkgs")  # and everything else that was there at training
    assert metadata == {"user": {}, "url": None, "python_version": list(sys.version_info)}
    assert client.get("/prototype").json == {
        "properties": {name: {"example": CARS[name][0], "type": "number"} for name in CARS},
        "required": list(CARS),
        "title": "prototype",
        "type": "object",
    }


def test_what_is_asked(client: FlaskClient) -> None:
    """Rows without a content type, with a trailing slash; probabilities; too few columns; a route of one's own."""
    body = ASKED.to_json(orient="records")
    model = LogisticRegression(max_iter=10_000).fit(CARS, CYLINDERS)

    assert client.post("/predict/", data=body).json == {"predict": model.predict(ASKED).tolist()}
    shares = client.post("/predict_proba/", data=body).json["predict"]
    assert shares == [pytest.approx(row, rel=1e-9) for row in model.predict_proba(ASKED).tolist()]
    as_requests = {"User-Agent": "python-requests/2.32"}
    named = client.post("/predict_proba", data=body, headers=as_requests).json
    assert named == {"predict_proba": shares}  # the key under which vetiver's server has the values of a route
    assert client.post("/predict/", data=body, headers=as_requests).json == {"predict": model.predict(ASKED).tolist()}
    assert client.post("/sum/", data=body).json == {"sum": [40, 320, 220, 7.8, 5.24, 32.0, 0, 2, 8, 8]}
    wrong = client.post("/predict/", data=json.dumps([{"B": 43, "C": 43}]))
    assert (wrong.status_code, wrong.json["detail"][0]["type"]) == (422, "missing")
