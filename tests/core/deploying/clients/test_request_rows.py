"""Whatever holds rows can be handed to `predict`; what does not is refused in one line."""

from __future__ import annotations

import dataclasses
from collections import OrderedDict, namedtuple
from typing import Any

import dask.dataframe as dd
import duckdb
import ibis
import narwhals as nw
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from mlops_magics.errors import DataMismatch, InvalidInput
from tests.doors.sending import Endpoint

ROWS = pd.DataFrame({"a": [1.5, 2.5, 3.5], "k": [1, 2, 3], "city": ["Bern", "Rome", "NA"]})
Row = namedtuple("Row", "city a k")
"""In another order than the columns."""


@dataclasses.dataclass
class Place:
    """A row as an object."""

    city: str
    a: float
    k: int


FORMS: dict[str, Any] = {
    "frame": ROWS,
    "frame with labels in another order": ROWS[["city", "k", "a"]],
    "records": ROWS.to_dict("records"),
    "ordered records": [OrderedDict(row) for row in ROWS.to_dict("records")],
    "records of numpy": [{"a": np.float64(a), "k": np.int64(k), "city": np.str_(c)} for a, k, c in ROWS.values],
    "lists": ROWS.values.tolist(),
    "an array of objects": ROWS.values,
    "columns": ROWS.to_dict("list"),
    "columns as arrays": {name: ROWS[name].to_numpy() for name in ROWS},
    "itertuples": list(ROWS.itertuples(index=False)),
    "itertuples with the index": list(ROWS.itertuples()),
    "named tuples": [Row(row.city, row.a, row.k) for row in ROWS.itertuples()],
    "dataclasses": [Place(row.city, row.a, row.k) for row in ROWS.itertuples()],
    "rows of a frame": [ROWS.iloc[place] for place in range(3)],
    "a generator": (row for row in ROWS.to_dict("records")),
    "a record array": ROWS.to_records(index=False),
    "a record array with the index": ROWS.to_records(),
    "nullable dtypes": ROWS.convert_dtypes(),
    "Arrow's dtypes": ROWS.convert_dtypes(dtype_backend="pyarrow"),
    "polars": pl.from_pandas(ROWS),
    "polars, lazy": pl.from_pandas(ROWS).lazy(),
    "an Arrow table": pa.Table.from_pandas(ROWS),
    "an Arrow batch": pa.RecordBatch.from_pandas(ROWS),
    "an Arrow reader": pa.Table.from_pandas(ROWS).to_reader(),
    "DuckDB": duckdb.sql("select * from ROWS"),
    "Dask": dd.from_pandas(ROWS, npartitions=2),
    "ibis": ibis.memtable(pa.Table.from_pandas(ROWS)),
    "narwhals": nw.from_native(ROWS),
    "narwhals, lazy": nw.from_native(pl.from_pandas(ROWS).lazy()),
}


@pytest.fixture(scope="module")
def endpoint() -> Endpoint:
    """A model that answers what it is given."""
    return Endpoint(ROWS)


@pytest.mark.parametrize("form", FORMS)
def test_rows_of_any_form_are_the_same_rows(form: str, endpoint: Endpoint) -> None:
    """The model sees the frame of training, whatever held its rows."""
    np.testing.assert_array_equal(endpoint.client.predict(FORMS[form]), endpoint.client.predict(ROWS))


@pytest.mark.parametrize(
    "row", [ROWS.iloc[0], ROWS.iloc[0].to_dict(), Row("Bern", 1.5, 1)], ids=["Series", "dict", "tuple"]
)
def test_one_row_with_names_is_one_row(row: Any, endpoint: Endpoint) -> None:
    """A Series by the columns, a dict of values and a named tuple are one row."""
    np.testing.assert_array_equal(endpoint.client.predict(row), endpoint.client.predict(ROWS[:1]))


@pytest.mark.parametrize("values", [None, {"a set"}, len, object()], ids=["None", "set", "function", "object"])
def test_what_is_not_rows_is_refused(values: Any, endpoint: Endpoint) -> None:
    """One line says what rows are."""
    with pytest.raises(InvalidInput, match="Expected rows"):
        endpoint.client.predict(values)


@pytest.mark.parametrize("values", ["Bern", 5, [1.5, 1, "Bern"], np.array([1.5, 2.0])], ids=str)
def test_values_without_rows_are_refused(values: Any, endpoint: Endpoint) -> None:
    """The line shows how one row is written."""
    with pytest.raises(DataMismatch, match=r"A list with one row is \[\[1.5, 1, "):
        endpoint.client.predict(values)


@pytest.mark.parametrize(
    "values",
    [
        [1.5, 2.5],
        np.array([1.5, 2.5]),
        pd.Series([1.5, 2.5]),
        pl.Series([1.5, 2.5]),
        pa.chunked_array([[1.5, 2.5]]),
        (1.5, 2.5),
    ],
    ids=lambda values: type(values).__name__,
)
def test_single_values_are_rows_of_a_model_with_one_column(values: Any) -> None:
    """A frame of one column is asked with a list of values, as a Series is."""
    column = ROWS[["a"]]
    one = Endpoint(column)

    np.testing.assert_array_equal(one.client.predict(values), one.client.predict(column[:2]))
    assert one.predict([1.5, 2.5]) == one.predict([{"a": 1.5}, {"a": 2.5}])
    np.testing.assert_array_equal(one.client.predict(1.5), one.client.predict(column[:1]))


@pytest.mark.parametrize(
    "text", ["good film", ["good film"], np.array(["good film"]), pd.Series(["good film"], name="x")]
)
def test_a_text_is_a_row_of_a_model_of_texts(text: Any) -> None:
    """One text is one row, and not one for each letter."""
    model = Endpoint(pd.Series(["a", "b"], name="review"))

    assert len(model.client.predict(text)) == 1


def test_an_array_of_another_shape_is_one_fault() -> None:
    """Images for a model of columns are refused by their shape."""
    with pytest.raises(DataMismatch, match=r"rows of 3 columns, got an array with a shape of \(2, 2\) for each row"):
        Endpoint(ROWS).client.predict(np.zeros((4, 2, 2)))
