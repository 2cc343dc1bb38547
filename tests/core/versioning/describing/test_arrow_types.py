"""Arrow types as text, and nested cells between JSON and a type."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pyarrow as pa
import pytest

from mlops_magics.core.versioning.describing import arrow_types, cell_values

KINDS = (
    (
        pa.struct([("a: b, c", pa.date32()), ("d", pa.list_(pa.decimal128(5, 2)))]),
        {"a: b, c": dt.date(2024, 1, 1), "d": [Decimal("1.50")]},
    ),
    (pa.map_(pa.int32(), pa.binary()), [(1, b"x"), (2, None)]),
    (pa.list_(pa.timestamp("us", "UTC"), 2), [dt.datetime(2024, 1, 1, tzinfo=dt.UTC)] * 2),
    (pa.large_list(pa.duration("us")), [dt.timedelta(hours=1)]),
    (pa.time64("us"), dt.time(1, 2, 3, 4)),
)


@pytest.mark.parametrize(("kind", "value"), KINDS, ids=[str(kind) for kind, _ in KINDS])
def test_a_type_and_its_cells_come_back_from_text(kind: pa.DataType, value: object) -> None:
    """A type is the same after text, and a cell the same after JSON, however deep its dates, decimals and bytes are."""
    assert arrow_types.read(arrow_types.spell(kind)) == kind

    found = arrow_types.cell(cell_values.write(value), kind)

    assert pa.array([found], kind).to_pylist() == [value]


def test_an_object_of_json_is_a_map() -> None:
    """A map is sent as pairs or as an object, whose keys are texts."""
    assert arrow_types.cell({"1": "a"}, pa.map_(pa.int64(), pa.string())) == [(1, "a")]


@pytest.mark.parametrize("value", [3, "text", [1]])
def test_a_value_that_is_not_a_struct_is_refused(value: object) -> None:
    """Only an object is a struct."""
    with pytest.raises((ValueError, TypeError)):
        arrow_types.cell(value, pa.struct([("a", pa.int64())]))


@pytest.mark.parametrize("text", ["", "AAAA", "not base64", arrow_types.spell(pa.int64())[:-8]])
def test_a_text_that_is_not_a_type_is_an_error(text: str) -> None:
    """A damaged prototype is one error, never a crash."""
    with pytest.raises(ValueError):  # noqa: PT011 - Arrow words it
        arrow_types.read(text)
