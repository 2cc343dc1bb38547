"""CSV files, whose text has no types, so that the reference and not the reader decides the type of a column."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mlops_magics.core.monitoring.reading.column_values import Native

MISSING_WORDS = frozenset(
    {"NA", "N/A", "n/a", "#N/A", "NaN", "nan", "null", "NULL", "Null", "None", "<NA>", "#NA", "-nan", "-NaN"}
)
"""Words for a missing value, as pandas reads them, where they are not a category of the reference."""
_COLUMN = re.compile(r"In CSV column #(\d+)")


@dataclass(frozen=True, slots=True)
class Expected:
    """The content of a column in the reference.

    Attributes
    ----------
    native
        The type of its values.
    labels
        Its categories.
    """

    native: Native
    labels: frozenset[str] = frozenset()


Schema = Mapping[str, Expected]


def convert_options(schema: Schema, strange: Mapping[str, Any] | None = None) -> Any:
    """Return pyarrow's options for the columns: text of the reference stays text, with its zeros.

    Parameters
    ----------
    strange
        Types of columns that begin as another type than they continue.
    """
    import pyarrow as pa
    import pyarrow.csv

    words = {name: pa.string() for name, each in schema.items() if each.native in ("string", "boolean")}
    # the words for a missing value are read later, when the categories of the reference are known
    return pyarrow.csv.ConvertOptions(column_types={**words, **(strange or {})}, strings_can_be_null=False)


def parse_options(delimiter: str = ",") -> Any:
    """Return pyarrow's options for the text of a file."""
    import pyarrow.csv

    return pyarrow.csv.ParseOptions(delimiter=delimiter)


def read(stream: Any, schema: Schema, delimiter: str = ",") -> Any:
    """Return a CSV file as a pyarrow table. A column of numbers that continues as words is read as words."""
    import pyarrow as pa
    import pyarrow.csv

    strange: dict[str, Any] = {}
    start = stream.tell()
    while True:
        try:
            table = pyarrow.csv.read_csv(
                stream, parse_options=parse_options(delimiter), convert_options=convert_options(schema, strange)
            )
            texts = _texts_of_times(stream, start, table, delimiter)
            return as_expected(_with_offsets(table, texts, schema), schema)
        except pa.ArrowInvalid as fault:
            place = _COLUMN.search(str(fault))
            if place is None:
                raise
            stream.seek(start)
            name = pyarrow.csv.open_csv(stream, parse_options=parse_options(delimiter)).schema.names[int(place[1])]
            if name in strange:
                raise
            strange[name] = pa.string()
            stream.seek(start)


def zoned(table: Any) -> list[str]:
    """Return the columns of times that Arrow read from text with an offset, and converted to UTC."""
    import pyarrow as pa

    return [each.name for each in table.schema if pa.types.is_timestamp(each.type) and each.type.tz]


def _texts_of_times(stream: Any, start: int, table: Any, delimiter: str) -> dict[str, Any]:
    """Return the text of times that have an offset, which is lost in the table."""
    import pyarrow as pa
    import pyarrow.csv

    names = zoned(table)
    if not names:
        return {}
    stream.seek(start)
    options = pyarrow.csv.ConvertOptions(include_columns=names, column_types=dict.fromkeys(names, pa.string()))
    texts = pyarrow.csv.read_csv(stream, parse_options=parse_options(delimiter), convert_options=options)
    return {name: texts.column(name) for name in names}


def _with_offsets(table: Any, texts: Mapping[str, Any], schema: Schema) -> Any:
    """Return a table whose times have the offset of their text. Times of several offsets are text where the reference
    has no times, so that a note can name the offsets."""
    import pyarrow as pa
    import pyarrow.compute as pc

    for name, values in texts.items():
        place = table.column_names.index(name)
        # the hours, and the minutes where there are some
        offsets = pc.replace_substring_regex(values, r"^.*?(?:(Z)|([+-]\d\d):?(\d\d)?)\s*$", r"\1\2:\3")
        found = {each for each in offsets.unique().to_pylist() if each}
        if len(found) > 1 and schema.get(name, Expected("string")).native != "datetime":
            table = table.set_column(place, name, values)
        elif len(found) == 1 and found != {"Z:"}:
            offset = found.pop()
            kind = pa.timestamp(table.schema.field(place).type.unit, f"{offset}00" if offset.endswith(":") else offset)
            table = table.set_column(place, name, table.column(place).cast(kind))
    return table


def as_expected(table: Any, schema: Schema) -> Any:
    """Return a table whose text columns have missing values, and booleans where the reference has them."""
    import pyarrow as pa

    for place, name in enumerate(table.column_names):
        if not pa.types.is_string(table.schema.field(place).type):
            continue
        expected = schema.get(name, Expected("string"))
        values = _with_missing(table.column(place), expected)
        if expected.native == "boolean":
            values = _booleans(values)
        table = table.set_column(place, name, values)
    return table


def with_times(table: Any, schema: Schema) -> Any:
    """Return a table in which text is times where the reference has times, and all of it can be read as such."""
    import pandas as pd
    import pyarrow as pa

    for place, name in enumerate(table.column_names):
        expected = schema.get(name)
        if expected is None or expected.native != "datetime" or not pa.types.is_string(table.schema.field(place).type):
            continue
        try:
            times = pd.to_datetime(table.column(place).to_pandas(), format="ISO8601")
        except ValueError:
            continue
        table = table.set_column(place, name, pa.array(times, from_pandas=True))
    return table


def _with_missing(values: Any, expected: Expected) -> Any:
    import pyarrow as pa
    import pyarrow.compute as pc

    words = pa.array(sorted({"", *MISSING_WORDS} - expected.labels), pa.string())
    return pc.if_else(pc.is_in(values, words), pa.scalar(None, pa.string()), values)


def _booleans(values: Any) -> Any:
    """Return words and digits as booleans. Other words stay words, which is another type."""
    import pyarrow as pa
    import pyarrow.compute as pc

    lower = pc.utf8_lower(values)
    known = pa.array(["true", "false", "1", "0", "1.0", "0.0", "yes", "no", "t", "f"], pa.string())
    if not pc.all(pc.or_kleene(pc.is_in(lower, known), pc.is_null(lower))).as_py():
        return values
    true = pa.array(["true", "1", "1.0", "yes", "t"], pa.string())
    return pc.if_else(pc.is_null(lower), pa.scalar(None, pa.bool_()), pc.is_in(lower, true))
