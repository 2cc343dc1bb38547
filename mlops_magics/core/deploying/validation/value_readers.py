"""Readers of one value of a request for a column, one function for each kind, and the number ranges of dtypes."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np

from mlops_magics.core.deploying.validation import times
from mlops_magics.core.deploying.validation.category_labels import UNKNOWN, CategoryLabels
from mlops_magics.core.versioning.describing import arrow_types, cell_values, object_types
from mlops_magics.core.versioning.describing.column import NULLS

if TYPE_CHECKING:
    from mlops_magics.core.versioning import Column

Reader = Callable[[Any], Any]
"""Returns the value as the column holds it, or raises ValueError, TypeError or OverflowError where it does not fit."""

_INTEGER = re.compile(r"(u?)int(8|16|32|64)", re.IGNORECASE)
_FLOAT = re.compile(r"float(16|32)|halffloat|^float\[pyarrow\]", re.IGNORECASE)


class NotFinite(ValueError):
    """An infinite number, or one that the dtype of training would make infinite."""


def reader_of(column: Column, labels: CategoryLabels | None) -> Reader:
    """Return the reader of a column's values."""
    if column.kind == "category" and labels is not None:
        return _category_reader(labels)
    if column.dtype == NULLS:
        return _nothing
    if column.kind in _BY_COLUMN:
        return _BY_COLUMN[column.kind](column)
    return _READERS.get(column.kind, _text)


def integer_range(dtype: str) -> tuple[int, int]:
    """Return the smallest and the largest integer of a dtype, those of int64 where it is not one of integers."""
    found = _INTEGER.search(dtype)
    if found is None:
        return -(2**63), 2**63 - 1
    bits = int(found[2])
    return (0, 2**bits - 1) if found[1] else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)


def largest_float(dtype: str) -> float:
    """Return the largest finite number of a dtype."""
    found = _FLOAT.search(dtype)
    if found is None:
        return float(np.finfo("float64").max)
    return float(np.finfo("float16" if found[0].lower() in {"float16", "halffloat"} else "float32").max)


def _number_reader(column: Column) -> Reader:
    most = largest_float(column.dtype)
    infinite = {"inf", "-inf", "Infinity", "-Infinity", math.inf, -math.inf} if column.infinite else set()

    def read(value: Any) -> float:
        if type(value) in {str, float} and value in infinite:
            return float(value)
        if isinstance(value, bool) or not isinstance(value, int | float | np.number | Decimal):
            raise ValueError(value)
        number = float(value)
        if abs(number) > most:
            raise NotFinite(value)
        return number

    return read


def _integer_reader(column: Column) -> Reader:
    low, high = integer_range(column.dtype)

    def read(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int | float | np.integer | np.floating | Decimal):
            raise ValueError(value)
        # int() of NaN or an infinite number raises, which counts as a misfit too
        if value != int(value) or not low <= int(value) <= high:
            raise ValueError(value)
        return int(value)

    return read


def _category_reader(labels: CategoryLabels) -> Reader:
    def read(value: Any) -> Any:
        found = labels.find(value)
        if found is UNKNOWN:
            raise ValueError(value)
        return found

    return read


def _moment_reader(column: Column) -> Reader:
    return lambda value: times.read_moment(value, column)


def _duration_reader(column: Column) -> Reader:
    unit = times.unit_of(column.moment_dtype)
    return lambda value: times.in_unit(np.array([cell_values.read_timedelta(value).to_numpy()]), unit)[0]


def _nested_reader(column: Column) -> Reader:
    kind, _, detail = column.detail.partition(":")
    lists: tuple[type, ...] = (list, tuple, set, frozenset, np.ndarray)
    types: tuple[type, ...] = {"dict": (dict,), "map": (*lists, dict)}.get(kind, lists)
    arrow = arrow_types.read(column.arrow) if column.arrow else None
    make: Callable[[Any], Any] = _MAKE.get(kind, _plain_list)

    def read(value: Any) -> Any:
        if not isinstance(value, types):
            raise ValueError(value)
        if kind == "array":
            return np.array(value, dtype=detail or None)
        if arrow is not None:
            value = arrow_types.cell(value, arrow)
        return _with_keys(value, detail) if kind == "dict" else make(value)

    return read


def _with_keys(value: dict[Any, Any], keys: str) -> dict[Any, Any]:
    """Return a mapping with the keys of training: integers, or only those that have a value."""
    if keys == "int":
        return {int(key): each for key, each in value.items()}
    return {key: each for key, each in value.items() if each is not None} if keys == "some" else value


def _plain_list(value: Any) -> list[Any]:
    return value.tolist() if isinstance(value, np.ndarray) else list(value)


def _interval_reader(column: Column) -> Reader:
    closed = column.dtype.removesuffix("]").rpartition(", ")[2]
    return cell_values.interval_reader(column.detail, closed if closed in {"left", "both", "neither"} else "right")


def _nothing(value: Any) -> Any:
    raise ValueError(value)


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool | np.bool_):
        raise ValueError(value)
    return bool(value)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(value)
    return value


def _scalar(value: Any) -> Any:
    if isinstance(value, list | tuple | dict | set | np.ndarray):
        raise ValueError(value)
    return value


def _object_reader(column: Column) -> Reader:
    return object_types.reader(column.kind, column.detail)


def _bytes_reader(column: Column) -> Reader:
    if column.detail == "bytearray":
        return lambda value: bytearray(cell_values.read_bytes(value))
    return cell_values.read_bytes


def _time_reader(column: Column) -> Reader:
    def read(value: Any) -> Any:
        found = cell_values.read_time(value)
        if (found.tzinfo is not None) != (column.detail == "zoned"):
            raise times.WrongZone("a time of day with a zone" if found.tzinfo else "a time of day without a zone")
        return found

    return read


_MAKE: dict[str, Callable[[Any], Any]] = {"tuple": tuple, "set": set, "frozenset": frozenset}
_BY_COLUMN: dict[str, Callable[[Any], Reader]] = {
    "number": _number_reader,
    "integer": _integer_reader,
    "datetime": _moment_reader,
    "timedelta": _duration_reader,
    "nested": _nested_reader,
    "period": lambda column: cell_values.period_reader(column.detail),
    "interval": _interval_reader,
    "bytes": _bytes_reader,
    "time": _time_reader,
    "zoned": lambda column: lambda value: times.read_zoned(value, column),
    **dict.fromkeys(("fraction", "address", "path"), _object_reader),
}
_READERS: dict[str, Reader] = {
    "boolean": _boolean,
    "string": _text,
    "mixed": _scalar,
    "decimal": cell_values.read_decimal,
    "complex": cell_values.read_complex,
    "date": cell_values.read_date,
    "uuid": cell_values.read_uuid,
}
