"""One column of whatever was sent becomes one typed array; what does not fit is named row by row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from mlops_magics.core.deploying.contract.http_error import problem

MISSING_TEXT = "NA"
"""R's clients write missing values as this string."""
MAX_PROBLEMS = 100
SHOWN_CHARACTERS = 40

Array = npt.NDArray[Any]
_MISSING = object()


class ColumnMismatch(Exception):
    """Values that a column does not take; ``problems`` are entries of the answer's ``detail``."""

    def __init__(self, problems: list[dict[str, object]]) -> None:
        super().__init__("values that do not fit")
        self.problems = problems


def convert_column(values: Sequence[Any] | Array, column: Any, labels: dict[Any, Any] | None = None) -> Array:
    """Return one column as the array that `layout.Table` holds for its kind.

    Parameters
    ----------
    values
        A list of decoded JSON values, or an array (from Arrow, Parquet or a binary tensor).
    column
        The column of the prototype.
    labels
        For a category: how each label that may be sent is written in the training data.

    Raises
    ------
    Unfit
        With up to `MAX_PROBLEMS` problems.
    """
    if isinstance(values, np.ndarray) and values.dtype != object:
        if values.dtype.kind == "M":
            values = values.astype("datetime64[us]")
        quick = _from_array(values, column)
        if quick is not None:
            return quick
    listed: list[Any] = values.tolist() if isinstance(values, np.ndarray) else list(values)
    quick = _from_list(listed, column, labels)
    return quick if quick is not None else _one_by_one(listed, column, labels)


def _from_array(values: Array, column: Any) -> Array | None:
    """Convert a typed array as a whole; ``None`` when a value needs a look of its own."""
    kind = values.dtype.kind
    if column.kind == "number" and kind in "fiu":
        floats = values.astype("float64", copy=False)
        return floats if _finite_or_allowed(floats, column) else None
    if column.kind == "integer" and kind in "iu" and not column.nullable:
        fits = kind == "i" or not len(values) or values.max() <= np.iinfo("int64").max
        return values.astype("int64", copy=False) if fits else None
    if column.kind == "boolean" and kind == "b" and not column.nullable:
        return values
    if column.kind == "datetime" and kind == "M" and (column.nullable or not np.isnat(values).any()):
        return values.astype("datetime64[us]")
    return None


def _finite_or_allowed(values: npt.NDArray[np.float64], column: Any) -> bool:
    if column.nullable:
        return not np.isinf(values).any()
    return bool(np.isfinite(values).all())


def _from_list(values: Sequence[Any], column: Any, labels: dict[Any, Any] | None) -> Array | None:
    """Convert a list of one JSON type as a whole; ``None`` when a value needs a look of its own."""
    types = set(map(type, values))
    try:
        if column.kind == "number" and types <= {float, int}:
            floats = np.array(values, dtype="float64")
            return floats if _finite_or_allowed(floats, column) else None
        if column.kind == "integer" and types == {int} and not column.nullable:
            return np.array(values, dtype="int64")
    except OverflowError:
        return None
    if column.kind == "boolean" and types == {bool} and not column.nullable:
        return np.array(values, dtype="bool")
    if column.kind == "string" and types == {str} and not column.nullable:
        return _objects(values)
    if column.kind == "category" and labels is not None and types == {str} and not column.nullable:
        known = [labels.get(value, _MISSING) for value in values]
        return None if _MISSING in known else _objects(known)
    return None


def _objects(values: Sequence[Any]) -> Array:
    array: Array = np.fromiter(values, dtype=np.dtype(object), count=len(values))
    return array


def _one_by_one(values: Sequence[Any], column: Any, labels: dict[Any, Any] | None) -> Array:
    """Convert value by value, and gather every problem up to the limit."""
    take: Callable[[Any, Any, Any], Any] = _TAKERS.get(column.kind, _text)
    results: list[Any] = []
    problems: list[dict[str, object]] = []
    for row, value in enumerate(values):
        try:
            missing = _is_missing(value, labels)
            results.append(_missing(column) if missing else take(value, column, labels))
        except ValueMismatch as fault:
            problems.append(problem((row, column.name), fault.kind, fault.message))
            if len(problems) >= MAX_PROBLEMS:
                break
    if problems:
        raise ColumnMismatch(problems)
    return _stored(results, column)


def _stored(values: list[Any], column: Any) -> Array:
    if column.kind == "number":
        return np.array(values, dtype="float64")
    if column.kind == "datetime":
        return np.array(values, dtype="datetime64[us]")
    if column.kind in {"integer", "boolean"} and not any(value is None or value != value for value in values):
        return np.array(values, dtype="int64" if column.kind == "integer" else "bool")
    return _objects(values)


class ValueMismatch(Exception):
    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind, self.message = kind, message


def _is_missing(value: Any, labels: dict[Any, Any] | None) -> bool:
    if value is None or (isinstance(value, float) and value != value):
        return True
    return isinstance(value, str) and value == MISSING_TEXT and not (labels and MISSING_TEXT in labels)


def _missing(column: Any) -> Any:
    """Return what stands for a missing value in this column, where training had some."""
    if not column.nullable:
        raise ValueMismatch(
            "missing_value", f"Expected {wanted(column)}, got a missing value; the training data had none here"
        )
    return {"number": np.nan, "datetime": np.datetime64("NaT")}.get(
        column.kind, np.nan if column.dtype == "object" else None
    )


def wanted(column: Any) -> str:
    """Say what a column takes."""
    if column.kind == "category":
        known = [str(category) for category in column.categories or ()]
        return "one of " + ", ".join(known[:10]) + (f", … ({len(known)} in all)" if len(known) > 10 else "")
    article = "an" if column.kind == "integer" else "a"
    return f"{article} {column.kind}"


def _refused(value: Any, column: Any) -> ValueMismatch:
    kind = "category" if column.kind == "category" else f"{column.kind}_type"
    return ValueMismatch(kind, f"Expected {wanted(column)}, got {shown(value)}")


def shown(value: Any) -> str:
    """Write the offending value for an error: its beginning only, never the data around it."""
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "a list"
    if isinstance(value, bool):
        return str(value).lower()
    text = repr(value) if isinstance(value, str | int | float) and not _is_huge(value) else f"a {type(value).__name__}"
    return text if len(text) <= SHOWN_CHARACTERS else text[:SHOWN_CHARACTERS] + "…"


def _is_huge(value: Any) -> bool:
    """Python refuses to print integers of thousands of digits."""
    return isinstance(value, int) and value.bit_length() > 512


def _number(value: Any, column: Any, labels: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | np.number):
        raise _refused(value, column)
    try:
        number = float(value)
    except OverflowError:
        raise _refused(value, column) from None
    if np.isinf(number):
        raise ValueMismatch("finite_number", "Expected a finite number, got an infinite one")
    return number


def _integer(value: Any, column: Any, labels: Any) -> int:
    whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    if isinstance(value, bool) or not whole or not -(2**63) <= value < 2**63:
        raise _refused(value, column)
    return int(value)


def _boolean(value: Any, column: Any, labels: Any) -> bool:
    if not isinstance(value, bool):
        raise _refused(value, column)
    return value


def _text(value: Any, column: Any, labels: Any) -> str:
    if not isinstance(value, str):
        raise _refused(value, column)
    return value


def _label(value: Any, column: Any, labels: dict[Any, Any] | None) -> Any:
    hashable = isinstance(value, str | int | float | bool)
    if not hashable or labels is None or value not in labels:
        raise _refused(value, column)
    return labels[value]


def moment(value: str) -> np.datetime64:
    """Read a date as ISO 8601; in UTC, where it names a zone.

    Raises
    ------
    ValueError, OverflowError
    """
    read = dt.datetime.fromisoformat(value)
    return np.datetime64(read.astimezone(dt.UTC).replace(tzinfo=None) if read.tzinfo else read, "us")


def _moment(value: Any, column: Any, labels: Any) -> np.datetime64:
    """Read a date as ISO 8601 or as milliseconds since 1970, in UTC."""
    try:
        if isinstance(value, str):
            return moment(value)
        if isinstance(value, dt.datetime | dt.date):
            return np.datetime64(value, "us")
        if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 2**53:
            return np.datetime64(int(value) * 1000, "us")
    except (ValueError, OverflowError):
        pass
    raise ValueMismatch("datetime_type", f"Expected a date as ISO 8601 or milliseconds since 1970, got {shown(value)}")


_TAKERS: dict[str, Callable[[Any, Any, Any], Any]] = {
    "number": _number,
    "integer": _integer,
    "boolean": _boolean,
    "string": _text,
    "category": _label,
    "datetime": _moment,
}
