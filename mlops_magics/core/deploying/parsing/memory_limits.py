"""What a body may take in memory while it is read: known before it is read, refused with 413 beyond the limit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from mlops_magics.core.deploying.contract.http_error import UNPROCESSABLE, HttpError, too_large
from mlops_magics.core.deploying.contract.limits import Limits
from mlops_magics.core.deploying.parsing.arrow_values import spelled_out_bytes, texts_in

if TYPE_CHECKING:
    import pyarrow as pa

    from mlops_magics.core.deploying.validation.check import Check

JSON_BYTES = {b",": 56, b'"': 26, b":": 40, b"[": 110, b"{": 190}
"""What each mark of JSON stands for in memory at the peak of reading: a number, half of a text, an entry, a list, an
object; what the parser itself notes of each is part of it."""
WIDEST_CHARACTER = 7
"""Bytes of each character of a text that holds one beyond the Basic Multilingual Plane, with the parser's copies."""
COLUMN_BYTES = {b",": 40, b'"': 20}
"""The same where each list of numbers or texts is proven to be one as it is read."""
CSV_BYTES = {b",": 16, b"\n": 16}
BYTES_PER_VALUE = 8
"""What a value takes at least, once it is read: a repeated one is packed into nothing."""
BYTES_PER_TEXT = 80
"""What a short text takes as an object, and in the list that holds it."""


def admit_marks(body: bytes, limits: Limits, costs: Mapping[bytes, int], least: int = 0) -> None:
    """Refuse a body that would take too much memory while it is read, by the marks between its values.

    Raises
    ------
    Refusal
        413.
    """
    if len(body) * max(costs.values()) > limits.decoded_bytes:
        admit_size(least + sum(cost * body.count(mark) for mark, cost in costs.items()), limits)


def admit_size(size: int, limits: Limits) -> None:
    """Refuse what would take so many bytes."""
    if size > limits.decoded_bytes:
        raise too_large(
            f"The body takes {size >> 20:,} MiB while it is read. Send it in several requests, or numbers in Arrow."
        )


def admit_distinct(names: Sequence[str]) -> None:
    """Refuse two columns of one name."""
    if len(set(names)) != len(names):
        raise HttpError(UNPROCESSABLE, "Expected distinct column names.")


def admit_width(columns: int, check: Check) -> None:
    """Refuse too many columns, those that the model does not read included."""
    if columns > max(check.limits.columns, 2 * len(check.layout.names)):
        raise too_large(f"{columns:,} columns; at most {check.limits.columns:,} are taken.")


def admit_rows(rows: int, schema: pa.Schema, check: Check) -> None:
    """Refuse too many rows, or what they take where every value is a number."""
    if rows > check.limits.rows:
        raise too_large(f"More than {check.limits.rows:,} rows in one request. Send them in several requests.")
    wanted = sum(name in check.layout.known for name in schema.names)
    admit_size(BYTES_PER_VALUE * rows * wanted, check.limits)


def admit_texts(table: pa.Table, check: Check) -> None:
    """Admit texts by what they take as objects, and by what they take in all where many rows mean the same one."""
    texts = [column for column, field in zip(table.columns, table.schema) if field.name in check.layout.known]
    objects = sum(texts_in(column) for column in texts)
    admit_size(BYTES_PER_TEXT * objects, check.limits)
    admit_size(sum(map(spelled_out_bytes, texts)), check.limits)
