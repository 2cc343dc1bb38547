"""Bodies by content type: JSON in vetiver's shapes, CSV, Arrow streams and Parquet become a checked table."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import orjson

from mlops_magics.core.deploying.contract.http_error import HttpError, malformed, problem, too_large
from mlops_magics.core.deploying.contract.limits import Limits
from mlops_magics.core.deploying.parsing import arrow_size, parquet_size
from mlops_magics.core.deploying.parsing.arrow_values import is_plain, is_text, values_of
from mlops_magics.core.deploying.parsing.csv_table import csv_table
from mlops_magics.core.deploying.parsing.memory_limits import (
    JSON_BYTES,
    WIDEST_CHARACTER,
    admit_distinct,
    admit_marks,
    admit_rows,
    admit_size,
    admit_texts,
    admit_width,
)
from mlops_magics.core.deploying.validation.check import Check, mismatch
from mlops_magics.core.deploying.validation.layout import Table
from mlops_magics.errors import DataMismatch

if TYPE_CHECKING:
    import pyarrow as pa

JSON = "application/json"
CSV = "text/csv"
ARROW = "application/vnd.apache.arrow.stream"
PARQUET = "application/vnd.apache.parquet"
FEW_ROWS = 2000
"""Are read in a millisecond or two, whatever they are written in."""


def media_type(content_type: str) -> str:
    """Return the type without its parameters; none at all means JSON, as both vetiver clients send it."""
    return content_type.split(";", 1)[0].strip().lower() or JSON


def json_value(body: bytes, limits: Limits) -> Any:
    """Parse strict JSON within the limit on the number of values; the parser itself stops at 1,024 levels.

    Raises
    ------
    Refusal
        400 for what is no JSON (``NaN`` and ``Infinity`` included), 413 beyond a limit.
    """
    admit_marks(body, limits, JSON_BYTES, len(body) * (1 if body.isascii() else WIDEST_CHARACTER))
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise malformed(f"The body is no JSON: {error.msg} at line {error.lineno}, column {error.colno}.") from None


def json_table(body: bytes, check: Check) -> Table:
    """Check records, lists of values, ``{"columns": {…}}`` or the split form; the way that can explain every fault."""
    value = json_value(body, check.limits)
    if isinstance(value, list):
        return check.records(value)
    if isinstance(value, dict) and isinstance(value.get("columns"), dict):
        return check.columns(_lists(value["columns"]))
    if isinstance(value, dict) and isinstance(value.get("columns"), list) and isinstance(value.get("data"), list):
        return split_table(value, check)
    raise HttpError(
        422, 'Expected a list of records, {"columns": {name: [values]}} or {"columns": [names], "data": [[values]]}.'
    )


def split_table(value: Mapping[str, Any], check: Check) -> Table:
    """Check ``{"columns": [names], "data": [[values]]}``."""
    names = value["columns"]
    if not all(isinstance(name, str) for name in names) or len(set(names)) != len(names):
        raise HttpError(422, "Expected distinct column names in `columns`.")
    return check.lists(value["data"], names)


def _lists(columns: dict[str, Any]) -> dict[str, list[Any]]:
    uneven = [name for name, values in columns.items() if not isinstance(values, list)]
    if uneven:
        raise HttpError(422, f"Expected a list of values for each column; {uneven[0][:40]!r} has none.")
    return columns


def arrow_table(body: bytes, check: Check) -> Table:
    """Check an Arrow IPC stream."""
    import pyarrow as pa

    try:
        admit_size(arrow_size.unpacked_bytes(body), check.limits)
        with pa.ipc.open_stream(body) as stream:
            _admit_schema(stream.schema, check)
            batches, rows = [], 0
            for batch in stream:
                rows += batch.num_rows
                admit_rows(rows, stream.schema, check)
                batch.validate(full=True)
                batches.append(batch)
            table = pa.Table.from_batches(batches, stream.schema)
    except DataMismatch:
        raise
    except (pa.ArrowException, OSError, ValueError, struct.error, IndexError) as error:
        raise malformed(f"The body is no Arrow stream: {str(error).splitlines()[0][:200]}") from None
    return _checked(table, check)


def parquet_table(body: bytes, check: Check) -> Table:
    """Check a Parquet file; what it unpacks to is looked up before it is unpacked."""
    import pyarrow as pa
    from pyarrow import parquet

    try:
        if parquet_size.footer_bytes(body) > parquet_size.MOST_FOOTER_BYTES:
            raise too_large(f"A Parquet footer of more than {parquet_size.MOST_FOOTER_BYTES:,} bytes.")
        file = parquet.ParquetFile(pa.BufferReader(body))
        schema = file.schema_arrow
        _admit_schema(schema, check)
        metadata = file.metadata
        told = [metadata.row_group(group).num_rows for group in range(metadata.num_row_groups)]
        admit_rows(max(metadata.num_rows, sum(told)), schema, check)
        admit_size(parquet_size.unpacked_bytes(body, metadata, check.layout.known), check.limits)
        wanted = [name for name in schema.names if name in check.layout.known]
        texts = [name for name in wanted if is_text(schema.field(name).type)]
        file = parquet.ParquetFile(pa.BufferReader(body), read_dictionary=texts)
        table = file.read(columns=wanted, use_threads=False)
    except DataMismatch:
        raise
    except (pa.ArrowException, OSError, ValueError, IndexError) as error:
        raise malformed(f"The body is no Parquet file: {str(error).splitlines()[0][:200]}") from None
    return _checked(table, check, schema.names)


def _admit_schema(schema: pa.Schema, check: Check) -> None:
    """Admit columns by name and type; values within values could stand for any amount of memory."""
    admit_distinct(schema.names)
    admit_width(len(schema.names), check)
    nested = [field for field in schema if field.name in check.layout.known and not is_plain(field.type)]
    if nested:
        raise mismatch(
            [problem((field.name,), "column_type", f"A column of {field.type} is not taken") for field in nested]
        )


def _checked(table: pa.Table, check: Check, names: Sequence[str] = ()) -> Table:
    """Check the columns that the model reads; of all others only the names."""
    admit_texts(table, check)
    read = {name: values_of(table[name]) for name in table.column_names if name in check.layout.known}
    return check.columns({name: read.get(name, ()) for name in names or table.column_names})


TABLES: dict[str, Callable[[bytes, Check], Table]] = {
    JSON: json_table,
    CSV: csv_table,
    ARROW: arrow_table,
    PARQUET: parquet_table,
}


def table(body: bytes, content_type: str, check: Check) -> Table:
    """Read and check one body.

    Raises
    ------
    Refusal
        400 malformed, 413 too large, 415 for a content type that is not spoken here.
    DataMismatch
        For data that do not fit the prototype.
    """
    kind = media_type(content_type)
    if kind not in TABLES:
        raise HttpError(415, f"Content-Type {kind[:80]!r} is not spoken here. Known: {', '.join(TABLES)}.")
    return TABLES[kind](body, check)


def may_expand(body: bytes, headers: Mapping[str, str]) -> bool:
    """Tell whether a short body may hold many rows: packed, or columns whose values repeat."""
    if "content-encoding" in headers:
        return True
    kind = headers.get("content-type", JSON)
    if kind == JSON:
        return False
    named = media_type(kind)
    return named == PARQUET or (named == ARROW and arrow_size.rows_declared(body) > FEW_ROWS)


def decompress(body: bytes, encoding: str, limits: Limits) -> bytes:
    """Undo ``Content-Encoding``; what unpacks beyond the limit is refused without being unpacked further."""
    wanted = encoding.strip().lower()
    if wanted in {"", "identity"}:
        return body
    if wanted not in {"gzip", "deflate"}:
        raise HttpError(415, f"Content-Encoding {wanted[:40]!r} is not spoken here. Known: gzip, deflate.")
    reader = zlib.decompressobj(zlib.MAX_WBITS | (16 if wanted == "gzip" else 0))
    try:
        plain = reader.decompress(body, limits.body_bytes)
    except zlib.error:
        raise malformed(f"The body is not {wanted}.") from None
    if reader.unconsumed_tail:
        raise too_large(f"The body unpacks to more than {limits.body_bytes:,} bytes.")
    return plain
