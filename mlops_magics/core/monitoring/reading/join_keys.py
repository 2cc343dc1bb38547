"""Ids as keys of a join, equal where they mean the same on both sides, for any types."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Context, Decimal, InvalidOperation
from typing import Any

from mlops_magics.core.monitoring.reading import tables
from mlops_magics.core.monitoring.reading.tables import Table

Key = tuple[str, ...]
EXACT = Context(prec=100)
"""Digits of a decimal id that are kept."""
_INTEGER = re.compile(r"[+-]?\d+")
_UUID = re.compile(
    r"(?:urn:uuid:)?\{?([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})\}?", re.I
)
"""A UUID in any of its notations."""


def keys_of(first: Table, second: Table, names: Sequence[str]) -> tuple[list[Key | None], list[Key | None]]:
    """Return the key of each row of both tables, or None where a part of it is missing, which equals no other row.

    Integers are exact beyond 2^53 and equal floats of the same value and their text. Times are equal at any resolution
    and in any zone, and those without a zone are UTC. Bytes are their text, UUIDs are equal in any notation, and blanks
    around a text do not count.
    """
    sides = [[_texts(*(tables.exact(table, name) for table in pair)) for name in names]
             for pair in ((first, second), (second, first))]  # fmt: skip
    found = [[None if None in key else key for key in zip(*columns)] for columns in sides]
    return found[0], found[1]


def _texts(values: Any, other: Any) -> list[str | None]:
    """Return a column as text, read as the kind of the other side where it is text itself."""
    import pyarrow as pa

    kind, against = values.type, other.type
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        return _instants(values)
    if pa.types.is_integer(kind) or pa.types.is_decimal(kind) or pa.types.is_floating(kind):
        return _numbers(values)
    texts = [None if value is None else _text(value) for value in values.to_pylist()]
    if pa.types.is_timestamp(against) or pa.types.is_date(against):
        return _instants(pa.array(_parsed(texts)))
    if pa.types.is_integer(against) or pa.types.is_decimal(against) or pa.types.is_floating(against):
        return [None if text is None else _bare(text) for text in texts]
    return texts


def _text(value: Any) -> str:
    text = (value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else str(value)).strip()
    uuid = _UUID.fullmatch(text)
    return "-".join(uuid.groups()).lower() if uuid is not None else text


def _numbers(values: Any) -> list[str | None]:
    return [None if value is None or value != value else _bare(_spelled(value)) for value in values.to_pylist()]


def _spelled(value: Any) -> str:
    """Return a number as text, a whole one with all of its digits."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _bare(text: str) -> str:
    """Return the text of a number without leading zeros, closing zeros and an exponent. Other text is returned as it
    is."""
    if _INTEGER.fullmatch(text):
        return str(int(text))  # exact at any size
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text
    return f"{number.normalize(EXACT):f}" if number.is_finite() else text


def _instants(values: Any) -> list[str | None]:
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_date(values.type):
        values = values.cast(pa.timestamp("ms"))
    if values.type.tz is None:
        values = pc.assume_timezone(values, "UTC")
    seconds = values.cast(pa.timestamp("us", "UTC"), safe=False).cast(pa.int64())
    return [None if value is None else f"{value} µs" for value in seconds.to_pylist()]


def _parsed(texts: Any) -> Any:
    import pandas as pd

    return pd.to_datetime(pd.Series(texts, dtype=object), utc=True, errors="coerce", format="ISO8601")
