"""Parsing of bodies by content type: JSON in vetiver's shapes, CSV, Arrow and Parquet become a checked table."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from mlops_magics.core.deploying.contract import arrow_size
from mlops_magics.core.deploying.contract.http_error import HttpError, malformed, problem, too_large
from mlops_magics.core.deploying.contract.limits import Limits
from mlops_magics.core.deploying.contract.media import ARROW, CSV, JSON, PARQUET, media_type
from mlops_magics.core.deploying.parsing import content, parquet_size
from mlops_magics.core.deploying.parsing.arrow_values import is_accepted, is_tensor, is_text, values_of
from mlops_magics.core.deploying.parsing.csv_table import csv_table, tsv_table
from mlops_magics.core.deploying.parsing.json_forms import json_table
from mlops_magics.core.deploying.parsing.memory_limits import (
    admit_distinct,
    admit_objects,
    admit_rows,
    admit_size,
    admit_width,
)
from mlops_magics.core.deploying.validation.check import Check
from mlops_magics.core.deploying.validation.layout import Table
from mlops_magics.core.deploying.validation.mismatch import mismatch
from mlops_magics.errors import DataMismatch

if TYPE_CHECKING:
    import pyarrow as pa

_OF_EXTENSIONS = (ValueError, IndexError, TypeError, KeyError, AttributeError)
"""Further errors of the readers for broken metadata: those of extension types are Python, and pandas has some."""
FEW_ROWS = 2000
"""Rows that are parsed in a millisecond or two, in any format."""


def arrow_table(body: bytes, check: Check) -> Table:
    """Check an Arrow IPC stream."""
    import pyarrow as pa

    try:
        # before Arrow unpacks: its reader has no limit, and a thousandfold compression is easy to send
        admit_size(arrow_size.unpacked_bytes(body), check.limits)
        with pa.ipc.open_stream(body) as stream:
            names = _admit_schema(stream.schema, check)
            batches, rows = [], 0
            for batch in stream:
                rows += batch.num_rows
                admit_rows(rows, stream.schema, check)
                # lengths and offsets come from the client: Arrow follows them unchecked, also out of the buffer
                batch.validate(full=True)
                batches.append(batch)
            table = pa.Table.from_batches(batches, stream.schema)
    except DataMismatch:
        raise
    except (pa.ArrowException, OSError, struct.error, *_OF_EXTENSIONS) as error:
        raise malformed(f"The body is not a valid Arrow stream: {str(error).splitlines()[0][:200]}") from None
    return _checked(table.rename_columns(names), check)


def parquet_table(body: bytes, check: Check) -> Table:
    """Check a Parquet file. Its unpacked size is computed before it is unpacked."""
    import pyarrow as pa
    from pyarrow import parquet

    try:
        if parquet_size.footer_bytes(body) > parquet_size.MOST_FOOTER_BYTES:
            raise too_large(f"A Parquet footer of more than {parquet_size.MOST_FOOTER_BYTES:,} bytes.")
        file = parquet.ParquetFile(pa.BufferReader(body))
        schema = file.schema_arrow
        names = _admit_schema(schema, check)
        metadata = file.metadata
        declared = [metadata.row_group(group).num_rows for group in range(metadata.num_row_groups)]
        # the file and each of its row groups claim a number, and neither is checked yet
        admit_rows(max(metadata.num_rows, sum(declared)), schema, check)
        wanted = [old for old, name in zip(schema.names, names) if name in check.layout.known]
        admit_size(parquet_size.unpacked_bytes(body, wanted), check.limits)
        texts = [name for name in wanted if is_text(schema.field(name).type)]
        # a text that is repeated stays one text with codes, as small as it was sent
        file = parquet.ParquetFile(pa.BufferReader(body), read_dictionary=texts)
        table = file.read(columns=wanted, use_threads=False)
    except DataMismatch:
        raise
    except (pa.ArrowException, OSError, *_OF_EXTENSIONS) as error:
        raise malformed(f"The body is not a valid Parquet file: {str(error).splitlines()[0][:200]}") from None
    renamed = dict(zip(schema.names, names))
    return _checked(table.rename_columns([renamed[name] for name in table.column_names]), check, names)


def _admit_schema(schema: pa.Schema, check: Check) -> list[str]:
    """Admit columns by name and type, and return their names. The only column of single values gets the prototype's.

    Lists within a value could take any amount of memory: they are accepted only where the prototype has them.
    """
    admit_width(len(schema.names), check)
    admit_distinct(schema.names, check)
    names = list(check.names.renamed(dict.fromkeys(schema.names, ()))) if len(schema.names) == 1 else schema.names
    kinds = dict(zip(check.layout.names, check.layout.kinds))
    if len(names) == 1 and names[0] not in kinds and is_tensor(schema.field(0).type):
        shape = tuple(schema.field(0).type.shape)
        text = f"Expected rows of {len(kinds)} columns, got an array with a shape of {shape} for each row"
        raise mismatch([problem((), "tensor_shape", text)])
    refused = [
        problem((name,), "column_type", f"A column of {field.type} is not accepted")
        for name, field in zip(names, schema)
        if name in kinds and not is_accepted(field.type, kinds[name])
    ]
    if refused:
        raise mismatch(refused)
    return list(names)


def _checked(table: pa.Table, check: Check, names: Sequence[str] = ()) -> Table:
    """Check the columns that the model reads, and of all others only the names."""
    admit_objects(table, check)
    kinds = dict(zip(check.layout.names, check.layout.kinds))
    read = {name: values_of(table[name], kinds[name]) for name in table.column_names if name in kinds}
    return check.columns({name: read.get(name, ()) for name in names or table.column_names})


TABLES: dict[str, Callable[[bytes, Check], Table]] = {
    JSON: json_table,
    CSV: csv_table,
    content.TSV: tsv_table,
    ARROW: arrow_table,
    PARQUET: parquet_table,
}


def table(body: bytes, content_type: str, check: Check) -> Table:
    """Parse and check one body.

    Raises
    ------
    HttpError
        400 malformed, 413 too large, 415 for an unsupported content type.
    DataMismatch
        For data that do not fit the prototype.
    """
    body, kind = content.recognise(body, content_type)
    if kind not in TABLES:
        raise HttpError(415, f"Unsupported Content-Type {kind[:80]!r}. Known: {', '.join(TABLES)}.")
    try:
        return TABLES[kind](body, check)
    except UnicodeDecodeError:
        raise malformed(f"The body is not valid UTF-8, as {kind} is.") from None


def may_expand(body: bytes, headers: Mapping[str, str]) -> bool:
    """Return whether a short body may hold many rows: compressed, or columns whose values repeat."""
    if "content-encoding" in headers:
        return True
    kind = headers.get("content-type", JSON)
    if kind == JSON:
        return False
    if content.stands_for_more(body, kind):
        return True
    return media_type(kind) == ARROW and arrow_size.rows_declared(body) > FEW_ROWS


def decompress(body: bytes, encoding: str, limits: Limits) -> bytes:
    """Undo ``Content-Encoding``. A body beyond the limit is refused without being unpacked further.

    Raises
    ------
    HttpError
    """
    wanted = encoding.strip().lower()
    if wanted in {"", "identity"}:
        return body
    if wanted not in {"gzip", "x-gzip", "deflate"}:
        raise HttpError(415, f"Unsupported Content-Encoding {wanted[:40]!r}. Known: gzip, deflate.")
    # RFC 9110, 8.4.1: "deflate" is the zlib format, not a bare deflate stream. 16 means that of gzip
    reader = zlib.decompressobj(zlib.MAX_WBITS | (0 if wanted == "deflate" else 16))
    try:
        # `gzip.decompress` has no limit: a megabyte of zeros packs to a kilobyte
        plain = reader.decompress(body, limits.body_bytes)
    except zlib.error:
        raise malformed(f"The body is not valid {wanted}.") from None
    if reader.unconsumed_tail:
        raise too_large(f"The body unpacks to more than {limits.body_bytes:,} bytes.")
    if not reader.eof:
        raise malformed(f"The {wanted} body is truncated: it ends after {len(plain):,} bytes of content.")
    if reader.unused_data:
        raise malformed(
            f"The {wanted} body has {len(reader.unused_data):,} more bytes behind its end. Send one member."
        )
    return plain
