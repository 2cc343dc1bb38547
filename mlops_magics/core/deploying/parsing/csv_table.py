"""Parsing of CSV with a header line. Numbers never become objects, whatever is between them.

An empty field is a missing value, and so is a word of `MISSING_WORDS` that is not quoted (in columns of texts only
``NA``). A word that is a known category, or was a text of the column in training, is that text, but the empty text only
where no value was missing. In a column of numbers and texts a field that reads as a number is one, and in one with
booleans ``True`` is one. Where training had both that value and the text, the field is refused.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from mlops_magics.core.deploying.contract.http_error import malformed, problem
from mlops_magics.core.deploying.parsing import csv_dialect
from mlops_magics.core.deploying.parsing.arrow_values import values_of
from mlops_magics.core.deploying.parsing.memory_limits import (
    CSV_BYTES,
    admit_distinct,
    admit_marks,
    admit_objects,
    admit_rows,
    admit_width,
)
from mlops_magics.core.deploying.validation.category_labels import UNKNOWN
from mlops_magics.core.deploying.validation.convert import MAX_PROBLEMS, MISSING_TEXT
from mlops_magics.core.deploying.validation.mismatch import mismatch
from mlops_magics.core.versioning.describing.column import MISSING_WORDS
from mlops_magics.core.versioning.describing.column_kind import BOOLEAN_WORDS, BOOLEANS, NUMERALS

if TYPE_CHECKING:
    import pyarrow as pa

    from mlops_magics.core.deploying.validation.category_labels import CategoryLabels
    from mlops_magics.core.deploying.validation.check import Check
    from mlops_magics.core.deploying.validation.layout import Table
    from mlops_magics.core.versioning import Column

FIT: dict[str, Any] = {"number": 0.0, "integer": 0, "boolean": False}
"""The mark for a value that fits in a column that is refused for others."""
BLOCK_BYTES = 2**20
"""Bytes that Arrow reads at a time. A body of one block has no work for several threads, and waiting for them on a busy
machine takes 50 times as long as the parsing."""
JSON_KINDS = frozenset({"tensor", "nested"})
"""Kinds whose fields are JSON texts."""
TEXT_KINDS = frozenset({"string", "mixed"})


def csv_table(body: bytes, check: Check) -> Table:
    """Check CSV separated by commas, semicolons (with decimal commas), tabs or bars."""
    return _table(*csv_dialect.recognise(body, check), check)


def tsv_table(body: bytes, check: Check) -> Table:
    """Check values separated by tabs."""
    return _table(csv_dialect.cleaned(body), "\t", check)


def _table(body: bytes, delimiter: str, check: Check) -> Table:
    admit_marks(body, check.limits, {delimiter.encode(): CSV_BYTES[b","], b"\n": CSV_BYTES[b"\n"]})
    admit_width(1 + body.partition(b"\n")[0].count(delimiter.encode()), check)
    layout = check.layout
    columns: dict[str, Any] = {}
    booleans = {column.name for column in layout.columns if BOOLEANS in column.detail.split(", ")}
    for words, names in _groups(check).items():
        read = _read(body, delimiter, words, quoted=delimiter == csv_dialect.NONE and "" in words)
        if not columns:
            columns = dict.fromkeys(_names(read, check), ())
            admit_rows(read.num_rows, read.schema, check)
        read = read.rename_columns(list(_names(read, check)))
        kept = read.select([name for name in names if name in columns])
        kinds = dict(zip(layout.names, layout.kinds))
        admit_objects(kept.select([name for name in kept.column_names if kinds[name] not in FIT]), check)
        columns |= {
            name: _from_text(kept[name], kinds[name], delimiter, booleans=name in booleans)
            for name in kept.column_names
        }
    _refuse_ambiguous(columns, check)
    return check.columns(columns)


def _refuse_ambiguous(columns: Mapping[str, Any], check: Check) -> None:
    """Refuse a field that means two values of training: 17 and "17", true and "True".

    Raises
    ------
    DataMismatch
    """
    problems = [
        problem((row, column.name), "ambiguous", f"In CSV {value!r} may be {what} or a text. Send JSON")
        for column, labels in zip(check.layout.columns, check.layout.labels)
        for row, value, what in _ambiguous(columns.get(column.name, ()), column, labels)
    ]
    if problems:
        raise mismatch(problems[:MAX_PROBLEMS])


def _ambiguous(values: Any, column: Column, labels: CategoryLabels | None) -> Iterator[tuple[int, Any, str]]:
    """Yield the row, the value and its other meaning besides a text."""
    if labels is not None and labels.plain is None:
        yield from (
            (row, text, "a category of another type") for row, text in enumerate(values) if labels.is_ambiguous(text)
        )
    if column.kind != "mixed":
        return
    details = column.detail.split(", ")
    for row, value in enumerate(values):
        if isinstance(value, bool):
            if BOOLEAN_WORDS in details:
                yield row, value, "a boolean"
        elif isinstance(value, int | float) and NUMERALS in details:
            yield row, value, "a number"


def _names(read: pa.Table, check: Check) -> Sequence[str]:
    """Return the names of the columns. Spaces around one that the prototype has without them do not count."""
    known = check.layout.known
    names = [name if name in known or name.strip() not in known else name.strip() for name in read.column_names]
    admit_distinct(names, check)
    return list(check.names.renamed(dict.fromkeys(names, ()))) if len(names) == 1 else names


def _groups(check: Check) -> dict[tuple[str, ...], list[str]]:
    """Return the columns by the words that mean a missing value in them: the body is read once for each group."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for column, labels in zip(check.layout.columns, check.layout.labels):
        words = ("", *((MISSING_TEXT,) if column.kind in TEXT_KINDS else MISSING_WORDS))
        if labels is not None:
            words = tuple(word for word in words if labels.find_exact(word) is UNKNOWN)
        texts = {word for word in column.words if word or not column.nullable}
        groups.setdefault(tuple(word for word in words if word not in texts), []).append(column.name)
    return groups


def _read(body: bytes, delimiter: str, missing: Sequence[str], *, quoted: bool) -> pa.Table:
    """Parse a body into texts.

    Parameters
    ----------
    missing
        The fields that are missing values.
    quoted
        Whether they are missing in quotes too: in a body with one column an empty line would be left out, so that
        writers put quotes around an empty field.
    """
    import pyarrow as pa
    from pyarrow import csv

    # it slows the reading by several threads, so only where a quote may hold a line break
    parse = csv.ParseOptions(delimiter=delimiter, newlines_in_values=b'"' in body)
    threads = csv.ReadOptions(use_threads=len(body) > BLOCK_BYTES)

    def read(names: Sequence[str]) -> pa.Table:
        options = csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()),
            null_values=list(missing),
            strings_can_be_null=True,
            quoted_strings_can_be_null=quoted,
        )
        return csv.read_csv(pa.BufferReader(body), threads, parse, options)

    try:
        # Arrow wants types by name before it reads: without them it would guess, and "007" would become 7
        table = read(csv_dialect.header(body, delimiter))
        return table if set(table.schema.types) <= {pa.string()} else read(table.column_names)
    except (pa.ArrowInvalid, UnicodeDecodeError, KeyError) as error:
        raise malformed(f"The body is not valid CSV: {csv_dialect.reason(error)}") from None


def _from_text(column: pa.ChunkedArray, kind: str, delimiter: str, *, booleans: bool) -> Any:
    """Return the values of a column. Where not all can be read, the texts that cannot stay for the check to report."""
    if kind in JSON_KINDS:
        return [None if text is None else _json(text) for text in column.to_pylist()]
    if kind == "mixed":
        return [None if text is None else _scalar(text, booleans=booleans) for text in column.to_pylist()]
    return _fixed(column, kind, delimiter) if kind in FIT else column.to_pylist()


def _fixed(column: pa.ChunkedArray, kind: str, delimiter: str) -> Any:
    """Read numbers, integers or booleans."""
    import pyarrow as pa
    import pyarrow.compute as pc

    wanted = {"number": pa.float64(), "integer": pa.int64(), "boolean": pa.bool_()}[kind]
    column = pc.utf8_trim_whitespace(column)
    # with semicolons or tabs between values a comma may be a decimal comma, as Excel writes it in many countries
    if kind == "number" and delimiter != "," and not _fits(column, wanted):
        column = _with_points(column)
    if kind == "integer" and not _fits(column, wanted) and _fits(column, pa.float64()):
        return [None if text is None else _whole(text) for text in column.to_pylist()]
    if _fits(column, wanted):
        return values_of(column.cast(wanted))
    shown = np.full(len(column), FIT[kind], dtype=object)
    shown[np.asarray(column.is_null())] = None
    for place in itertools.islice(_unfit(column, wanted, 0), MAX_PROBLEMS):
        shown[place] = column[place].as_py()
    return shown


def _with_points(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return numbers with decimal points. Next to decimal commas a point may part thousands, so such a text stays."""
    import pyarrow.compute as pc

    commas, points = (pc.match_substring(column, mark) for mark in (",", "."))
    if not pc.any(commas).as_py():
        return column
    # two marks, as in 1.234,5 or 1'234,5: one of them parts thousands, so the field stays as it is and is refused
    several = pc.match_substring_regex(column, r"[.,'].*[.,']")
    replaced = pc.if_else(several, column, pc.replace_substring(column, ",", "."))
    return pc.if_else(
        pc.and_(points, pc.invert(commas)), pc.binary_join_element_wise(column, " (thousands?)", ""), replaced
    )


def _whole(text: str) -> Any:
    """Read an integer that may be written as ``1.0``, or return the text itself where it is not one."""
    from decimal import Decimal, InvalidOperation

    try:
        number = Decimal(text)
    except InvalidOperation:
        return text
    # Decimal, not float: 9007199254740993.0 would lose its last digit
    return int(number) if number.is_finite() and number == number.to_integral_value() else float(number)


def _scalar(text: str, *, booleans: bool) -> Any:
    """Read a field of a column of several types: a number or a boolean as Python writes it, else a text."""
    if booleans and text in _BOOLEANS:
        return _BOOLEANS[text]
    for kind in (int, float):
        try:
            number: Any = kind(text)
        except ValueError:
            continue
        # "007" and "1e5" stay texts: as a name or a code they are not the numbers 7 and 100000
        if str(number) == text:
            return number
    return text


_BOOLEANS = {"True": True, "False": False, "true": True, "false": False}


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _unfit(column: pa.ChunkedArray, wanted: pa.DataType, start: int) -> Iterator[int]:
    """Yield the places of texts that cannot be read, by halving the part that has one."""
    if _fits(column, wanted):
        return
    if len(column) == 1:
        yield start
        return
    half = len(column) // 2
    yield from _unfit(column[:half], wanted, start)
    yield from _unfit(column[half:], wanted, start + half)


def _fits(column: pa.ChunkedArray, wanted: pa.DataType) -> bool:
    import pyarrow as pa

    try:
        column.cast(wanted)
    except pa.ArrowInvalid:
        return False
    return True
