"""Truths are joined by ids that mean the same, and what does not join is counted."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import polars
import pyarrow as pa
import pytest

from mlops_magics.core.monitoring.reading import tables
from mlops_magics.core.monitoring.scoring import labels

ROWS = 12
WHOLE = np.arange(ROWS, dtype=np.int64) + 2**53 + 1
SMALL = np.arange(ROWS)
TIMES = pd.date_range("2024-03-30 20:00", periods=ROWS, freq="h", tz="Europe/Berlin")
UUIDS = [uuid.UUID(int=k) for k in range(ROWS)]
Ids = Callable[[], Any]
PAIRS: dict[str, tuple[Any, Any]] = {
    "int64 beyond 2^53": (WHOLE, WHOLE),
    "int64 beyond 2^53 as text": (WHOLE, WHOLE.astype(str)),
    "nullable int64 beyond 2^53": (pd.array(WHOLE, dtype="Int64"), WHOLE),
    "uint64": (WHOLE.astype(np.uint64), WHOLE),
    "int and float": (SMALL, SMALL.astype(float)),
    "float and nullable": (SMALL.astype(float), pd.array(SMALL, dtype="Int64")),
    "int and text": (SMALL, SMALL.astype(str)),
    "text with zeros and int": ([f"{k:05d}" for k in SMALL], SMALL),
    "float and text": (SMALL.astype(float), SMALL.astype(str)),
    "text of floats and int": (SMALL.astype(float).astype(str), SMALL),
    "objects": (np.array([int(k) for k in WHOLE], dtype=object), WHOLE),
    "arrow": (pd.array(WHOLE, dtype=pd.ArrowDtype(pa.int64())), WHOLE),
    "categories": (pd.Categorical(SMALL), SMALL),
    "seconds and nanoseconds": (TIMES.as_unit("s"), TIMES.as_unit("ns")),
    "Berlin and UTC": (TIMES, TIMES.tz_convert("UTC")),
    "UTC and naive": (TIMES.tz_convert("UTC"), TIMES.tz_convert("UTC").tz_localize(None)),
    "times and text": (TIMES, [time.isoformat() for time in TIMES]),
    "dates and times": ([time.date() for time in TIMES[::24].repeat(12)][:1], [pd.Timestamp("2024-03-30")]),
    "uuid and text": (UUIDS, [str(each) for each in UUIDS]),
    "uuid in capitals": ([str(each) for each in UUIDS], [str(each).upper() for each in UUIDS]),
    "uuid without hyphens": ([str(each) for each in UUIDS], [each.hex for each in UUIDS]),
    "bytes and text": ([b"k%d" % k for k in SMALL], [f"k{k}" for k in SMALL]),
    "decimals and text": ([Decimal(f"{k}.50") for k in SMALL], [f"{k}.5" for k in SMALL]),
    "decimals and int": ([Decimal(int(k)) for k in WHOLE], WHOLE),
    "integers beyond 2^64": ([2**70 + k for k in range(ROWS)], [str(2**70 + k) for k in range(ROWS)]),
    "text with blanks": ([f"k{k}" for k in SMALL], [f"k{k}  " for k in SMALL]),
}


WITHOUT = {
    (side, pair)
    for pair, sides in {"uuid and text": ["polars"], "integers beyond 2^64": ["polars", "arrow"]}.items()
    for side in sides
}
"""What a library has no type for."""
CASES = [(pair, side) for pair in PAIRS for side in ("pandas", "arrow", "polars") if (side, pair) not in WITHOUT]


@pytest.mark.parametrize(("pair", "side"), CASES)
def test_ids_of_the_same_meaning_join(pair: str, side: str) -> None:
    """Whichever library holds the rows, and whichever order the truths come in."""
    rows, told = PAIRS[pair]
    frame = pd.DataFrame({"id": rows, "x": np.arange(len(rows))})
    truth = pd.DataFrame({"id": told, "y": np.arange(len(told)) * 1.5}).iloc[::-1]
    table: Any = frame
    if side != "pandas":
        table = pa.Table.from_pandas(frame, preserve_index=False)
    if side == "polars":
        table = polars.from_arrow(table)
    found = labels.align(tables.read(table), truth, "id")

    assert found is not None
    assert found.column.values.tolist() == [k * 1.5 for k in range(len(rows))]
    assert not found.notes


def test_codes_with_leading_zeros_are_not_numbers_to_each_other() -> None:
    """Both sides are text: 007 is not 7."""
    found = labels.align(tables.read({"id": ["007", "7"]}), pd.DataFrame({"id": ["7"], "y": [1.0]}), "id")

    assert found is not None
    assert np.isnan(found.column.values[0])
    assert found.column.values[1] == 1.0


@pytest.mark.parametrize(
    ("rows", "truths", "joined"),
    [
        (["10", "11"], ["11.0", "10.0"], [2.0, 1.0]),
        (["010", "011"], ["11.0", "10.0"], [np.nan, np.nan]),
        (["1.0", "x"], ["1", "1.00"], [np.nan, np.nan]),
        (["2024-03-31T12:00:00Z", "2024-03-31T13:00:00Z"], ["2024-03-31T15:00:00+02:00", "2024-03-31 14:00+02:00"],
         [2.0, 1.0]),
        ([uuid.UUID(int=7).bytes, uuid.UUID(int=2**127).bytes], [str(uuid.UUID(int=2**127)), "x"], [np.nan, 1.0]),
        (["", "nan"], ["", "nan"], [np.nan, np.nan]),
    ],
)  # fmt: skip
def test_texts_that_have_nothing_in_common_are_read_as_what_they_mean(
    rows: list[Any], truths: list[Any], joined: list[float]
) -> None:
    """Whole numbers that were floats, times of other zones, and raw UUIDs join. Codes with leading zeros do not, nor
    texts of two meanings at once, and a blank or a written NaN is no id."""
    found = labels.align(tables.read({"id": rows}), pd.DataFrame({"id": truths, "y": [1.0, 2.0]}), "id")

    assert found is not None
    np.testing.assert_array_equal(found.column.values, joined)


def test_ids_may_be_an_index_or_keys() -> None:
    """Of a frame, a Series or a mapping."""
    rows = tables.read({"id": [1, 2]})
    series = pd.Series([5.0, 6.0], index=pd.Index([2, 1], name="id"))
    nameless = series.rename_axis(None)
    for truth in (
        series,
        series.to_frame("y"),
        nameless,
        nameless.to_frame("y"),
        {2: 5.0, 1: 6.0},
        {"id": [2, 1], "y": [5.0, 6.0]},
    ):
        found = labels.align(rows, truth, "id")
        assert found is not None
        assert found.column.values.tolist() == [6.0, 5.0]


def test_what_does_not_join_is_counted_in_rows() -> None:
    """Unknown, doubled and missing ids of the truths, and missing and shared ids of the rows."""
    rows = pd.DataFrame({"id": ["a", "b", "b", None, "c"], "x": range(5)})
    truth = pd.DataFrame({"id": ["a", "a", "b", "z", "z", "q", None], "y": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]})
    found = labels.align(tables.read(rows), truth, "id")

    assert found is not None
    np.testing.assert_array_equal(found.column.values, [2.0, 3.0, 3.0, np.nan, np.nan])
    notes = " | ".join(found.notes)
    assert "1 truth has no id" in notes
    assert "3 truths have ids of no request (such as q)" in notes
    assert "2 truths came twice for the same id" in notes
    assert "1 row has no id" in notes
    assert "2 rows share 1 id (such as b)" in notes


def test_ids_that_a_float_has_rounded_join_nothing() -> None:
    """One missing id makes pandas' integers floats, of which several beyond 2^53 are equal."""
    ids = [2**53 + 1, 2**53 + 2, 7]
    exact, rounded = {"id": ids}, pd.DataFrame({"id": [*ids, None], "y": [1.0, 2.0, 3.0, 4.0]})
    for rows, truth in (
        (exact, rounded),
        (rounded[["id"]], rounded),
        (rounded[["id"]], pd.DataFrame(exact).assign(y=3.0)),
    ):
        found = labels.align(tables.read(rows), truth, "id")

        assert found is not None
        np.testing.assert_array_equal(found.column.values[:3], [np.nan, np.nan, 3.0])
        assert sum("have ids that a float has rounded" in note for note in found.notes) >= 1


def test_truths_of_which_none_joins_say_so() -> None:
    """Both sides are shown."""
    found = labels.align(tables.read({"id": ["a", "b"]}), pd.DataFrame({"id": ["x", "y"], "t": [1, 2]}), "id")

    assert found is not None
    assert any("no truth has the id of a row" in note for note in found.notes)


def test_two_keys_join_together() -> None:
    """Each by its own meaning."""
    rows = pd.DataFrame({"day": pd.to_datetime(["2024-01-01", "2024-01-02"]), "shop": [1, 2]})
    truth = pd.DataFrame({"day": ["2024-01-02", "2024-01-01"], "shop": ["2", "1"], "y": [2.0, 1.0]})
    found = labels.align(tables.read(rows), truth, ["day", "shop"])

    assert found is not None
    assert found.column.values.tolist() == [1.0, 2.0]
