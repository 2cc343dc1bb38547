"""Prototypes: true dtypes, categories and ranges, from whatever holds the training data."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from mlops_magics.core.versioning import Prototype
from mlops_magics.errors import InvalidInput


@pytest.fixture
def mixed() -> pd.DataFrame:
    """One column of every kind, with missing values in the first row."""
    return pd.DataFrame(
        {
            "count": [3, 1, 2],
            "ratio": [np.nan, 0.5, np.inf],
            "flag": [True, False, True],
            "size": pd.Categorical(["S", None, "L"], categories=["S", "M", "L"], ordered=True),
            "city": pd.Series([None, "Bern", "Rome"], dtype="str"),
            "since": pd.to_datetime(["2024-01-01", "2024-02-01", None]),
            "visits": pd.array([None, 2, 3], dtype="Int64"),
            "loose": pd.Series([None, True, False], dtype=object),
        }
    )


def test_columns_carry_what_training_had(mixed: pd.DataFrame) -> None:
    """Kind, dtype, range, categories and missing values of each column."""
    columns = {column.name: column for column in Prototype.from_data(mixed).columns}

    kinds = {name: column.kind for name, column in columns.items()}
    assert kinds == {
        "count": "integer", "ratio": "number", "flag": "boolean", "size": "category",
        "city": "string", "since": "datetime", "visits": "integer", "loose": "boolean",
    }  # fmt: skip
    assert (columns["count"].minimum, columns["count"].maximum) == (1, 3)
    assert (columns["ratio"].minimum, columns["ratio"].maximum) == (0.5, 0.5)
    assert columns["size"].categories == ("S", "M", "L")
    assert columns["size"].ordered
    assert [name for name, column in columns.items() if column.nullable] == [
        "ratio",
        "size",
        "city",
        "since",
        "visits",
        "loose",
    ]
    assert columns["since"].minimum == "2024-01-01T00:00:00"


def test_examples_are_never_missing(mixed: pd.DataFrame) -> None:
    """vetiver's example values and our example rows hold no NaN, whatever the first row holds."""
    prototype = Prototype.from_data(mixed)
    written = json.dumps([prototype.example_values(), list(prototype.examples)], allow_nan=False)

    assert "null" not in written


def test_a_prototype_reads_back_from_json(mixed: pd.DataFrame) -> None:
    """Through JSON and back it is the same, and the empty frame has the dtypes of training."""
    prototype = Prototype.from_data(mixed)

    assert Prototype.from_json(json.loads(json.dumps(prototype.to_json(), allow_nan=False))) == prototype
    assert prototype.empty_frame().dtypes.to_dict() == mixed.dtypes.to_dict()


def test_the_schema_names_every_column_with_an_example(mixed: pd.DataFrame) -> None:
    """GET /prototype answers what vetiver rebuilds: properties with examples, required in order."""
    schema = Prototype.from_data(mixed).json_schema()

    assert schema["required"] == list(mixed.columns)
    assert all("example" in entry for entry in schema["properties"].values())
    assert schema["properties"]["size"]["enum"] == ["S", "M", "L", None]


@pytest.mark.parametrize(
    ("data", "names", "kind"),
    [
        (np.zeros((2, 2)), ("0", "1"), "array"),
        ([[1, 2.5]], ("0", "1"), "array"),
        ({"a": [1]}, ("a",), "frame"),
        (pd.Series([1.0], name="a"), ("a",), "frame"),
        (pl.DataFrame({"a": [1], "b": ["x"]}), ("a", "b"), "frame"),
    ],
)
def test_every_table_has_a_prototype(data: Any, names: tuple[str, ...], kind: str) -> None:
    """Frames of pandas and polars, arrays, lists and dicts; arrays are named by position."""
    prototype = Prototype.from_data(data)

    assert prototype.names == names
    assert prototype.input_kind == kind


@pytest.mark.parametrize(
    "data", [pd.DataFrame(), pd.DataFrame({"a": []}), np.zeros((0, 2)), 5, [], {"a": [1], "b": [1, 2]}]
)
def test_what_is_no_table_is_refused(data: Any) -> None:
    """Empty data, a number, columns of several lengths: one clear line."""
    with pytest.raises(InvalidInput):
        Prototype.from_data(data)


def test_a_vetiver_prototype_is_understood() -> None:
    """Example values become columns, as vetiver types them."""
    prototype = Prototype.from_examples({"hp": 110.0, "cyl": 6, "name": "x", "ok": True})

    assert [column.kind for column in prototype.columns] == ["number", "integer", "string", "boolean"]
