"""The categories of a column by their form in a request."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from mlops_magics.core.versioning.describing import cell_values, object_types

if TYPE_CHECKING:
    from mlops_magics.core.versioning import Column

UNKNOWN = object()


class CategoryLabels:
    """Finds the very category of training for a value of a request.

    A value means the category that it equals (``6.0`` is ``6``; true is never 1), else the one that JSON writes so (an
    interval), else the one whose text it is (``"6"``), where that is not itself a category, else the same date, moment
    or interval written in another way.
    """

    def __init__(self, column: Column) -> None:
        self.values = list(column.true_categories)
        self._equal = {_key(value): value for value in self.values}
        self._written = {_key(cell_values.write(value)): value for value in self.values}
        texts = {str(spelling): value for value in self.values for spelling in _spellings(value)}
        self._texts = {text: value for text, value in texts.items() if _key(text) not in self._equal}
        self._spelled = {text for value in self.values if not isinstance(value, str) for text in _texts_of(value)}
        self.plain: dict[str, str] | None = (
            {value: value for value in self.values} if all(type(value) is str for value in self.values) else None
        )
        """For categories that are all texts: the quick way."""
        self._readers = _readers(self.values)
        self.numeric = all(isinstance(value, int | float) and not isinstance(value, bool) for value in self.values)

    def find(self, value: Any) -> Any:
        """Return the category, or `UNKNOWN`."""
        try:
            found = self._equal.get(_key(value), UNKNOWN)
            if found is UNKNOWN:
                found = self._written.get(_key(cell_values.write(value)), UNKNOWN)
        except TypeError:  # a list or a mapping
            found = UNKNOWN
        if found is UNKNOWN and isinstance(value, str):
            found = self._texts.get(value, UNKNOWN)
            if found is UNKNOWN and self.numeric:
                found = self._of_number(value)
        return self._of_another_spelling(value) if found is UNKNOWN else found

    def _of_another_spelling(self, value: Any) -> Any:
        for read in self._readers:
            try:
                return self._equal.get(read(value), UNKNOWN)
            except (ValueError, TypeError, KeyError, OverflowError):
                continue
        return UNKNOWN

    def is_ambiguous(self, text: str) -> bool:
        """Return whether a field of CSV is a category itself, and also the written form of another one."""
        return text in self._equal and text in self._spelled

    def find_exact(self, value: str) -> Any:
        """Return the category that is this very text, or `UNKNOWN`."""
        return self._equal.get(value, UNKNOWN)

    def _of_number(self, text: str) -> Any:
        try:
            return self._equal.get(float(text), UNKNOWN)
        except ValueError:
            return UNKNOWN


def _readers(values: list[Any]) -> list[Callable[[Any], Any]]:
    """Return how dates, times and intervals are read that are not written as `cell_values.write` does."""
    import pandas as pd

    first = values[0] if values else None
    if isinstance(first, pd.Interval):
        return [cell_values.interval_reader(cell_values.interval_subtype(first))]
    if isinstance(first, pd.Timestamp):
        return [lambda value: _timestamp(value, zoned=first.tzinfo is not None)]
    if isinstance(first, dt.date) and not isinstance(first, dt.datetime):
        return [cell_values.read_date]
    if isinstance(first, frozenset):
        return [frozenset]
    for kind, read in (
        (bytes, cell_values.read_bytes),
        (complex, cell_values.read_complex),
        (uuid.UUID, cell_values.read_uuid),
    ):
        if isinstance(first, kind):
            return [read]
    known = object_types.kind_of({type(first)})
    if known is not None:
        return [object_types.reader(*known)]
    return [cell_values.read_timedelta] if isinstance(first, dt.timedelta) else []


def _timestamp(value: Any, *, zoned: bool) -> Any:
    import pandas as pd

    if isinstance(value, int | float) and not isinstance(value, bool):
        return pd.Timestamp(value, unit="ms", tz="UTC" if zoned else None)
    stamp = pd.Timestamp(value)
    if not zoned and stamp.tzinfo is not None and not stamp.utcoffset():
        return stamp.tz_localize(None)
    return stamp


def _key(value: Any) -> Any:
    """Return a key by which true and 1 are two values, and a tuple and its list in JSON are one."""
    if isinstance(value, list | tuple):
        return tuple(map(_key, value))
    return (bool, value) if isinstance(value, bool) or type(value).__name__ in {"bool_", "bool"} else value


def _texts_of(value: Any) -> set[str]:
    return {str(spelling) for spelling in _spellings(value)}


def _spellings(value: Any) -> tuple[Any, ...]:
    written = cell_values.write(value)
    if isinstance(value, bool):
        return (value, str(value).lower())
    return (value, written)
