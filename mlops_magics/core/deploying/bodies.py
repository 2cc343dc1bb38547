"""Bodies by content type: JSON in vetiver's shapes, CSV, Arrow streams and Parquet become a checked table."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import orjson

from mlops_magics.core.deploying.arrow_size import unpacked_bytes
from mlops_magics.core.deploying.check import Check
from mlops_magics.core.deploying.convert import MISSING_TEXT
from mlops_magics.core.deploying.layout import Table
from mlops_magics.core.deploying.limits import Limits
from mlops_magics.core.deploying.refusal import Refusal, malformed, too_large

if TYPE_CHECKING:
    import pyarrow as pa

JSON = "application/json"
CSV = "text/csv"
ARROW = "application/vnd.apache.arrow.stream"
PARQUET = "application/vnd.apache.parquet"
UNPACKED = 4
"""How many times the limit of a body its columns may take in memory, where they are packed in it."""


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
    if len(body) > limits.values // 4 and body.count(b",") + body.count(b"[") + body.count(b"{") > limits.values:
        raise too_large(f"More than {limits.values:,} values in one request. Send it as Arrow, or in several requests.")
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
    raise Refusal(
        422, 'Expected a list of records, {"columns": {name: [values]}} or {"columns": [names], "data": [[values]]}.'
    )


def split_table(value: Mapping[str, Any], check: Check) -> Table:
    """Check ``{"columns": [names], "data": [[values]]}``."""
    names = value["columns"]
    if not all(isinstance(name, str) for name in names) or len(set(names)) != len(names):
        raise Refusal(422, "Expected distinct column names in `columns`.")
    return check.lists(value["data"], names)


def _lists(columns: dict[str, Any]) -> dict[str, list[Any]]:
    uneven = [name for name, values in columns.items() if not isinstance(values, list)]
    if uneven:
        raise Refusal(422, f"Expected a list of values for each column; {uneven[0][:40]!r} has none.")
    return columns


def csv_table(body: bytes, check: Check) -> Table:
    """Check CSV with a header line; empty fields and ``NA`` are missing values."""
    import pyarrow as pa
    from pyarrow import csv

    options = csv.ConvertOptions(
        column_types={name: pa.string() for name in check.layout.names},
        null_values=["", MISSING_TEXT],
        strings_can_be_null=True,
        quoted_strings_can_be_null=False,
    )
    try:
        read = csv.read_csv(pa.BufferReader(body), convert_options=options)
    except (pa.ArrowInvalid, UnicodeDecodeError) as error:
        raise malformed(f"The body is no CSV: {str(error).splitlines()[0][:200]}") from None
    kinds = dict(zip(check.layout.names, check.layout.kinds))
    return check.columns({name: _from_text(read[name], kinds.get(name, "string")) for name in read.column_names})


def _from_text(column: pa.ChunkedArray, kind: str) -> Any:
    """Read numbers and booleans where all of a text column are; else the check says which are not."""
    import pyarrow as pa

    wanted = {"number": pa.float64(), "integer": pa.int64(), "boolean": pa.bool_()}.get(kind)
    if wanted is not None:
        try:
            return _values(column.cast(wanted))
        except pa.ArrowInvalid:
            pass
    return column.to_pylist()


def arrow_table(body: bytes, check: Check) -> Table:
    """Check an Arrow IPC stream."""
    import pyarrow as pa

    try:
        _admit_unpacked(unpacked_bytes(body), check.limits)
        with pa.ipc.open_stream(body) as stream:
            _admit_names(stream.schema.names, check)
            batches, rows = [], 0
            for batch in stream:
                rows += batch.num_rows
                _admit_rows(rows, check.limits)
                batch.validate(full=True)
                batches.append(batch)
            table = pa.Table.from_batches(batches, stream.schema)
    except (pa.ArrowException, OSError, ValueError, struct.error, IndexError) as error:
        raise malformed(f"The body is no Arrow stream: {str(error).splitlines()[0][:200]}") from None
    return check.columns({name: _values(table[name]) for name in table.column_names})


def parquet_table(body: bytes, check: Check) -> Table:
    """Check a Parquet file; what it would unpack to is looked up before it is unpacked."""
    import pyarrow as pa
    from pyarrow import parquet

    try:
        file = parquet.ParquetFile(pa.BufferReader(body))
        _admit_names(file.schema_arrow.names, check)
        _admit_rows(file.metadata.num_rows, check.limits)
        unpacked = sum(file.metadata.row_group(group).total_byte_size for group in range(file.metadata.num_row_groups))
        _admit_unpacked(unpacked, check.limits)
        table = file.read(
            columns=[name for name in file.schema_arrow.names if name in check.layout.known], use_threads=False
        )
    except (pa.ArrowException, OSError, ValueError) as error:
        raise malformed(f"The body is no Parquet file: {str(error).splitlines()[0][:200]}") from None
    return check.columns({name: _values(table[name]) for name in table.column_names})


def _admit_names(names: list[str], check: Check) -> None:
    if len(set(names)) != len(names):
        raise Refusal(422, "Expected distinct column names.")
    if len(names) > max(check.limits.columns, 2 * len(check.layout.names)):
        raise too_large(f"{len(names):,} columns; at most {check.limits.columns:,} are taken.")


def _admit_unpacked(size: int, limits: Limits) -> None:
    if size > UNPACKED * limits.body_bytes:
        raise too_large(f"The body unpacks to {size:,} bytes. Send it in several requests.")


def _admit_rows(rows: int, limits: Limits) -> None:
    if rows > limits.rows:
        raise too_large(f"More than {limits.rows:,} rows in one request. Send them in several requests.")


def _values(column: pa.ChunkedArray) -> Any:
    """Return numbers, booleans and times as an array without a copy where Arrow can, all else as a list."""
    import pyarrow as pa

    kind = column.type
    if pa.types.is_dictionary(kind):
        return column.to_pylist()
    numeric = pa.types.is_integer(kind) or pa.types.is_floating(kind)
    if numeric or (column.null_count == 0 and (pa.types.is_boolean(kind) or pa.types.is_temporal(kind))):
        if column.null_count and pa.types.is_integer(kind):
            return column.to_pylist()
        return column.to_numpy()
    return column.to_pylist()


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
        raise Refusal(415, f"Content-Type {kind[:80]!r} is not spoken here. Known: {', '.join(TABLES)}.")
    return TABLES[kind](body, check)


def unpacked(body: bytes, encoding: str, limits: Limits) -> bytes:
    """Undo ``Content-Encoding``; what unpacks beyond the limit is refused without being unpacked further."""
    wanted = encoding.strip().lower()
    if wanted in {"", "identity"}:
        return body
    if wanted not in {"gzip", "deflate"}:
        raise Refusal(415, f"Content-Encoding {wanted[:40]!r} is not spoken here. Known: gzip, deflate.")
    reader = zlib.decompressobj(zlib.MAX_WBITS | (16 if wanted == "gzip" else 0))
    try:
        plain = reader.decompress(body, limits.body_bytes)
    except zlib.error:
        raise malformed(f"The body is not {wanted}.") from None
    if reader.unconsumed_tail:
        raise too_large(f"The body unpacks to more than {limits.body_bytes:,} bytes.")
    return plain
