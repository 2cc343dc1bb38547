"""Every method that is declared has a route, a call in each client, and a choice of the command."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import NearestNeighbors

from mlops_magics.core.deploying.clients.async_client import AsyncClient
from mlops_magics.core.deploying.contract.methods import METHODS
from mlops_magics.core.deploying.endpoints.endpoint import Endpoint
from mlops_magics.core.deploying.server.routes import ROUTES
from mlops_magics.magics.predict import predict
from tests.doors.sending import Endpoint as Service

FRAME = pd.DataFrame({"a": np.linspace(-1, 1, 20), "b": np.arange(20.0)})
MODELS = (
    LogisticRegression().fit(FRAME, FRAME["a"] > 0),
    PCA(1).fit(FRAME),
    NearestNeighbors(n_neighbors=2).fit(FRAME),
)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: type(model).__name__)
def test_each_method_of_a_model_answers_as_the_model_does(model: Any) -> None:
    """Probabilities, their logarithms, scores, components, neighbours: those that the model has, and no others."""
    service = Service(FRAME, model)

    assert service.loaded.methods
    for method in METHODS:
        if not hasattr(model, method):
            status, message = service.refusal([[0.0, 1.0]], path=f"/{method}")
            assert status == 404
            assert f"`endpoint.{service.loaded.methods[0]}(rows)`" in message
            continue
        expected = getattr(model, method)(FRAME)
        expected = np.stack(expected, axis=1) if isinstance(expected, tuple) else expected
        assert np.allclose(service.client.predict(FRAME, method), expected)


def test_the_clients_and_the_command_know_every_method() -> None:
    """One declaration makes the route, the calls and the option."""
    assert set(METHODS) <= {route.pattern.removeprefix("/") for route in ROUTES}
    assert set(METHODS) <= {*dir(Endpoint.__new__(Endpoint)), *dir(AsyncClient.__new__(AsyncClient))}
    (option,) = [each for each in predict.arguments if "--method" in str(each)]
    assert all(method in str(option) for method in METHODS)
