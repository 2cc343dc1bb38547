"""The conversion of rows of an array with several axes, such as images, from nested lists or an array."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mlops_magics.core.deploying.contract.http_error import problem
from mlops_magics.core.deploying.validation.value_readers import integer_range, largest_float

if TYPE_CHECKING:
    from mlops_magics.core.versioning import Column


class RowMismatch(Exception):
    """Rows that are not arrays of the shape and range of training."""

    def __init__(self, problems: list[dict[str, object]]) -> None:
        super().__init__("rows that do not fit")
        self.problems = problems


def convert(values: Any, column: Column) -> npt.NDArray[Any]:
    """Return an array ``(n_rows, *shape)`` of the training dtype.

    Raises
    ------
    RowMismatch
    """
    array = _numbers(values)
    if array is None or array.shape[1:] != column.shape:
        raise RowMismatch([_fault(row, value, column) for row, value in enumerate(values) if not _fits(value, column)])
    fault = _range_fault(array, column)
    if fault:
        raise RowMismatch([problem((column.name,), "tensor_range", fault)])
    return array.astype(column.dtype, copy=False)


def _numbers(values: Any) -> npt.NDArray[Any] | None:
    """Return values as an array of numbers, or ``None`` where they are of several shapes, or not numbers."""
    if isinstance(values, np.ndarray) and values.dtype != object:
        return values if values.dtype.kind in "fiub" else None
    try:
        array = np.array(values.tolist() if isinstance(values, np.ndarray) else list(values))
    except (ValueError, OverflowError):
        return None
    return array if array.dtype.kind in "fiub" else None


def _fits(value: Any, column: Column) -> bool:
    array = _numbers([value])
    return array is not None and array.shape[1:] == column.shape


def _fault(row: int, value: Any, column: Column) -> dict[str, object]:
    array = _numbers([value])
    found = "no array of numbers" if array is None else f"shape {tuple(array.shape[1:])}"
    return problem((row, column.name), "tensor_shape", f"Expected numbers of shape {column.shape}, got {found}")


def _range_fault(array: npt.NDArray[Any], column: Column) -> str:
    """Return why the dtype of training cannot hold the numbers, empty where it can."""
    if not array.size:
        return ""
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        return "Expected finite numbers"
    if np.dtype(column.dtype).kind in "iu":
        low, high = integer_range(column.dtype)
        if array.min() < low or array.max() > high or (array.dtype.kind == "f" and (array != np.floor(array)).any()):
            return f"Expected integers from {low} to {high} ({column.dtype})"
    elif np.dtype(column.dtype).kind == "f" and np.abs(array).max() > largest_float(column.dtype):
        return f"Expected numbers up to {largest_float(column.dtype):.3g} ({column.dtype})"
    return ""
