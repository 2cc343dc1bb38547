"""Parsing of JSON bodies: records, lists, columns, the split form, single records and values."""

from __future__ import annotations

import json
import re
from collections.abc import Container, Mapping
from typing import Any

import orjson

from mlops_magics.core import json_text
from mlops_magics.core.deploying.contract.http_error import UNPROCESSABLE, HttpError, malformed
from mlops_magics.core.deploying.contract.limits import Limits
from mlops_magics.core.deploying.parsing import repeated_keys
from mlops_magics.core.deploying.parsing.memory_limits import JSON_BYTES, WIDEST_CHARACTER, admit_marks
from mlops_magics.core.deploying.validation.check import Check
from mlops_magics.core.deploying.validation.layout import Table

FORMS = 'a list of records, one record, {"columns": {name: [values]}} or {"columns": [names], "data": [[values]]}'
_BEYOND_64_BITS = re.compile(rb"(?<![\d.eE+\-])-?\d{19,400}(?![\d.eE])")
"""An integer that orjson may turn into a float."""
MLFLOW = ("dataframe_split", "dataframe_records", "instances", "inputs")


def json_value(body: bytes, limits: Limits, read: Container[str] | None = None) -> Any:
    """Parse strict JSON within the limit on the number of values. The parser itself stops at 1,024 levels.

    Parameters
    ----------
    body, limits
        The text, and the limits of the endpoint.
    read
        The columns that the model reads, where the text has rows: any other key may be there twice in an object.

    Raises
    ------
    HttpError
        400 for text that is not JSON (``NaN`` and ``Infinity`` included), 413 beyond a limit, 422 for a key that one
        object has twice.
    """
    admit_marks(body, limits, JSON_BYTES, len(body) * (1 if body.isascii() else WIDEST_CHARACTER))
    try:
        value = orjson.loads(body)
        # RFC 8259, 4 leaves a repeated name open: a proxy that checks the body may see the other value
        repeated_keys.admit_once(body, value, read)
        # orjson turns integers beyond 64 bits into floats, without an error
        return json_text.parse(body) if _BEYOND_64_BITS.search(body) else value
    except json.JSONDecodeError as error:
        raise malformed(f"The body is not valid JSON: {_reason(error, body)}") from None
    except ValueError as error:
        raise malformed(f"The body is not valid JSON: {error}") from None


def _reason(error: json.JSONDecodeError, body: bytes) -> str:
    """Return why a body is not JSON, with what to write instead where that is known."""
    place = f"at line {error.lineno}, column {error.colno}"
    try:
        found = body.decode()[error.pos :][:10]
    except UnicodeDecodeError:
        charset = "--header 'Content-Type: application/json; charset=latin-1'"
        return f"it is not in UTF-8. Send UTF-8, or name its encoding: {charset}"
    for start, instead in _NOT_JSON:
        if found.startswith(start):
            return f"{start} {place}. JSON has no {start}: {instead}"
    return f"{error.msg} {place}."


_NOT_JSON = (
    ("NaN", "write null for a missing value"),
    ("Infinity", "write null for a missing value"),
    ("-Infinity", "write null for a missing value"),
    ("None", "write null"),
    ("True", "write true"),
    ("False", "write false"),
    ("'", 'write texts and names between double quotes: {"name": "text"}'),
)
"""What Python writes and JSON does not have, and what JSON has for it."""


def json_table(body: bytes, check: Check) -> Table:
    """Check a JSON body of any form, in the way that can explain every fault.

    Raises
    ------
    HttpError
    """
    value = json_value(body, check.limits, check.layout.row_keys)
    if isinstance(value, list):
        return check.records(value)
    if isinstance(value, dict):
        return _of_object(value, check)
    if check.layout.form.is_single or len(check.layout.names) == 1:
        return check.records([value])
    raise HttpError(UNPROCESSABLE, f"Expected {FORMS}.")


def _of_object(value: dict[str, Any], check: Check) -> Table:
    columns, names = value.get("columns"), check.layout.known
    if "columns" not in names and isinstance(columns, dict):
        return check.columns(lists_of(columns))
    if (
        value.keys() <= {"columns", "data", "index"}
        and isinstance(columns, list)
        and isinstance(value.get("data"), list)
    ):
        return split_table(value, check)
    given = [form for form in MLFLOW if form in value and form not in names]
    if given:
        raise HttpError(UNPROCESSABLE, f"{given[0]!r} is a form of MLflow's protocol. POST it to /invocations.")
    if not check.layout.known & value.keys():
        rows = _wrapped_records(value)
        if rows is not None:
            return check.records(rows)
    if _are_columns(value, check):
        return check.columns(
            {name: list(cells.values()) if isinstance(cells, dict) else cells for name, cells in value.items()}
        )
    return check.records([value])


def _wrapped_records(value: Mapping[str, Any]) -> list[Any] | None:
    """Return the records of ``{index: record}`` and ``{"schema": …, "data": [records]}``, as pandas writes them.

    Raises
    ------
    HttpError
        For a list of records under another name.
    """
    if value.keys() == {"schema", "data"} and _are_records(value["data"]):
        return list(value["data"])
    if _are_records(list(value.values())):
        return list(value.values())
    lists = [name for name, rows in value.items() if _are_records(rows)]
    if len(lists) == 1:
        raise HttpError(
            UNPROCESSABLE, f"The rows are under {lists[0][:40]!r}. Send their list alone: --json '[{{…}}]'."
        )
    return None


def _are_records(rows: Any) -> bool:
    return isinstance(rows, list) and bool(rows) and all(isinstance(row, dict) for row in rows)


def _are_columns(value: Mapping[str, Any], check: Check) -> bool:
    """Return whether an object is ``{name: [values]}`` or ``{name: {index: value}}``, as pandas writes frames."""
    nested = any(kind in {"nested", "tensor", "complex"} for kind in check.layout.kinds)
    return bool(value) and not nested and all(isinstance(cells, list | dict) for cells in value.values())


def split_table(value: Mapping[str, Any], check: Check) -> Table:
    """Check ``{"columns": [names], "data": [[values]]}``.

    Raises
    ------
    HttpError
    """
    names = value["columns"]
    if not all(isinstance(name, str | int | float) for name in names) or len(set(map(str, names))) != len(names):
        raise HttpError(UNPROCESSABLE, "Expected distinct column names in `columns`.")
    return check.lists(value["data"], [str(name) for name in names])


def lists_of(columns: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Return the columns, each of which must be a list of values.

    Raises
    ------
    HttpError
    """
    uneven = [name for name, values in columns.items() if not isinstance(values, list)]
    if uneven:
        raise HttpError(UNPROCESSABLE, f"Expected a list of values for each column. {uneven[0][:40]!r} has none.")
    return dict(columns)
