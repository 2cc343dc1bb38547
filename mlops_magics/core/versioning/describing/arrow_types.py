"""The conversion of Arrow types to text and back, and of nested cells between JSON and such a type."""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from mlops_magics.core.versioning.describing import cell_values

if TYPE_CHECKING:
    import pyarrow as pa


def spell(kind: pa.DataType) -> str:
    """Return a type as text, with all that its name leaves out: a serialised schema with one field, in base64."""
    import pyarrow as pa

    return base64.b64encode(pa.schema([pa.field("", kind)]).serialize()).decode()


def read(text: str) -> pa.DataType:
    """Return the type that `spell` wrote.

    Raises
    ------
    ValueError
    """
    import pyarrow as pa

    try:
        return pa.ipc.read_schema(pa.py_buffer(base64.b64decode(text, validate=True))).field(0).type
    except (pa.ArrowException, OSError) as error:
        raise ValueError(f"not an Arrow type: {error}") from error


def is_json(kind: pa.DataType) -> bool:
    """Return whether JSON writes all values of a type as themselves."""
    import pyarrow as pa

    if pa.types.is_struct(kind):
        return all(is_json(field.type) for field in kind)
    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        return is_json(kind.value_type)
    tests = (pa.types.is_null, pa.types.is_boolean, pa.types.is_integer, pa.types.is_floating, pa.types.is_string)
    return any(test(kind) for test in tests)


def of_cells(cells: Iterable[Any]) -> str:
    """Return the spelled type of nested cells, where JSON does not write all of their values as themselves."""
    import pyarrow as pa

    try:
        kind = pa.array(list(cells)).type
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        return ""
    return "" if is_json(kind) else spell(kind)


def cell(value: Any, kind: pa.DataType) -> Any:
    """Return a cell with the types that Arrow has: a date of a struct from its text in JSON, a map from an object.

    Raises
    ------
    ValueError, TypeError
        For a value that the type does not have.
    """
    import pyarrow as pa

    if value is None or (not isinstance(value, list | tuple | Mapping | np.ndarray) and cell_values.is_missing(value)):
        return None
    if pa.types.is_struct(kind):
        if not isinstance(value, Mapping):
            raise ValueError(value)
        return {field.name: cell(value[field.name], field.type) for field in kind if field.name in value}
    if pa.types.is_map(kind):
        pairs = value.items() if isinstance(value, Mapping) else value
        return [(cell(_key(key, kind.key_type), kind.key_type), cell(each, kind.item_type)) for key, each in pairs]
    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        if isinstance(value, str | bytes | Mapping):
            raise ValueError(value)
        return [cell(each, kind.value_type) for each in value]
    return _leaf(value, kind)


def _key(value: Any, kind: pa.DataType) -> Any:
    """Return a key of a map, which is a text in JSON's objects."""
    import pyarrow as pa

    return int(value) if isinstance(value, str) and pa.types.is_integer(kind) else value


def _leaf(value: Any, kind: pa.DataType) -> Any:
    import pyarrow as pa

    readers = (
        (pa.types.is_date, cell_values.read_date),
        (pa.types.is_time, cell_values.read_time),
        (pa.types.is_duration, cell_values.read_timedelta),
        (pa.types.is_decimal, cell_values.read_decimal),
        (pa.types.is_binary, cell_values.read_bytes),
        (pa.types.is_large_binary, cell_values.read_bytes),
        (pa.types.is_fixed_size_binary, cell_values.read_bytes),
        (pa.types.is_timestamp, _moment),
    )
    return next((reading(value) for test, reading in readers if test(kind)), value)


def _moment(value: Any) -> Any:
    return dt.datetime.fromisoformat(value) if isinstance(value, str) else value


def python_cell(value: Any, kind: pa.DataType) -> Any:
    """Return a nested cell of a column of objects: lists, mappings and their values as they were in training."""
    made = cell(value, kind)
    return tuple(made) if isinstance(value, tuple) else made
