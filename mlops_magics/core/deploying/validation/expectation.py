"""The values that a column takes, and the reason why a value does not fit it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlops_magics.core.deploying.validation import times
from mlops_magics.core.deploying.validation.value_readers import NotFinite, integer_range, largest_float
from mlops_magics.core.versioning.describing.column import NULLS
from mlops_magics.core.versioning.describing.kinds import KINDS

if TYPE_CHECKING:
    from mlops_magics.core.versioning import Column

SHOWN_CHARACTERS = 40
SHOWN_CATEGORIES = 10


def expected(column: Column) -> str:
    """Return a description of the values that a column takes."""
    if column.dtype == NULLS:
        return "null, since training had no value here"
    if column.kind == "category":
        known = [str(category) for category in column.categories or ()]
        more = f", … ({len(known)} in all)" if len(known) > SHOWN_CATEGORIES else ""
        return "one of " + ", ".join(known[:SHOWN_CATEGORIES]) + more
    if column.kind == "datetime":
        return f"{KINDS['datetime'].noun} {times.expected(column)}"
    if column.kind == "tensor":
        return f"{KINDS['tensor'].noun} of shape {column.shape}"
    kind = KINDS.get(column.kind)
    return kind.expected if kind is not None else f"a {column.kind}"


def refusal(value: Any, column: Column, error: Exception) -> tuple[str, str]:
    """Return a word for programs and a sentence for people: why a value does not fit a column."""
    if isinstance(error, NotFinite):
        most = largest_float(column.dtype)
        beyond = "an infinite one" if abs(float(value)) == float("inf") else f"{shown(value)}, more than {most:.3g}"
        return "finite_number", f"Expected a finite number, got {beyond}"
    if column.kind == "integer" and isinstance(value, int | float) and not isinstance(value, bool):
        low, high = integer_range(column.dtype)
        if value == value and not low <= value <= high:
            return "integer_type", f"Expected an integer from {low} to {high} ({column.dtype}), got {shown(value)}"
    if isinstance(error, times.WrongZone):
        return "datetime_zone", f"Expected {expected(column)}, got {error}: {shown(value)}"
    if isinstance(error, times.OutOfRange):
        return "datetime_range", f"Expected {expected(column)}, got {shown(value)}, which {column.dtype} cannot hold"
    kind = "category" if column.kind == "category" else f"{column.kind}_type"
    return kind, f"Expected {expected(column)}, got {shown(value)}"


def shown(value: Any) -> str:
    """Write a value for an error: only its beginning, never the data around it."""
    if isinstance(value, dict | list | tuple):
        return "an object" if isinstance(value, dict) else "a list"
    if value is None or isinstance(value, bool):
        return "null" if value is None else str(value).lower()
    text = repr(value) if isinstance(value, str | int | float) and not _is_huge(value) else f"a {type(value).__name__}"
    return text if len(text) <= SHOWN_CHARACTERS else text[:SHOWN_CHARACTERS] + "…"


def _is_huge(value: Any) -> bool:
    """Return whether a value is an integer so long that Python may refuse to print it."""
    return isinstance(value, int) and value.bit_length() > 512
