"""Kinds of columns that training data have: one Series of six values for each, by name."""

from __future__ import annotations

import datetime as dt
import ipaddress
import pathlib
import uuid
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

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


def arrow(values: Any, kind: Any) -> pd.Series:
    """Return a column of an Arrow type."""
    return pd.Series(pd.arrays.ArrowExtensionArray(pa.array(values, kind)))


STRUCT = pa.struct([("city", pa.string()), ("since", pa.date32()), ("sizes", pa.list_(pa.int8()))])
ZURICH = ZoneInfo("Europe/Zurich")


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
    "large_string[pyarrow]": lambda: arrow(list("abcdef"), pa.large_string()),
    "dictionary[pyarrow]": lambda: pd.Series(
        list("abcabc"), dtype=pd.ArrowDtype(pa.dictionary(pa.int32(), pa.string()))
    ),
    "null[pyarrow]": lambda: arrow([None] * 6, pa.null()),
    "binary[pyarrow]": lambda: arrow([b"a", b"\xff\x00", b"abcd", b"b", None, b"x"], pa.binary()),
    "fixed_size_binary[pyarrow]": lambda: arrow([b"ab", b"\xff\x00", b"cd", b"ef", None, b"xy"], pa.binary(2)),
    "time64[pyarrow]": lambda: arrow([dt.time(hour, 0, 0, 5) for hour in range(6)], pa.time64("us")),
    "duration[pyarrow]": lambda: arrow([dt.timedelta(hours=hour) for hour in range(6)], pa.duration("ms")),
    "timestamp[pyarrow], zoned": lambda: arrow(list(DAYS), pa.timestamp("ms", "Europe/Zurich")),
    "decimal256[pyarrow]": lambda: arrow([Decimal("1.50")] * 6, pa.decimal256(50, 2)),
    "struct[pyarrow]": lambda: arrow(
        [{"city": "a", "since": dt.date(2024, 1, 1 + day), "sizes": [1, day]} if day else None for day in range(6)],
        STRUCT,
    ),
    "map[pyarrow]": lambda: arrow([[("k", place), ("l", 2)] for place in range(6)], pa.map_(pa.string(), pa.int64())),
    "list of lists[pyarrow]": lambda: arrow(
        [[[1, place], [2, 3]] for place in range(6)], pa.list_(pa.list_(pa.int64()))
    ),
    "list of str[pyarrow]": lambda: arrow([None, ["a", None], [], ["b"], ["c"], ["d"]], pa.list_(pa.string())),
    "fixed_size_list[pyarrow]": lambda: arrow([[1.0, float(place)] for place in range(6)], pa.list_(pa.float32(), 2)),
    "UInt64 with NA": lambda: pd.Series([2**64 - 1, None, 1, 2, 3, 4], dtype="UInt64"),
    "period of quarters": lambda: pd.Series(pd.period_range("2024-01-01", periods=6, freq="Q-NOV")),
    "interval of zoned times": lambda: pd.Series(pd.interval_range(DAYS[0].tz_localize("Europe/Zurich"), periods=6)),
    "objects: address": lambda: objects(
        *[ipaddress.ip_address(f"10.0.0.{n}" if n % 2 else f"::{n}") for n in range(6)]
    ),
    "objects: network": lambda: objects(*[ipaddress.ip_network(f"10.0.{place}.0/24") for place in range(6)]),
    "objects: fraction": lambda: objects(*[Fraction(place, 7) for place in range(6)]),
    "objects: fraction, None": lambda: objects(*[Fraction(place, 7) if place % 2 else None for place in range(6)]),
    "objects: path": lambda: objects(*[pathlib.PurePosixPath(f"/images/{place}.png") for place in range(6)]),
    "objects: datetime": lambda: objects(*[day.to_pydatetime() for day in DAYS]),
    "objects: datetime, zoned": lambda: objects(
        *[day.to_pydatetime() for day in DAYS.tz_localize("UTC").tz_convert(ZURICH)]
    ),
    "objects: datetime of several offsets": lambda: objects(
        *[day.to_pydatetime().replace(tzinfo=dt.timezone(dt.timedelta(hours=n % 3))) for n, day in enumerate(DAYS)]
    ),
    "objects: datetime, some zoned": lambda: objects(
        *[day.to_pydatetime().replace(tzinfo=dt.UTC if n % 2 else None) for n, day in enumerate(DAYS)]
    ),
    "objects: Timestamp": lambda: objects(*DAYS),
    "objects: timedelta": lambda: objects(*[dt.timedelta(hours=place) for place in range(6)]),
    "objects: Timedelta": lambda: objects(*[pd.Timedelta(place, "h") for place in range(6)]),
    "objects: time, zoned": lambda: objects(*[dt.time(place, tzinfo=dt.UTC) for place in range(6)]),
    "objects: Period": lambda: objects(*pd.period_range("2024-01", periods=6, freq="M")),
    "objects: Interval": lambda: objects(*[pd.Interval(place, place + 1) for place in range(6)]),
    "objects: complex": lambda: objects(*[complex(place, 1) for place in range(6)]),
    "objects: bytearray": lambda: objects(*[bytearray(b"ab")] * 6),
    "objects: frozenset": lambda: objects(*[frozenset({"a", "b"}), frozenset({"c", "d"})] * 3),
    "objects: list of Decimal": lambda: objects(*[[Decimal("1.5"), Decimal(place)] for place in range(6)]),
    "objects: dict of dates": lambda: objects(*[{"since": dt.date(2024, 1, 1 + place)} for place in range(6)]),
    "objects: dict of int": lambda: objects(*[{1: "a", place + 2: "b"} for place in range(6)]),
    "objects: dict, some keys": lambda: objects(*[{"a": 1}, {"b": "x"}] * 3),
    "objects: Decimal, NaN": lambda: objects(*[Decimal("1.5"), Decimal("NaN")] * 3),
    "category: complex": lambda: category([1 + 1j, 2j, 3 + 0j] * 2),
    "category: UUID": lambda: category(objects(*[uuid.UUID(int=place % 3) for place in range(6)])),
    "category: address": lambda: category(objects(*[ipaddress.ip_address(f"10.0.0.{n % 3}") for n in range(6)])),
    "category: fraction": lambda: category(objects(*[Fraction(place % 3, 7) for place in range(6)])),
    "category: int beyond 64 bits": lambda: category(objects(*[2**70, 1, 2] * 2)),
    "objects: UUID": lambda: objects(*[uuid.UUID(int=place) for place in range(6)]),
}
