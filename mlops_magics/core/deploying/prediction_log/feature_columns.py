"""The features in a log: an Arrow column of one type for each kind, read back by the code that reads requests."""

from __future__ import annotations

import dataclasses
import json
import logging
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from mlops_magics.core import json_text
from mlops_magics.core.deploying.parsing.arrow_values import values_of
from mlops_magics.core.deploying.validation.category_labels import CategoryLabels
from mlops_magics.core.deploying.validation.convert import ColumnMismatch, convert_column
from mlops_magics.core.deploying.validation.model_input import as_trained
from mlops_magics.core.deploying.validation.times import zone_of
from mlops_magics.core.deploying.validation.value_readers import integer_range
from mlops_magics.core.versioning.describing import cell_values
from mlops_magics.core.versioning.describing.column import NULLS, Column

if TYPE_CHECKING:
    import pandas as pd

logger = logging.getLogger(__name__)

_PERSONAL = ("example", "minimum", "maximum", "words")
"""Facts of a column that hold values of training: a log does not need them."""
_TYPES = {
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "string": pa.string(),
    "date": pa.date32(),
    "time": pa.time64("us"),
    "bytes": pa.binary(),
}
"""Kinds whose values Arrow takes as they are."""
_JSON = frozenset({"mixed", "nested"})
"""Kinds whose cells are written as JSON texts, those of all other kinds as the text that requests have."""


def note(column: Column) -> dict[str, Any]:
    """Return the notes of a log on a column."""
    plain = {name: value for name, value in column.to_json().items() if name not in _PERSONAL}
    return {**plain, "ordered": bool(column.ordered)}


def to_arrow(values: npt.NDArray[Any], column: Column) -> pa.Array:
    """Return checked values ``(n_rows, …)`` of a column, as `convert_column` made them."""
    if column.kind in _TYPES and column.detail != "zoned":  # Arrow has no zone for a time of day
        return pa.array(values, _TYPES[column.kind], from_pandas=True)
    if column.kind == "integer":
        wide = integer_range(column.dtype)[1] >= 2**63
        return pa.array(values, pa.uint64() if wide else pa.int64(), from_pandas=True)
    if values.dtype.kind == "M":
        unit = np.datetime_data(values.dtype)[0]
        return pa.array(values, pa.timestamp(unit, None if zone_of(column.moment_dtype) is None else "UTC"))
    if values.dtype.kind == "m":
        return pa.array(values)
    if column.kind == "tensor":
        return _nested_lists(values)
    if column.kind == "category":
        return _categories(values.tolist(), column)
    write = _json if column.kind in _JSON else _text
    return pa.array([None if _is_missing(value) else write(value) for value in values.tolist()], pa.string())


def _nested_lists(values: npt.NDArray[Any]) -> pa.Array:
    """Return an array as lists of a fixed size, one level for each axis."""
    array = pa.array(np.ascontiguousarray(values).reshape(-1))
    for size in reversed(values.shape[1:]):
        array = pa.FixedSizeListArray.from_arrays(array, size)
    return array


def _categories(values: Sequence[Any], column: Column) -> pa.Array:
    """Return categories in the type that all have, or else as the texts that requests have."""
    types = {type(each) for each in column.categories or ()}
    for kind, arrow in ((str, pa.string()), (int, pa.int64()), (float, pa.float64()), (bool, pa.bool_())):
        if types == {kind} and not column.tags and not (kind is int and _is_beyond_int64(column)):
            return pa.array(values, arrow, from_pandas=True)
    write = _json if _has_json_labels(column) else _text
    return pa.array([None if _is_missing(value) else write(value) for value in values], pa.string())


def _is_beyond_int64(column: Column) -> bool:
    return any(not -(2**63) <= each < 2**63 for each in column.categories or ())


def _has_json_labels(column: Column) -> bool:
    """Return whether the categories are of several types, or tuples: their texts could mean another label."""
    written = [cell_values.write(each) for each in column.categories or ()]
    return len({type(each) for each in written}) > 1 or any(isinstance(each, list | dict) for each in written)


def _is_missing(value: Any) -> bool:
    return not isinstance(value, list | tuple | dict | np.ndarray) and cell_values.is_missing(value)


def _json(value: Any) -> str:
    return json.dumps(cell_values.write(value))


def _text(value: Any) -> str:
    written = cell_values.write(value)
    return written if isinstance(written, str) else json.dumps(written)


def restored(stored: pa.ChunkedArray, noted: Mapping[str, Any]) -> pd.Series:
    """Return a column of a log with the dtype of training, where that is possible."""
    import pandas as pd

    column = dataclasses.replace(Column.from_json(noted), nullable=True)
    if column.kind == "string" and column.dtype not in {"object", NULLS}:
        return _cast(stored.to_pandas(), column.pandas_dtype)
    written_as_json = column.kind in _JSON or (column.kind == "category" and _has_json_labels(column))
    if written_as_json and pa.types.is_string(stored.type):
        values: Any = [None if text is None else _read_json(text) for text in stored.to_pylist()]
    else:
        values = values_of(_in_utc(stored) if zone_of(column.moment_dtype) is not None else stored, column.kind)
    labels = CategoryLabels(column) if column.kind == "category" else None
    try:
        return pd.Series(as_trained(convert_column(values, column, labels), column, column.pandas_dtype), copy=False)
    except (ColumnMismatch, TypeError, ValueError, OverflowError) as error:
        logger.debug("%s is read as it is stored: %s", column.name, error)  # written by another version of pandas
        return _cast(stored.to_pandas(), column.pandas_dtype)


def _in_utc(stored: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return moments with their zone, which logs of version 0.1 leave out."""
    if pa.types.is_timestamp(stored.type) and stored.type.tz is None:
        return stored.cast(pa.timestamp(stored.type.unit, "UTC"))
    return stored


def _read_json(text: str) -> Any:
    try:
        return json_text.parse(text)
    except ValueError:  # a log of version 0.1 has the text of a cell
        return text


def _cast(values: pd.Series, dtype: Any) -> pd.Series:
    if str(values.dtype) == str(dtype):
        return values
    try:
        return values.astype(dtype)
    except (TypeError, ValueError, pa.ArrowException):
        return values
