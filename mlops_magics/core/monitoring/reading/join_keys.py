"""Ids as keys of a join, equal where they mean the same on both sides, for any types."""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from decimal import Context, Decimal, InvalidOperation
from typing import Any

from mlops_magics.core.monitoring.reading import tables
from mlops_magics.core.monitoring.reading.tables import Table

Key = tuple[str, ...]
Texts = list[str | None]
EXACT = Context(prec=100)
"""Digits of a decimal id that are kept."""
_INTEGER = re.compile(r"[+-]?\d+")
_WHOLE = re.compile(r"([+-]?(?:0|[1-9]\d*))\.0+")
_UUID = re.compile(
    r"(?:urn:uuid:)?\{?([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})\}?", re.I
)
"""A UUID in any of its notations."""
UUID_BYTES = 16
"""Bytes of a UUID."""
EXACT_FLOAT = 2.0**53
"""A float from here on is the rounded value of several integers."""
NO_ID = frozenset(("", "nan", "NaN", "None", "<NA>", "NaT"))
"""Texts of a missing id: blanks, and the words that pandas and Python write for it."""


def keys_of(first: Table, second: Table, names: Sequence[str]) -> tuple[list[Key | None], list[Key | None]]:
    """Return the key of each row of both tables, or None where a part of it is missing, which equals no other row.

    Integers are exact beyond 2^53 and equal floats of the same value and their text. Times are equal at any resolution
    and in any zone, and those without a zone are UTC. Bytes are their text, UUIDs are equal in any notation, and blanks
    around a text do not count. Floats from 2^53 on are missing, because several integers are one of them.

    Where two columns of text have nothing in common, whole numbers that were written as floats are integers
    (``"10.0"`` is ``"10"``, but ``"010"`` is not), then times are read: 12:00Z is 14:00+02:00.
    """
    sides = [[_texts(*(tables.exact(table, name) for table in pair)) for name in names]
             for pair in ((first, second), (second, first))]  # fmt: skip
    columns = [_in_common(before, now) for before, now in zip(*sides)]
    found = [[None if None in key else key for key in zip(*(pair[side] for pair in columns))] for side in (0, 1)]
    return found[0], found[1]


def rounded(table: Table, names: Sequence[str]) -> int:
    """Return how many rows have a float from 2^53 on as a part of their id."""
    import pyarrow as pa

    columns = [tables.exact(table, name) for name in names]
    floats = [column.to_pylist() for column in columns if pa.types.is_floating(column.type)]
    return sum(any(map(_is_rounded, row)) for row in zip(*floats))


def _is_rounded(value: Any) -> bool:
    return isinstance(value, float) and EXACT_FLOAT <= abs(value) < float("inf")


def _in_common(first: Texts, second: Texts) -> tuple[Texts, Texts]:
    """Return two columns of ids in the first reading in which they have a value in common."""
    if _shared(first, second):
        return first, second
    for read in (_without_fraction, _as_times):
        before, now = read(first), read(second)
        if _shared(before, now) and all(
            len(set(new)) == len(set(old)) for new, old in ((before, first), (now, second))
        ):
            return before, now
    return first, second


def _shared(first: Texts, second: Texts) -> bool:
    return bool((set(first) & set(second)) - {None})


def _as_numbers(texts: Texts) -> Texts:
    return [None if text is None else _bare(text) for text in texts]


def _without_fraction(texts: Texts) -> Texts:
    found = [None if text is None else _WHOLE.fullmatch(text) for text in texts]
    return [match[1] if match else text for match, text in zip(found, texts)]


def _as_times(texts: Texts) -> Texts:
    import pyarrow as pa

    return _instants(pa.array(_parsed(texts), from_pandas=True))


def _texts(values: Any, other: Any) -> Texts:
    """Return a column as text, read as the kind of the other side where it is text itself."""
    import pyarrow as pa

    kind, against = values.type, other.type
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        return _instants(values)
    if pa.types.is_integer(kind) or pa.types.is_decimal(kind) or pa.types.is_floating(kind):
        return _numbers(values)
    written = [None if value is None else _text(value) for value in values.to_pylist()]
    texts = [None if text in NO_ID else text for text in written]
    if pa.types.is_timestamp(against) or pa.types.is_date(against):
        return _as_times(texts)
    if pa.types.is_integer(against) or pa.types.is_decimal(against) or pa.types.is_floating(against):
        return _as_numbers(texts)
    return texts


def _text(value: Any) -> str:
    text = (_decoded(value) if isinstance(value, bytes) else str(value)).strip()
    found = _UUID.fullmatch(text)
    return "-".join(found.groups()).lower() if found is not None else text


def _decoded(value: bytes) -> str:
    """Return bytes as text: that of UTF-8, else a UUID's where there are 16 of them."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return str(uuid.UUID(bytes=value)) if len(value) == UUID_BYTES else value.decode("utf-8", "backslashreplace")


def _numbers(values: Any) -> Texts:
    missing = (value is None or value != value or _is_rounded(value) for value in values.to_pylist())
    return [None if none else _bare(_spelled(value)) for value, none in zip(values.to_pylist(), missing)]


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


def _instants(values: Any) -> Texts:
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_date(values.type):
        values = values.cast(pa.timestamp("ms"))
    if values.type.tz is None:
        values = pc.assume_timezone(values, "UTC")
    moments = values.cast(pa.timestamp("us", "UTC"), safe=False)
    written = pc.strftime(moments, "%Y-%m-%dT%H:%M:%SZ", locale="C").to_pylist()
    return [None if text is None else text.replace(".000000Z", "Z") for text in written]


def _parsed(texts: Any) -> Any:
    import pandas as pd

    return pd.to_datetime(pd.Series(texts, dtype=object), utc=True, errors="coerce", format="ISO8601")
