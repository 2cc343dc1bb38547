"""The one conversion to JSON: whatever a library calls a number, a time or a table."""

from __future__ import annotations

import dataclasses
import datetime as dt
import decimal
import enum
import json
import math
import pathlib
import uuid
from typing import Any

import msgspec
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_magics.core.versioning.describing.json_values import json_safe, plain
from mlops_magics.errors import InvalidInput


class Colour(enum.Enum):
    RED = 1


@dataclasses.dataclass
class Pair:
    first: Any
    second: Any


class Struct(msgspec.Struct):
    value: float = math.nan


class Unprintable:
    def __str__(self) -> str:
        raise RuntimeError


VALUES: list[tuple[Any, Any]] = [
    (None, None), (True, True), (3, 3), ("text", "text"), (1.5, 1.5), (math.nan, None), (math.inf, None),
    (np.float32(1.5), 1.5), (np.int64(3), 3), (np.bool_(True), True), (np.float64("nan"), None), (np.str_("a"), "a"),
    (np.array([1.0, math.nan]), [1.0, None]), (np.array([[1, 2]]), [[1, 2]]),
    (np.datetime64("2026-11-23"), "2026-11-23T00:00:00"), (np.datetime64("NaT"), None), (np.timedelta64(5, "s"), 5.0),
    (np.array(["2026-11-23"], "datetime64[ns]"), ["2026-11-23T00:00:00"]),
    (pd.Timestamp("2026-11-23", tz="UTC"), "2026-11-23T00:00:00+00:00"), (pd.NaT, None), (pd.NA, None),
    (pd.Timedelta("2s"), 2.0), (pd.Series([1, None]), [1.0, None]), (pd.Index([1, 2]), [1, 2]),
    (pd.array([1, None], dtype="Int64"), [1, None]), (pd.Categorical(["a", None]), ["a", None]),
    (pd.DataFrame({"a": [1.0, math.nan], "b": ["x", None]}), [{"a": 1.0, "b": "x"}, {"a": None, "b": None}]),
    (pd.Interval(0, 1), "(0, 1]"), (pd.Period("2026-11"), "2026-11"),
    (pl.Series([1, 2]), [1, 2]), (pl.DataFrame({"a": [1]}), [{"a": 1}]),
    (pa.table({"a": [1]}), [{"a": 1}]), (pa.scalar(3), 3), (pa.array([1, None]), [1, None]),
    (dt.datetime(2026, 11, 23, tzinfo=dt.UTC), "2026-11-23T00:00:00+00:00"), (dt.date(2026, 11, 23), "2026-11-23"),
    (dt.time(1, 2), "01:02:00"), (dt.timedelta(minutes=1), 60.0),
    ({"b", "a"}, ["a", "b"]), (frozenset({2, 1}), [1, 2]), ((1, 2), [1, 2]), (range(2), "range(0, 2)"),
    ({1: 2, None: 3}, {"1": 2, "None": 3}), (decimal.Decimal("1.5"), 1.5), (Colour.RED, 1),
    (Pair(1, Pair(np.int8(2), math.nan)), {"first": 1, "second": {"first": 2, "second": None}}),
    (Struct(), {"value": None}), (uuid.UUID(int=0), str(uuid.UUID(int=0))), (pathlib.PurePosixPath("a/b"), "a/b"),
    (b"abc", "abc"), ("\ud800", "?"), (Unprintable(), "<Unprintable>"),
]  # fmt: skip


@pytest.mark.parametrize(("value", "expected"), VALUES, ids=lambda value: f"{type(value).__name__}")
def test_every_kind_of_value_has_one_form(value: Any, expected: Any) -> None:
    """Numbers, times, tables and records of all libraries; missing values are None."""
    converted = json_safe(value)

    assert converted == expected
    assert json.loads(json.dumps(converted, allow_nan=False)) == expected


@given(st.recursive(st.one_of(st.none(), st.floats(), st.text(), st.binary(), st.integers()), st.lists, max_leaves=20))
def test_what_is_shown_is_always_json(value: Any) -> None:
    """Nothing raises, and every parser reads it."""
    json.loads(json.dumps(json_safe(value), allow_nan=False).encode())


def test_a_value_that_contains_itself_ends() -> None:
    """Beyond the deepest level a value is shown as text, and refused as metadata."""
    endless: list[Any] = []
    endless.append(endless)

    json.dumps(json_safe(endless))
    with pytest.raises(InvalidInput, match="nested or large"):
        plain(endless, "metadata")


@pytest.mark.parametrize("value", [object(), {"key": {object(): 1}}, b"bytes", "\ud800", [Unprintable()]])
def test_what_is_stored_is_never_guessed(value: Any) -> None:
    """A field that JSON cannot hold is named in one line."""
    with pytest.raises(InvalidInput, match="metadata") as refused:
        plain(value, "metadata")

    assert "\n" not in str(refused.value)


def test_what_is_stored_keeps_nan() -> None:
    """A metric that could not be computed is still a number for its readers."""
    assert math.isnan(plain({"rmse": np.float64("nan")}, "metrics")["rmse"])
