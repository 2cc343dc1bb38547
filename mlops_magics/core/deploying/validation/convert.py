"""The conversion of one column of a request to a typed array, with a report of misfits row by row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mlops_magics.core.deploying.contract.http_error import problem
from mlops_magics.core.deploying.validation import tensor_columns, times
from mlops_magics.core.deploying.validation.category_labels import UNKNOWN, CategoryLabels
from mlops_magics.core.deploying.validation.expectation import expected, refusal, shown
from mlops_magics.core.deploying.validation.times import OutOfRange, Times, WrongZone
from mlops_magics.core.deploying.validation.value_readers import integer_range, largest_float, reader_of
from mlops_magics.core.versioning.describing import cell_values
from mlops_magics.core.versioning.describing.column import NULLS

if TYPE_CHECKING:
    from mlops_magics.core.versioning import Column

MISSING_TEXT = "NA"
"""R's clients write a missing value as this text. It means one in every column that cannot hold texts."""
TEXT_KINDS = frozenset({"string", "mixed", "nested"})
MAX_PROBLEMS = 100

Array = npt.NDArray[Any]


class ColumnMismatch(Exception):
    """Values that a column does not take. ``problems`` are entries of the response's ``detail``."""

    def __init__(self, problems: list[dict[str, object]]) -> None:
        super().__init__("values that do not fit")
        self.problems = problems


def convert_column(
    values: Sequence[Any] | Array | Times, column: Column, labels: CategoryLabels | None = None
) -> Array:
    """Return one column as the array that `layout.Table` holds for its kind.

    Parameters
    ----------
    values
        A list of decoded JSON values, an array (from Arrow, Parquet or a tensor), or times with their zone.
    column
        The column of the prototype.
    labels
        For a category column, its categories by how requests write them.

    Raises
    ------
    ColumnMismatch
    """
    if column.kind == "tensor":
        try:
            return tensor_columns.convert(values, column)
        except tensor_columns.RowMismatch as error:
            raise ColumnMismatch(error.problems[:MAX_PROBLEMS]) from None
    if isinstance(values, Times):
        if column.kind == "datetime":
            return _from_times(values, column)
        if column.kind == "zoned":
            message = f"Expected {expected(column)}, got times of one zone, which have lost their offsets; send texts"
            raise ColumnMismatch([problem((column.name,), "datetime_zone", message)])
        values = values.stamps()
    if isinstance(values, np.ndarray):
        quick = _from_array(values, column)
        if quick is not None:
            return quick
        values = values.tolist() if values.dtype.kind not in "Mm" else list(values)
    quick = _from_list(values, column, labels)
    return quick if quick is not None else _one_by_one(values, column, labels)


def _from_times(times_: Times, column: Column) -> Array:
    try:
        found = times.moments(times_, column)
    except (WrongZone, OutOfRange) as error:
        message = f"Expected {expected(column)}, got {error}"
        raise ColumnMismatch([problem((column.name,), "datetime_type", message)]) from None
    missing = np.flatnonzero(np.isnat(found)) if not column.nullable else ()
    if len(missing):
        problems = [problem((int(row), column.name), *_no_missing(column)) for row in missing[:MAX_PROBLEMS]]
        raise ColumnMismatch(problems)
    return found


def _from_array(values: Array, column: Column) -> Array | None:
    """Convert a typed array as a whole, or return ``None`` when a value needs a look of its own."""
    kind = values.dtype.kind
    if column.kind == "number" and kind in "fiu":
        floats = values.astype("float64", copy=False)
        return floats if _finite_or_allowed(floats, column) else None
    if column.kind == "integer" and kind in "iuf" and len(values):
        return _integers(values, column)
    if column.kind == "boolean" and kind == "b":
        return values
    if column.kind == "timedelta" and kind == "m" and (column.nullable or not np.isnat(values).any()):
        try:
            return times.in_unit(values, times.unit_of(column.moment_dtype))
        except OutOfRange:
            return None
    return None


def _integers(values: Array, column: Column) -> Array | None:
    """Convert integers, and floats that are integers, where all are in the range of the dtype."""
    low, high = integer_range(column.dtype)
    if values.dtype.kind == "f" and not (np.isfinite(values).all() and (values == np.floor(values)).all()):
        return None
    # 2**63 is a float, and int64 ends one below it
    if values.min() < low or values.max() > high or (values.dtype.kind == "f" and abs(values).max() >= 2**63):
        return None
    return values.astype("uint64" if high > 2**63 else "int64", copy=False)


def _finite_or_allowed(values: npt.NDArray[np.float64], column: Column) -> bool:
    if column.infinite:
        return column.nullable or not np.isnan(values).any()
    if (
        column.dtype != "float64"
        and len(values)
        # a start value, because the largest of nothing but NaN would be NaN, with a warning
        and np.nanmax(np.abs(values), initial=0.0) > largest_float(column.dtype)
    ):
        return False
    if column.nullable:
        return not np.isinf(values).any()
    return bool(np.isfinite(values).all())


def _from_list(values: Sequence[Any], column: Column, labels: CategoryLabels | None) -> Array | None:
    """Convert a list of one JSON type as a whole, or return ``None`` when a value needs a look of its own."""
    types = set(map(type, values))
    try:
        if column.kind == "number" and types <= {float, int}:
            floats = np.array(values, dtype="float64")
            return floats if _finite_or_allowed(floats, column) else None
        if column.kind == "integer" and types == {int}:
            low, high = integer_range(column.dtype)
            if min(values) < low or max(values) > high:
                return None
            return np.array(values, dtype="uint64" if high > 2**63 else "int64")
    except OverflowError:
        return None
    if column.kind == "boolean" and types == {bool}:
        return np.array(values, dtype="bool")
    if column.kind == "string" and types == {str} and column.dtype != NULLS:
        return _objects(values)
    if column.kind == "category" and labels is not None and labels.plain is not None and types == {str}:
        known = [labels.plain.get(value, UNKNOWN) for value in values]
        return None if UNKNOWN in known else _objects(known)
    return None


def _objects(values: Sequence[Any]) -> Array:
    # not np.array, which would make further axes of nested lists
    array: Array = np.fromiter(values, dtype=np.dtype(object), count=len(values))
    return array


def _is_nested(value: Any) -> bool:
    return isinstance(value, list | tuple | np.ndarray)


def _one_by_one(values: Sequence[Any], column: Column, labels: CategoryLabels | None) -> Array:
    """Convert value by value, and gather every problem up to the limit."""
    read = reader_of(column, labels)
    results: list[Any] = []
    problems: list[dict[str, object]] = []
    for row, value in enumerate(values):
        if _is_missing(value, column, labels):
            results.append(_MISSING.get(column.kind))
            if not column.nullable:
                problems.append(problem((row, column.name), *_no_missing(column)))
        else:
            try:
                results.append(read(value))
            except (ValueError, TypeError, OverflowError, ArithmeticError) as error:
                problems.append(problem((row, column.name), *refusal(value, column, error)))
        if len(problems) >= MAX_PROBLEMS:
            break
    if problems:
        raise ColumnMismatch(problems)
    return _stored(results, column)


def _stored(values: list[Any], column: Column) -> Array:
    if column.kind == "number":
        return np.array(values, dtype="float64")
    if column.kind in {"datetime", "timedelta"}:
        code = "datetime64" if column.kind == "datetime" else "timedelta64"
        return np.array(values, dtype=f"{code}[{times.unit_of(column.moment_dtype)}]")
    if column.kind in {"integer", "boolean"} and None not in values:
        _, high = integer_range(column.dtype)
        return np.array(values, dtype="bool" if column.kind == "boolean" else "uint64" if high > 2**63 else "int64")
    return _objects(values)


_MISSING: dict[str, Any] = {"number": np.nan, "datetime": np.datetime64("NaT"), "timedelta": np.timedelta64("NaT")}
"""The mark of a missing value until the model's input is made, None for all other kinds."""


def _is_missing(value: Any, column: Column, labels: CategoryLabels | None) -> bool:
    if isinstance(value, str):
        return (
            (value == MISSING_TEXT or (value == "NaN" and column.kind == "decimal"))
            and column.kind not in TEXT_KINDS
            and not (labels is not None and labels.find_exact(value) is not UNKNOWN)
        )
    return not _is_nested(value) and cell_values.is_missing(value)


def _no_missing(column: Column) -> tuple[str, str]:
    return "missing_value", f"Expected {expected(column)}, got a missing value. The training data had none here"


__all__ = ["MAX_PROBLEMS", "ColumnMismatch", "convert_column", "expected", "shown"]
