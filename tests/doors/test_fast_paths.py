"""Real models answer alike by their fast path and by their own methods, alone and in a batch, through several doors."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.ensemble import ExtraTreesRegressor, HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler
from sklearn.svm import SVC

from mlops_magics.core.deploying.contract.http_messages import Request
from mlops_magics.core.deploying.serving.batch_result import predict_all
from tests.doors.sending import Endpoint
from tests.doors.ways import DOORS

ROWS = 60
RANDOM = np.random.default_rng(7)
Y = RANDOM.integers(0, 3, ROWS)
TYPED = ("JSON records", "JSON columns", "CSV", "Arrow", "Parquet", "MLflow split", "Open Inference")


def numbers(dtype: str = "float64") -> pd.DataFrame:
    """Three columns of one dtype."""
    return pd.DataFrame((RANDOM.normal(size=(ROWS, 3)) * 40).astype(dtype), columns=["a", "b", "c"])


def gaps(dtype: str) -> pd.DataFrame:
    """Numbers with missing values."""
    rows = numbers("float64").round()
    rows.iloc[::5, 1] = np.nan
    return rows.astype(dtype)


def mixed(text: str) -> pd.DataFrame:
    """Numbers, truth values and texts, of which some are missing words."""
    texts = pd.Series(RANDOM.choice(["NA", "CH", "DE", ""], ROWS))
    rows = numbers().assign(flag=RANDOM.random(ROWS) > 0.5, text=texts)
    rows["text"] = pd.Categorical(texts) if text == "category" else texts.astype(text)
    return rows


DATA: dict[str, Callable[[], pd.DataFrame]] = {
    "float64": numbers,
    "float32": lambda: numbers("float32"),
    "int64": lambda: numbers("int64"),
    "int8": lambda: numbers("int8"),
    "NaN": lambda: gaps("float64"),
    "Int64 with NA": lambda: gaps("Int64"),
    "texts": lambda: mixed("str"),
    "objects": lambda: mixed("object"),
    "category": lambda: mixed("category"),
}
FINAL: dict[str, Callable[[], Any]] = {
    "ridge": Ridge,
    "logistic": lambda: LogisticRegression(max_iter=500),
    "forest": lambda: RandomForestClassifier(15, random_state=0),
    "extra trees": lambda: ExtraTreesRegressor(10, random_state=0),
    "boosting": lambda: HistGradientBoostingClassifier(max_iter=5, min_samples_leaf=3),
    "svc": SVC,
}


def prepared(rows: pd.DataFrame, final: Any, *, scaled: bool = True) -> Any:
    """Return a fitted pipeline as people write it for these columns."""
    texts = [name for name in rows if name == "text"]
    parts: list[tuple[Any, list[str]]] = [
        (make_pipeline(SimpleImputer(), StandardScaler()) if scaled else SimpleImputer(), ["a", "b", "c"])
    ]
    if texts:
        encoder = OneHotEncoder(handle_unknown="ignore", sparse_output=False) if scaled else OrdinalEncoder()
        parts += [(encoder, texts), ("passthrough", ["flag"])]
    return make_pipeline(make_column_transformer(*parts), final).fit(rows, Y)


@pytest.mark.parametrize("final", FINAL)
@pytest.mark.parametrize("data", DATA)
def test_a_fast_path_answers_as_the_model_does(data: str, final: str) -> None:
    """Labels are equal and numbers too, but for the order of a sum; so are probabilities, and every row of a batch."""
    rows = DATA[data]()
    model = prepared(rows, FINAL[final](), scaled=final != "boosting")
    endpoint = Endpoint(rows, model, exact=False)
    for method in [each for each in ("predict", "predict_proba") if hasattr(model, each)]:
        own = getattr(model, method)(rows)
        for door in TYPED if method == "predict" else [each for each in TYPED if "MLflow" not in each]:
            found = json.loads(endpoint.service.respond(_request(door, method, rows)).body)
            _compare(np.array(_values(found)), own, (door, method))
        _compare(np.concatenate(_batched(endpoint, method, rows)), own, ("batched", method))
        _compare(endpoint.client.predict(rows, method), own, ("client", method))


def _request(door: str, method: str, rows: pd.DataFrame) -> Request:
    path, write = DOORS[door]
    body, headers = write(rows)
    if path.startswith("/v2"):
        body = json.dumps({**json.loads(body), "outputs": [{"name": method}]}).encode()
    return Request("POST", path.replace("/predict", f"/{method}"), "", headers, body)


def _values(answer: dict[str, Any]) -> Any:
    if "outputs" in answer:
        (tensor,) = answer["outputs"]
        return np.array(tensor["data"]).reshape(tensor["shape"])
    return answer.get("predictions", answer.get("predict"))


def _batched(endpoint: Endpoint, method: str, rows: pd.DataFrame) -> list[Any]:
    """Ask row by row, all requests in one batch."""
    asked = []
    for place in range(len(rows)):
        request = _request("JSON records" if place % 2 else "Arrow", method, rows[place : place + 1])
        match = endpoint.service.route(request.path)
        assert match is not None
        asked.append(endpoint.service.read(match, request))
    results, errors = predict_all(endpoint.loaded, method, asked)
    assert not errors
    return [np.asarray(result.values) for result in results]


def _compare(found: Any, own: Any, where: Any) -> None:
    if own.dtype.kind == "f":
        single = own.dtype == np.float32
        np.testing.assert_allclose(found, own, rtol=1e-6 if single else 1e-9, atol=1e-12, err_msg=str(where))
    else:
        np.testing.assert_array_equal(found, own, err_msg=str(where))


def test_the_table_takes_every_fast_path() -> None:
    """Linear models, trees, arrays and frames are among them, so that each path is compared."""
    taken = set()
    for data, final in (("float64", "ridge"), ("float64", "forest"), ("float64", "svc"), ("category", "boosting")):
        rows = DATA[data]()
        model = prepared(rows, FINAL[final](), scaled=final != "boosting")
        taken.add(Endpoint(rows, model, exact=False).loaded.choice("predict").backend.name)

    assert {"linear", "trees"} <= taken
    assert len(taken) >= 3
