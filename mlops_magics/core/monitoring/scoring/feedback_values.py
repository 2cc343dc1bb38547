"""The truths of feedback: one value per row, or one for each output, and what cannot be either."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mlops_magics.core.monitoring.reading import tables
from mlops_magics.core.monitoring.reading.column_values import Column
from mlops_magics.core.monitoring.reading.tables import Table


def columns_of(truth: Table, name: str, outputs: Sequence[str]) -> tuple[dict[str, Column], tuple[str, ...]]:
    """Return the truths of each output, and a note on those that are left out.

    Clients send what they like: one dictionary among numbers would make labels of all of them.

    Parameters
    ----------
    truth
        Feedback, one row for each truth.
    name
        Its column of truths.
    outputs
        The outputs of the model, where it has several.
    """
    values = tables.raw(truth, name)
    if len(outputs) < 2 and not any(map(_is_nested, values)):
        return {name: truth.column(name)}, ()
    rows = [_of_outputs(value, outputs) if len(outputs) > 1 else _of_one(value) for value in values]
    left = sum(row is None and not _is_missing(value) for row, value in zip(rows, values))
    names = list(outputs) if len(outputs) > 1 else [name]
    found = {
        each: tables.column_of(each, [None if row is None else row[place] for row in rows])
        for place, each in enumerate(names)
    }
    return found, _note(left, outputs)


def _note(left: int, outputs: Sequence[str]) -> tuple[str, ...]:
    if not left:
        return ()
    have = "1 truth has" if left == 1 else f"{left:,} truths have"
    what = f"one value for each of {', '.join(outputs)}" if len(outputs) > 1 else "a single value"
    return (f"{have} not {what}: left out",)


def _is_nested(value: Any) -> bool:
    return isinstance(value, Mapping | list | tuple) or getattr(value, "ndim", 0) > 0


def _is_missing(value: Any) -> bool:
    return value is None or (not _is_nested(value) and value != value)


def _of_one(value: Any) -> list[Any] | None:
    """Return the only value of a row: that of a list of one too."""
    if not _is_nested(value):
        return [value]
    held = [] if isinstance(value, Mapping) else list(value)
    return held if len(held) == 1 and not _is_nested(held[0]) else None


def _of_outputs(value: Any, outputs: Sequence[str]) -> list[Any] | None:
    """Return the values of a row in the order of the outputs, from a mapping of their names or a list."""
    held = list(value) if _is_nested(value) and not isinstance(value, Mapping) else []
    if isinstance(value, Mapping) and set(outputs) <= set(value):
        held = [value[name] for name in outputs]
    return held if len(held) == len(outputs) and not any(map(_is_nested, held)) else None
