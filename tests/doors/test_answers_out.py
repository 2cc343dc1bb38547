"""What comes out: whatever a model returns is one value for each row, in JSON, and of its own type in our client."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
import scipy.sparse as sp

from mlops_magics.core.deploying.server import serving_check
from tests.doors.columns import objects
from tests.doors.sending import Endpoint

ROWS = pd.DataFrame({"a": [1.0, 2.0, 3.0]})


class Returns:
    """A model that returns what it was given to return."""

    def __init__(self, make: Callable[[int], Any]) -> None:
        self.make = make

    def predict(self, rows: pd.DataFrame) -> Any:
        """Return something for so many rows."""
        return self.make(len(rows))


def record_array(count: int) -> Any:
    """Return an array with named fields."""
    return np.array([(place, "x") for place in range(count)], dtype=[("n", "i8"), ("t", "U1")])


CASES: dict[str, tuple[Callable[[int], Any], Any]] = {
    "float64": (lambda n: np.arange(n) / 7, None),
    "float32": (lambda n: np.arange(n, dtype="float32") / 7, None),
    "long double": (lambda n: np.arange(n, dtype="longdouble") / 7, np.arange(3) / 7),
    "int8": (lambda n: np.arange(n, dtype="int8"), None),
    "uint64": (lambda n: np.array([2**64 - 1] * n, dtype="uint64"), None),
    "bool": (lambda n: np.arange(n) > 0, None),
    "texts": (lambda n: np.array(["a", "ü", "c"][:n]), None),
    "objects": (lambda n: objects("a", None, "c")[:n].to_numpy(), None),
    "mixed": (lambda n: objects("a", 1, 2.5)[:n].to_numpy(), None),
    "with NaN": (lambda n: np.array([np.nan] * n), None),
    "with a mask": (lambda n: np.ma.masked_greater(np.arange(3.0)[:n], 1), [0.0, 1.0, None]),
    "a generator": (lambda n: (place * 2 for place in range(n)), [0, 2, 4]),
    "a list": (lambda n: [1, 2, 3][:n], None),
    "a Series": (lambda n: pd.Series(np.arange(n)), None),
    "a nullable Series": (lambda n: pd.Series([1, None, 3][:n], dtype="Int64"), [1, None, 3]),
    "two axes": (lambda n: np.arange(2.0 * n).reshape(n, 2), None),
    "three axes": (lambda n: np.arange(6.0 * n).reshape(n, 2, 3), None),
    "four axes": (lambda n: np.arange(12 * n).reshape(n, 2, 3, 2), None),
    "csr_matrix": (lambda n: sp.csr_matrix(np.eye(n)), np.eye(3)),
    "csr_array": (lambda n: sp.csr_array(np.eye(n)), np.eye(3)),
    "a list of arrays": (
        lambda n: [np.full((n, 2), 0.5), np.full((n, 2), 1.0)],
        np.tile([[0.5, 0.5], [1.0, 1.0]], (3, 1, 1)),
    ),
    "a tuple": (lambda n: (np.zeros(n), np.ones(n)), np.tile([0.0, 1.0], (3, 1))),
    "uneven lists": (lambda n: [[1], [1, 2], []][:n], [[1], [1, 2], []]),
    "timestamps": (lambda n: pd.date_range("2024-01-01", periods=n).to_numpy(), None),
    "zoned timestamps": (lambda n: pd.Series(pd.date_range("2024-01-01", periods=n, tz="Europe/Zurich")), "objects"),
    "durations": (lambda n: pd.to_timedelta(np.arange(n), unit="h").to_numpy(), None),
    "dates": (lambda n: objects(*[dt.date(2024, 1, 1 + place) for place in range(n)]).to_numpy(), None),
    "decimals": (lambda n: objects(*[Decimal("1.25")] * n).to_numpy(), None),
    "bytes": (lambda n: objects(*[b"\xff\x00"] * n).to_numpy(), None),
    "periods": (lambda n: pd.Series(pd.period_range("2024-01", periods=n, freq="M")), "objects"),
    "intervals": (lambda n: pd.cut(pd.Series(np.arange(n)), [-1, 0, 5]), "objects"),
    "complex": (lambda n: np.arange(n) + 1j, None),
    "complex, two axes": (lambda n: np.ones((n, 2)) * 1j, None),
    "a polars Series": (lambda n: pl.Series([1, None, 3][:n]), [1, None, 3]),
    "huge integers": (lambda n: objects(*[2**70] * n).to_numpy(), None),
}


@pytest.mark.parametrize("case", CASES)
def test_a_value_comes_back_as_the_model_gave_it(case: str) -> None:
    """JSON has one value for each row; our client has the same values, of the same type and shape."""
    make, other = CASES[case]
    endpoint = Endpoint(ROWS, Returns(make))
    expected = make(3) if other is None else np.asarray(make(3), dtype=object) if isinstance(other, str) else other

    found = endpoint.client.predict(ROWS)
    written = json.loads(endpoint.post(ROWS.to_dict("records")).body)["predict"]

    assert len(written) == len(found) == 3
    if isinstance(expected, np.ndarray):
        assert (found.shape, found.dtype.kind) == (
            expected.shape,
            "O" if expected.dtype.kind == "U" else expected.dtype.kind,
        )
        if expected.dtype.kind in "fc":
            assert np.allclose(found, expected, equal_nan=True)
        else:
            assert found.tolist() == expected.tolist()
    else:
        assert [None if value != value else value for value in _plain(found)] == list(expected)


def _plain(found: Any) -> list[Any]:
    return [value.tolist() if isinstance(value, np.ndarray) else value for value in found]


NAMED = {
    "a DataFrame": lambda n: pd.DataFrame({"n": range(n), "t": ["x"] * n}),
    "a polars frame": lambda n: pl.DataFrame({"n": range(n), "t": ["x"] * n}),
    "a dict of arrays": lambda n: {"n": np.arange(n), "t": np.array(["x"] * n)},
    "a list of dicts": lambda n: [{"n": place, "t": "x"} for place in range(n)],
    "a record array": record_array,
}


@pytest.mark.parametrize("case", NAMED)
def test_named_values_are_records_and_a_frame(case: str) -> None:
    """However a library names several values of a row, JSON has an object and our client a DataFrame."""
    endpoint = Endpoint(ROWS, Returns(NAMED[case]))
    expected = [{"n": place, "t": "x"} for place in range(3)]

    assert json.loads(endpoint.post(ROWS.to_dict("records")).body)["predict"] == expected
    assert endpoint.client.predict(ROWS).to_dict("records") == expected


def test_a_dict_of_arrays_with_several_axes() -> None:
    """An output of several numbers is a list in its record."""
    endpoint = Endpoint(ROWS, Returns(lambda n: {"class": np.arange(n), "box": np.ones((n, 4))}))

    found = endpoint.client.predict(ROWS)

    assert found["class"].tolist() == [0, 1, 2]
    assert [list(box) for box in found["box"]] == [[1.0] * 4] * 3


def test_probabilities_of_several_outputs() -> None:
    """`MultiOutputClassifier.predict_proba` through the client is what scikit-learn gives, rows first."""
    from sklearn.multioutput import MultiOutputClassifier
    from sklearn.tree import DecisionTreeClassifier

    model = MultiOutputClassifier(DecisionTreeClassifier(random_state=0)).fit(ROWS, [[0, 1], [1, 0], [1, 1]])
    endpoint = Endpoint(ROWS, model)

    found = endpoint.client.predict(ROWS, "predict_proba")

    np.testing.assert_array_equal(found, np.stack(model.predict_proba(ROWS), axis=1))


def test_a_wrong_number_of_values_is_the_models_fault() -> None:
    """It is told in one line, and not taken for an answer."""
    endpoint = Endpoint(ROWS, Returns(lambda n: np.zeros(n) if n > 1 else np.zeros(2)))

    response = endpoint.post([{"a": 1.0}])

    assert response.status == 500
    assert b"2 values for 1 rows" in response.body


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        ([Decimal("1.10"), Decimal(2)], ["1.10", "2"]),
        ([dt.date(2024, 1, 1)] * 2, ["2024-01-01"] * 2),
        ([b"\xff"] * 2, ["/w=="] * 2),
        ([{1, 2}] * 2, ["[1,2]"] * 2),
        (["a", None], ['"a"', "null"]),
    ],
)
def test_objects_are_texts_in_the_open_inference_protocol(values: list[Any], texts: list[str]) -> None:
    """A tensor of texts has what JSON has, without quotes around it where all are texts."""
    endpoint = Endpoint(ROWS, Returns(lambda n: values[:n]))
    asked = {"inputs": [{"name": "a", "datatype": "FP64", "shape": [2, 1], "data": [1.0, 2.0]}]}

    response = endpoint.post(asked, path="/v2/models/doors/infer")

    assert json.loads(response.body)["outputs"][0]["data"] == texts


def test_a_single_value_is_the_answer_to_a_single_row() -> None:
    """A model that returns one number for all rows is named at the pin, and answers one row."""
    endpoint = Endpoint(ROWS, Returns(lambda n: 3.0))

    assert endpoint.predict([{"a": 1.0}]) == [3.0]
    assert serving_check.fault(endpoint.loaded.version, endpoint.loaded.model, ROWS).startswith(
        "the model returns 1 values"
    )
