"""Conditions of a valid model file, each with an error that names the fault."""

from __future__ import annotations

from typing import Any

from mlops_magics.errors import SerializationError


def require(holds: Any, problem: str) -> None:
    """Raise where a condition of a valid file does not hold.

    Raises
    ------
    SerializationError
    """
    if not holds:
        raise SerializationError(f"The model file is not valid: {problem}.")


def path_of(value: Any) -> str:
    """Return module and qualified name of a class or function."""
    return f"{getattr(value, '__module__', None)}.{getattr(value, '__qualname__', None)}"


def integer(value: Any, name: str, low: int, high: int) -> int:
    """Return a whole number within limits, both included.

    Parameters
    ----------
    value, name
        The value, and its name in the file.
    low, high
        The limits.

    Raises
    ------
    SerializationError
    """
    import numpy as np

    require(isinstance(value, int | np.integer) and not isinstance(value, bool | np.bool_), f"{name} is not an integer")
    require(low <= value <= high, f"{name} is {value}, not between {low} and {high}")
    return int(value)


def array(value: Any, name: str, dtype: Any, ndim: int) -> Any:
    """Return a contiguous array of a dtype (an array of another one is refused) and number of dimensions.

    Parameters
    ----------
    value, name
        The value, and its name in the file.
    dtype, ndim
        What it has to be.

    Raises
    ------
    SerializationError
    """
    import numpy as np

    require(type(value) is np.ndarray, f"{name} is not an array")
    require(value.dtype == np.dtype(dtype), f"{name} has the dtype {value.dtype}, not {np.dtype(dtype)}")
    require(value.ndim == ndim, f"{name} has {value.ndim} dimensions, not {ndim}")
    return np.ascontiguousarray(value)
