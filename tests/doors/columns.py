"""Kinds of columns that training data have: one Series of six values for each, by name."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

DAYS = pd.date_range("2024-03-30 23:30", periods=6, freq="h")
"""Around a change to summer time in Europe."""


def objects(*values: Any) -> pd.Series:
    """Return a column of objects, each as it is."""
    made = pd.Series([None] * len(values), dtype=object)
    for place, value in enumerate(values):
        made[place] = value
    return made


def category(values: Any, **options: Any) -> pd.Series:
    """Return a column of categories."""
    return pd.Series(pd.Categorical(values, **options))


COLUMNS: dict[str, Callable[[], pd.Series]] = {
    "float64": lambda: pd.Series([0.1, -2.5, 1e300, 3.0, 1e-300, 0.0]),
    "float64 with NaN": lambda: pd.Series([0.1, np.nan, 2.5, np.nan, 1.0, 0.0]),
    "float64 with infinities": lambda: pd.Series([0.1, np.inf, 2.5, -np.inf, 1.0, 0.0]),
    "halffloat[pyarrow]": lambda: pd.Series([0.5, None, 2.5, 3.0, 7.0, 0.0], dtype=pd.ArrowDtype(pa.float16())),
    "float32": lambda: pd.Series([0.1, -2.5, 1e30, 3.0, 7.0, 0.0], dtype="float32"),
    "float16": lambda: pd.Series([0.1, -2.5, 1000.0, 3.0, 7.0, 0.0], dtype="float16"),
    "Float64 with NA": lambda: pd.Series([0.1, None, 2.5, None, 1.0, 0.0], dtype="Float64"),
    "double[pyarrow]": lambda: pd.Series([0.1, None, 2.5, None, 1.0, 0.0], dtype="double[pyarrow]"),
    "int64": lambda: pd.Series([1, -2, 2**53 + 1, 4, 5, 0]),
    "int8": lambda: pd.Series([1, -128, 127, 4, 5, 0], dtype="int8"),
    "uint8": lambda: pd.Series([1, 255, 127, 4, 5, 0], dtype="uint8"),
    "uint64": lambda: pd.Series([1, 2**64 - 1, 2**63, 4, 5, 0], dtype="uint64"),
    "Int64 with NA": lambda: pd.Series([1, None, 3, 4, None, 0], dtype="Int64"),
    "Int8 with NA": lambda: pd.Series([1, None, 127, 4, None, 0], dtype="Int8"),
    "int32[pyarrow]": lambda: pd.Series([1, None, 3, 4, None, 0], dtype="int32[pyarrow]"),
    "bool": lambda: pd.Series([True, False, True, True, False, False]),
    "boolean with NA": lambda: pd.Series([True, None, False, True, None, False], dtype="boolean"),
    "bool[pyarrow]": lambda: pd.Series([True, None, False, True, None, False], dtype="bool[pyarrow]"),
    "str": lambda: pd.Series(["Zürich", "NA", "", "a,b", 'say "hi"', "7"]),
    "str with NaN": lambda: pd.Series(["Zürich", None, "x", "a;b", None, "7"]),
    "string[pyarrow]": lambda: pd.Series(["Zürich", None, "x", "a", None, "7"], dtype="string[pyarrow]"),
    "country codes": lambda: pd.Series(["NA", "CH", "NA", "DE", None, "NO"]),
    "objects: str": lambda: objects("a", "b", "c", "d", "e", "f"),
    "objects: str, None": lambda: objects("a", None, "c", None, "e", "f"),
    "objects: str, NaN": lambda: objects("a", np.nan, "c", np.nan, "e", "f"),
    "objects: int, None": lambda: objects(1, None, 3, None, 5, 6),
    "objects: float, None": lambda: objects(1.5, None, 3.0, None, 5.0, 6.0),
    "objects: bool, None": lambda: objects(True, None, False, None, True, False),
    "objects: ids": lambda: objects(17, "A17", 4, "B4", 5, "6"),
    "objects: str, int, bool": lambda: objects("a", True, 3, "b", False, 1.5),
    "objects: set": lambda: objects({"a"}, {"b", "c"}, {"d"}, {"e"}, {"f"}, {"a"}),
    "objects: Decimal": lambda: objects(*map(Decimal, ("1.10", "2.5", "-3", "0.1", "7", "8.25"))),
    "objects: date": lambda: objects(*[dt.date(2024, 3, day) for day in range(1, 7)]),
    "objects: time": lambda: objects(*[dt.time(hour, 30) for hour in range(6)]),
    "objects: bytes": lambda: objects(b"a", b"\xff\x00", b"abcd", b"", b"hello", b"x"),
    "objects: list of str": lambda: objects(["a"], ["b", "c"], [], ["d"], ["e"], ["f"]),
    "objects: list of float": lambda: objects(*[[float(place), 1.5] for place in range(6)]),
    "objects: array": lambda: objects(*[np.array([float(place), 1.5]) for place in range(6)]),
    "objects: dict": lambda: objects(*[{"a": place, "b": "x"} for place in range(6)]),
    "category: str": lambda: category(list("SMLSML"), categories=["S", "M", "L"], ordered=True),
    "category: str, NA": lambda: category(["NA", "CH", "NA", None, "CH", "NA"]),
    "category: int": lambda: category([6, 8, 4, 6, 8, 4]),
    "category: float": lambda: category([0.5, 1.0, 2.0, 0.5, 1.0, 2.0]),
    "category: bool": lambda: category([True, False, True, True, False, False]),
    "category: date": lambda: category([dt.date(2024, 1, day) for day in (1, 2, 3, 1, 2, 3)]),
    "category: timestamp": lambda: category(list(DAYS[:3]) * 2),
    "category: zoned": lambda: category(list(DAYS[:3].tz_localize("UTC").tz_convert("Europe/Zurich")) * 2),
    "category: interval": lambda: pd.cut(pd.Series([0.1, 1.5, 2.5, 0.3, 1.0, 3.0]), 3),
    "category: interval of int": lambda: pd.cut(pd.Series([1, 2, 3, 4, 5, 6]), [0, 2, 4, 6]),
    "category: period": lambda: category(list(pd.period_range("2024-01", periods=3, freq="M")) * 2),
    "category: timedelta": lambda: category(list(pd.to_timedelta([1, 2, 3], unit="h")) * 2),
    "category: Decimal": lambda: category(objects(*map(Decimal, ("1.5", "2.25", "3") * 2))),
    "category: bytes": lambda: category(objects(*[b"a", b"\xff", b"abcd"] * 2)),
    "category: tuple": lambda: pd.Series(pd.Categorical(objects(*[("a", 1), ("a", 2), ("b", 1)] * 2))),
    "category: int and str": lambda: category(objects(*[1, "1", "a"] * 2)),
    "datetime64[ns]": lambda: pd.Series(DAYS + pd.Timedelta(1, "ns")).astype("datetime64[ns]"),
    "datetime64[us]": lambda: pd.Series(DAYS).astype("datetime64[us]"),
    "datetime64[s], year 1500": lambda: pd.Series(DAYS).astype("datetime64[s]") - np.timedelta64(524 * 365, "D"),
    "datetime64[us] with NaT": lambda: pd.Series([*DAYS[:5], pd.NaT]).astype("datetime64[us]"),
    "datetime64, zoned": lambda: pd.Series(DAYS.tz_localize("UTC").tz_convert("Europe/Zurich")),
    "timestamp[pyarrow]": lambda: pd.Series(DAYS).astype("timestamp[us][pyarrow]"),
    "date32[pyarrow]": lambda: pd.Series([dt.date(2024, 3, d) for d in range(1, 7)], dtype=pd.ArrowDtype(pa.date32())),
    "timedelta64": lambda: pd.Series(pd.to_timedelta(["1 days 02:00:00", "0s", "3us", "1h", "-5s", "2 days"])),
    "period": lambda: pd.Series(pd.period_range("2024-01", periods=6, freq="M")),
    "interval": lambda: pd.Series(pd.arrays.IntervalArray.from_breaks([0.0, 0.5, 1.0, 2.0, 3.0, 4.0, 5.5])),
    "decimal128[pyarrow]": lambda: pd.Series(
        [Decimal("1.10"), Decimal("2.50"), None, Decimal("4.00"), None, Decimal("0.01")],
        dtype=pd.ArrowDtype(pa.decimal128(10, 2)),
    ),
    "complex128": lambda: pd.Series([1 + 2j, 0j, -1j, 3.5 + 0j, 2 + 2j, 1j]),
    "Sparse[float64]": lambda: pd.Series(pd.arrays.SparseArray([0.0, 1.5, 0.0, 2.0, 0.0, 0.0], fill_value=0.0)),
    "Sparse[bool]": lambda: pd.get_dummies(pd.Series(list("aababb")), sparse=True)["a"],
    "objects: int beyond 64 bits": lambda: objects(2**70, 1, 2, 3, 4, 5),
    "objects: UUID": lambda: objects(*[uuid.UUID(int=place) for place in range(6)]),
}
