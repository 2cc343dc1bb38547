"""Models that answer several things at once, in every protocol."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlops_magics.core.deploying import prediction_log
from mlops_magics.core.deploying.serving.backends.backend import values_of
from mlops_magics.errors import EndpointError
from tests.core.deploying.conftest import Lasting


@pytest.fixture
def rows(lasting: Lasting) -> pd.DataFrame:
    """Three rows."""
    return lasting.several.rows[:3]


def test_named_values_come_back_as_a_frame(lasting: Lasting, rows: pd.DataFrame) -> None:
    """A model that returns a frame, or a mapping, is a frame at the client; as JSON each row is a record."""
    expected = lasting.several.model.predict(rows)

    found = lasting.endpoint.predict(rows, model="several")
    body = rows.to_json(orient="records", double_precision=15).encode()
    content, _ = lasting.endpoint.client.send("POST", "/several/predict", body)
    named = lasting.endpoint.client.predict(rows, "transform", model="several")

    pd.testing.assert_frame_equal(found, expected.reset_index(drop=True))
    assert json.loads(content)["predict"][2]["positive"] == bool(expected["positive"].iloc[2])
    np.testing.assert_allclose(np.stack(named["pair"]), rows.to_numpy()[:, :2])


def test_tables_of_different_width_stay_with_their_rows(lasting: Lasting, rows: pd.DataFrame) -> None:
    """`predict_proba` of several outputs gives each row one list for each output; a pair of arrays one pair."""
    body = rows.to_json(orient="records", double_precision=15).encode()

    content, _ = lasting.endpoint.client.send("POST", "/several/predict_proba", body)
    pairs = lasting.endpoint.client.predict(rows, "decision_function", model="several")

    assert json.loads(content)["predict"] == [[[0.5, 0.5], [1 / 3, 1 / 3, 1 / 3]]] * 3
    np.testing.assert_allclose(pairs, np.column_stack([rows.mean(axis=1), rows.std(axis=1)]))


def infer(lasting: Lasting, name: str, rows: pd.DataFrame, **more: Any) -> dict[str, Any]:
    inputs = [
        {"name": column, "shape": [len(rows)], "datatype": "FP64", "data": values.tolist()}
        for column, values in rows.items()
    ]
    body = json.dumps({"inputs": inputs, **more}).encode()
    told: dict[str, Any] = json.loads(lasting.endpoint.client.send("POST", f"/v2/models/{name}/infer", body)[0])
    return told


def test_each_named_value_is_a_tensor(lasting: Lasting, rows: pd.DataFrame) -> None:
    """Open Inference: one output for each name, or those that are wanted; a method's name asks for that method."""
    both = infer(lasting, "several", rows)["outputs"]
    one = infer(lasting, "several", rows, outputs=[{"name": "positive"}])["outputs"]
    shares = infer(lasting, "several", rows, outputs=[{"name": "predict_proba"}])["outputs"]

    expected = lasting.several.model.predict(rows)
    assert [(output["name"], output["datatype"]) for output in both] == [("total", "FP64"), ("positive", "BOOL")]
    np.testing.assert_allclose(both[0]["data"], expected["total"])
    assert one[0]["data"] == expected["positive"].tolist()
    assert json.loads(shares[0]["data"][0]) == [[0.5, 0.5], [1 / 3, 1 / 3, 1 / 3]]


def test_metadata_list_what_can_be_asked(lasting: Lasting, rows: pd.DataFrame) -> None:
    """Open Inference: each output in a model's metadata, with its shape and datatype, is one that `infer` gives."""
    told = lasting.endpoint.client.get("/v2/models/several")
    forest = lasting.endpoint.client.get("/v2/models/forest")

    assert [output["name"] for output in told["outputs"]] == [
        "total",
        "positive",
        "predict_proba",
        "decision_function",
        "transform.sum",
        "transform.pair",
    ]
    for output in told["outputs"]:
        (found,) = infer(lasting, "several", rows, outputs=[{"name": output["name"]}])["outputs"]
        assert (found["name"], found["datatype"]) == (output["name"], output["datatype"])
        assert found["shape"] == [3, *output["shape"][1:]]
    assert forest["outputs"] == [
        {"name": "predict", "datatype": "BYTES", "shape": [-1]},
        {"name": "predict_proba", "datatype": "FP64", "shape": [-1, 2]},
        {"name": "predict_log_proba", "datatype": "FP64", "shape": [-1, 2]},
    ]
    assert forest["versions"] == [lasting.forest.version.version]


def test_outputs_that_cannot_be_asked_are_refused(lasting: Lasting, rows: pd.DataFrame) -> None:
    """A method that the model lacks is not answered with another one; all outputs of a method have its name."""
    both = infer(lasting, "several", rows, outputs=[{"name": "transform"}])["outputs"]
    assert [output["name"] for output in both] == ["transform.sum", "transform.pair"]

    for model, wanted, message in (
        ("line", ["predict_proba"], "line has no predict_proba. Known: predict"),
        ("several", ["mean"], "No output 'mean'. Known: total, positive"),
        ("several", ["predict", "predict_proba"], "separately: each is a call"),
    ):
        with pytest.raises(EndpointError, match=message):
            infer(lasting, model, rows, outputs=[{"name": name} for name in wanted])


def test_several_values_are_logged(lasting: Lasting, rows: pd.DataFrame) -> None:
    """The prediction log keeps every shape of answer."""
    for method in ("predict", "predict_proba", "transform", "decision_function"):
        lasting.endpoint.client.predict(rows, method, model="several")
    lasting.endpoint.settle()

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLOPS_MAGICS_STATE", str(lasting.state))
        log = prediction_log.read("several", board=lasting.several.board.url)
    assert len(log) >= 12
    assert log["mlops.prediction"].notna().all()


@pytest.mark.parametrize(
    ("answer", "rows"),
    [
        (np.arange(3), 3),
        ([np.zeros((3, 2)), np.zeros((3, 2))], 3),
        ([np.zeros((2, 2)), np.zeros((2, 2))], 2),
        ([np.zeros((1, 2)), np.zeros((1, 5))], 1),
        ((np.zeros(2), np.zeros(2)), 2),
        ([np.zeros(4), np.zeros(4), np.zeros(4)], 3),
        (["a", "b"], 2),
        ({"a": np.zeros(3), "b": [1, 2, 3]}, 3),
    ],
)
def test_the_first_axis_is_the_rows(answer: Any, rows: int) -> None:
    """Whatever a library returns, there is one value for each row."""
    assert len(values_of(answer)) == rows
