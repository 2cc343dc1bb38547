"""The quick JSON decoder: one pass that parses and proves the types, built for one prototype."""

from __future__ import annotations

import re
from collections.abc import Callable
from operator import attrgetter
from typing import Any

import msgspec

from mlops_magics.core.deploying.parsing import packed_floats, repeated_keys
from mlops_magics.core.deploying.validation.layout import Layout, Rows

JSON_TYPES: dict[str, Any] = {
    "number": float,
    "integer": int,
    "boolean": bool,
    "string": str,
    "category": str | int | float | bool,
    "mixed": str | int | float | bool,
    "decimal": str | int | float,
    "complex": str | int | float | list[float],
    "tensor": list[Any],
    "nested": list[Any] | dict[str, Any],
    "fraction": str | int | float,
    **dict.fromkeys(("datetime", "date", "timedelta"), str | int | float),
    **dict.fromkeys(("time", "period", "interval", "bytes", "uuid", "address", "path", "zoned"), str),
}
"""The JSON types of a kind, as the quick decoder proves them. `validation.convert` reads the values."""
SHORTEST_PAIR = 6
"""Bytes of one more column in a JSON object: two quotes, a letter, a colon, a digit, a comma."""


NEEDS_ESCAPES = re.compile(r'["\\\x00-\x1f]')
"""Characters that JSON escapes: the quick decoder matches names byte by byte, and leaves these to the slow way."""


class RecordDecoder:
    """Reads JSON records or columns of one prototype. Bodies that it does not read go the slow, explaining way.

    Parameters
    ----------
    layout
        The prototype's columns.
    forbid_extras
        Read no body that has a column which the model does not read.
    most_columns
        Of one row, on average. Wider bodies go the slow way, which counts them.
    """

    def __init__(self, layout: Layout, *, forbid_extras: bool, most_columns: int) -> None:
        self._able = not any(NEEDS_ESCAPES.search(name) for name in layout.names)
        if self._able:
            self._build(layout, forbid_extras)
        self._names, self._known = layout.names, layout.known
        self._most_bytes_per_row = SHORTEST_PAIR * most_columns

    def _build(self, layout: Layout, forbid_extras: bool) -> None:
        fields = [f"c{place}" for place in range(len(layout.names))]
        spelled = dict(zip(fields, layout.names))
        types = [_json_type(column) for column in layout.columns]
        options: dict[str, Any] = {"rename": spelled, "gc": False, "forbid_unknown_fields": forbid_extras}
        row = msgspec.defstruct("Row", list(zip(fields, types)), **options)
        by_column = msgspec.defstruct("Columns", [(field, list[kind]) for field, kind in zip(fields, types)], **options)  # type: ignore[valid-type]
        wrapped = msgspec.defstruct("ByColumn", [("columns", by_column)], forbid_unknown_fields=True)
        self._rows = msgspec.json.Decoder(list[row])  # type: ignore[valid-type]
        self._columns = msgspec.json.Decoder(wrapped)
        self._width = len(fields)
        self._values = _values_of(fields)
        self._inner = attrgetter("columns")
        self._floats = [kind == "number" for kind in layout.kinds]
        self._packing = packed_floats.FloatRecords(layout.names) if layout.uniform and layout.names else None

    def rows(self, body: bytes) -> Rows | None:
        """Return one tuple for each record in the layout's order, or ``None`` when a record does not fit."""
        records = self.records(body)
        return None if records is None else self.tuples(records)

    def tuples(self, records: list[Any]) -> Rows:
        """Return the values of records in the layout's order."""
        return Rows(map(self._values, records))

    def matrix(self, records: list[Any]) -> packed_floats.Floats | None:
        """Return the values of records as one matrix, where all are floats."""
        return self._packing.matrix(records) if self._packing is not None else None

    def records(self, body: bytes) -> list[Any] | None:
        """Return the records with their types proven, or ``None`` when one does not fit."""
        if not self._able:
            return None
        try:
            records = self._rows.decode(body)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
            return None
        if len(body) > self._most_bytes_per_row * len(records):
            return None
        keys = self._width * len(records)
        # the count is that of `may_repeat`, without a call for each of the small requests that mostly come
        once = len(body) < repeated_keys.SHORT and body.count(b":") == keys
        if not once and repeated_keys.may_repeat(body, keys, self._known):
            return None
        found: list[Any] = records
        return found

    def columns(self, body: bytes) -> dict[str, Any] | None:
        """Return the lists (arrays of floats) of ``{"columns": {name: [values]}}``, ``None`` when they do not fit."""
        if not self._able:
            return None
        try:
            wrapped = self._columns.decode(body)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
            return None
        if repeated_keys.may_repeat(body, len(self._names) + 1, self._known):
            return None
        lists = self._values(self._inner(wrapped))
        arrays = [packed_floats.column(values) if floats else None for values, floats in zip(lists, self._floats)]
        return {name: values if array is None else array for name, values, array in zip(self._names, lists, arrays)}


def _json_type(column: Any) -> Any:
    kind = JSON_TYPES[column.kind]
    return kind | None if column.nullable else kind


def _values_of(fields: list[str]) -> Callable[[Any], tuple[Any, ...]]:
    """Return the fastest reader of all fields. `attrgetter` of one name gives no tuple."""
    if len(fields) == 1:
        only = attrgetter(fields[0])
        return lambda record: (only(record),)
    return attrgetter(*fields)
