"""Limits of the memory that a body takes while it is parsed, computed first, and refused with 413 beyond."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from mlops_magics.core.deploying.contract.http_error import UNPROCESSABLE, HttpError, too_large
from mlops_magics.core.deploying.contract.limits import Limits
from mlops_magics.core.deploying.parsing.arrow_values import objects_in, spelled_out_bytes

if TYPE_CHECKING:
    import pyarrow as pa

    from mlops_magics.core.deploying.validation.check import Check

JSON_BYTES = {b",": 56, b'"': 26, b":": 40, b"[": 110, b"{": 190}
"""Bytes at the peak of parsing for each mark of JSON: a number, half of a text, an entry, a list, an object. Includes
the parser's own records."""
WIDEST_CHARACTER = 7
"""Bytes per character of a text with one beyond the Basic Multilingual Plane, with the parser's copies."""
COLUMN_BYTES = {b",": 40, b'"': 20}
"""The same for lists whose values are proven to be of one type while they are parsed."""
CSV_BYTES = {b",": 16, b"\n": 16}
BYTES_PER_VALUE = 8
"""Least memory of a parsed value. A repeated one takes no space in a compressed body."""
BYTES_PER_OBJECT = 80
"""A short text or another object, and its place in a list."""


def admit_marks(body: bytes, limits: Limits, costs: Mapping[bytes, int], least: int = 0) -> None:
    """Refuse a body that would take too much memory while it is parsed, by the marks between its values.

    Parameters
    ----------
    body
        The content.
    limits
        Of the endpoint.
    costs
        Mark between values to the bytes of memory that one of them takes.
    least
        Bytes that the body takes in any case.

    Raises
    ------
    HttpError
        413.
    """
    # a body that is admitted by its length alone needs no count of its marks
    if len(body) * max(costs.values()) > limits.decoded_bytes:
        admit_size(least + sum(cost * body.count(mark) for mark, cost in costs.items()), limits)


def admit_size(size: int, limits: Limits) -> None:
    """Refuse a body that would take so many bytes."""
    if size > limits.decoded_bytes:
        raise too_large(
            f"The body takes {size >> 20:,} MiB while it is parsed. Send several requests, or numbers in Arrow."
        )


def admit_distinct(names: Sequence[str], check: Check) -> None:
    """Refuse two columns of one name, where the model reads it.

    Raises
    ------
    HttpError
    """
    twice = {name for name in names if name in check.layout.known and list(names).count(name) > 1}
    if twice:
        raise HttpError(UNPROCESSABLE, f"Expected distinct column names. {sorted(twice)[0][:40]!r} is there twice.")


def admit_width(columns: int, check: Check) -> None:
    """Refuse too many columns, including those that the model does not read."""
    if columns > max(check.limits.columns, 2 * len(check.layout.names)):
        raise too_large(f"{columns:,} columns. At most {check.limits.columns:,} are accepted.")


def admit_rows(rows: int, schema: pa.Schema, check: Check) -> None:
    """Refuse too many rows, or the memory that they take if every value is a number."""
    if rows > check.limits.rows:
        raise too_large(f"More than {check.limits.rows:,} rows in one request. Send them in several requests.")
    wanted = sum(name in check.layout.known for name in schema.names)
    admit_size(BYTES_PER_VALUE * rows * wanted, check.limits)


def admit_objects(table: pa.Table, check: Check) -> None:
    """Refuse too many objects, and texts that take too much memory where many rows share one."""
    read = [column for column, field in zip(table.columns, table.schema) if field.name in check.layout.known]
    admit_size(BYTES_PER_OBJECT * sum(objects_in(column) for column in read), check.limits)
    admit_size(sum(map(spelled_out_bytes, read)), check.limits)
