"""The error for data that do not fit the prototype, with the first problems in its message."""

from __future__ import annotations

from collections.abc import Sequence

from mlops_magics.errors import DataMismatch

SHOWN_PROBLEMS = 3


def mismatch(problems: Sequence[dict[str, object]]) -> DataMismatch:
    """Return the error for data that do not fit."""
    texts = list(dict.fromkeys(_text(fault) for fault in problems))
    more = len(texts) - SHOWN_PROBLEMS
    text = "; ".join(texts[:SHOWN_PROBLEMS]) + (f" (and {more} more)" if more > 0 else "")
    return DataMismatch(f"The data do not fit the prototype. {text}", problems)


def moved(fault: dict[str, object], rows: int) -> dict[str, object]:
    """Return a problem of a chunk with its place among all rows."""
    loc = fault["loc"]
    steps = [rows + step if type(step) is int else step for step in loc] if isinstance(loc, list) else loc
    return {**fault, "loc": steps}


def _text(fault: dict[str, object]) -> str:
    """Write a problem with its row and column. A missing or unknown column names itself."""
    loc = fault["loc"]
    if fault["type"] in {"missing", "extra"}:
        return str(fault["msg"])
    steps = loc[1:] if isinstance(loc, list) else []
    inside = [f"row {step}" if isinstance(step, int) else f"column {step!r}" for step in steps]
    return f"{', '.join(inside)}: {fault['msg']}" if inside else str(fault["msg"])
