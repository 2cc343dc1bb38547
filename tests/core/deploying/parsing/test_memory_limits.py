"""Arrow and Parquet bodies that are small and stand for much: refused before they are unpacked."""

from __future__ import annotations

import io
import tracemalloc
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

from mlops_magics.core.deploying.contract import media
from mlops_magics.core.deploying.contract.http_error import HttpError
from mlops_magics.core.deploying.contract.limits import Limits
from mlops_magics.core.deploying.parsing import bodies
from mlops_magics.core.deploying.validation.check import Check
from mlops_magics.core.deploying.validation.layout import Layout
from mlops_magics.core.versioning import Prototype
from mlops_magics.errors import DataMismatch

LIMITS = Limits(body_bytes=1 << 20, decoded_bytes=4 << 20, rows=10_000_000)


def check_for(limits: Limits = LIMITS, **columns: Any) -> Check:
    return Check(Layout(Prototype.from_data(pd.DataFrame(columns))), limits=limits)


NUMBERS = check_for(x=[0.0, 1.0])
TEXTS = check_for(x=["a", "b"])


def stream_of(table: pa.Table, **options: Any) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema, options=pa.ipc.IpcWriteOptions(**options)) as stream:
        stream.write_table(table)
    return sink.getvalue().to_pybytes()


def file_of(table: pa.Table, **options: Any) -> bytes:
    sink = io.BytesIO()
    parquet.write_table(table, sink, **options)
    return sink.getvalue()


def status_of(body: bytes, kind: str, check: Check) -> int:
    with pytest.raises(HttpError) as refused:
        bodies.table(body, kind, check)
    return refused.value.code


def zeros(rows: int) -> pa.Table:
    return pa.table({"x": np.zeros(rows)})


def same_text(rows: int, size: int = 100_000) -> pa.Array:
    """The same long text in every row, stored once."""
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(rows, dtype="int32")), ["t" * size])


@pytest.mark.parametrize("packing", ["zstd", "lz4"])
def test_a_packed_arrow_stream_is_measured_before_it_is_unpacked(packing: str) -> None:
    """Kilobytes that unpack to hundreds of megabytes are 413; a packed body within the limit is read as any other."""
    assert status_of(stream_of(zeros(4_000_000), compression=packing), media.ARROW, NUMBERS) == 413
    assert bodies.table(stream_of(zeros(1_000), compression=packing), media.ARROW, NUMBERS).n_rows == 1_000


@pytest.mark.parametrize("options", [{"use_dictionary": False, "compression": "zstd"}, {"data_page_version": "2.0"}])
def test_a_parquet_file_is_measured_by_its_pages(options: dict[str, Any]) -> None:
    """Packed pages, and a number that is repeated a million times in a few bytes, are 413."""
    body = file_of(zeros(4_000_000), **options)

    assert len(body) < LIMITS.body_bytes
    assert status_of(body, media.PARQUET, NUMBERS) == 413
    assert bodies.table(file_of(zeros(1_000), **options), media.PARQUET, NUMBERS).n_rows == 1_000


def test_a_parquet_footer_that_lies_about_sizes_is_not_believed() -> None:
    """The sizes in the footer are a claim: what counts are the headers of the pages."""
    noise = np.random.default_rng(0).normal(size=600_000)
    noise[1_000:] = 0.0
    body = file_of(pa.table({"x": noise}), use_dictionary=False, compression="zstd")
    metadata = parquet.read_metadata(io.BytesIO(body))
    told = metadata.row_group(0).column(0).total_uncompressed_size
    lying = body.replace(_varint(told), _varint(64 << 7 | 1)[:1] + b"\x80" * (len(_varint(told)) - 2) + b"\x00")

    assert parquet.read_metadata(io.BytesIO(lying)).row_group(0).total_byte_size < 100
    assert status_of(lying, media.PARQUET, NUMBERS) == 413


def _varint(number: int) -> bytes:
    """Write a whole number as Parquet's footer does."""
    zigzag, written = number << 1, bytearray()
    while zigzag >= 0x80:
        written.append(zigzag & 0x7F | 0x80)
        zigzag >>= 7
    return bytes([*written, zigzag])


def test_a_text_that_is_stored_once_is_held_once() -> None:
    """A text that 20,000 rows mean takes its own size, in Arrow and in Parquet; it is not copied for each row."""
    table = pa.table({"x": same_text(20_000, size=150)})
    for kind, body in ((media.ARROW, stream_of(table)), (media.PARQUET, file_of(table))):
        tracemalloc.start()
        found = bodies.table(body, kind, TEXTS)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()

        assert found.n_rows == 20_000
        assert most < 10 << 20


def test_a_long_text_that_many_rows_mean_is_refused() -> None:
    """A model's frame holds it once for each row: 100 kB and 20,000 rows would be two gigabytes."""
    table = pa.table({"x": same_text(20_000)})

    assert status_of(stream_of(table), media.ARROW, TEXTS) == 413
    assert status_of(file_of(table), media.PARQUET, TEXTS) == 413


def test_texts_that_share_their_bytes_are_refused() -> None:
    """Views of one text, prefixes of the one before, and values within values: no way around the limit."""
    text, view = b"t" * 100_000, np.array([100_000, int.from_bytes(b"tttt", "little"), 0, 0], dtype="<i4")
    buffers = [None, pa.py_buffer(np.tile(view, 1_000)), pa.py_buffer(text)]
    views = pa.Array.from_buffers(pa.string_view(), 1_000, buffers)
    prefixes = pa.table({"x": ["t" * 1_000] * 1_000})
    nested = pa.table({"x": pa.array([["a"]] * 3)})

    assert status_of(stream_of(pa.table({"x": views})), media.ARROW, TEXTS) == 413
    delta = file_of(prefixes, column_encoding={"x": "DELTA_BYTE_ARRAY"}, use_dictionary=False)
    assert status_of(delta, media.PARQUET, TEXTS) == 400
    for kind, body in ((media.ARROW, stream_of(nested)), (media.PARQUET, file_of(nested))):
        with pytest.raises(DataMismatch, match="list"):
            bodies.table(body, kind, TEXTS)


def test_short_bodies_that_stand_for_much_are_known_before_they_are_read() -> None:
    """Whoever else asks does not wait for them: a thread reads them; what is short and stays so is read at once."""
    short, long = pa.table({"x": pa.nulls(10)}), pa.table({"x": pa.nulls(1_000_000)})

    assert bodies.may_expand(stream_of(long), {"content-type": media.ARROW})
    assert not bodies.may_expand(stream_of(short), {"content-type": media.ARROW})
    assert bodies.may_expand(file_of(short), {"content-type": media.PARQUET})
    assert bodies.may_expand(b"[]", {"content-encoding": "gzip"})
    for kind in ("", media.JSON, media.CSV, media.ARROW, "text/plain"):
        assert not bodies.may_expand(b"[]", {"content-type": kind})


def test_no_byte_of_a_parquet_file_can_be_changed_into_a_crash() -> None:
    """T9: Every byte of header and footer, changed: read, or refused in words.

    A column that is optional (2) and becomes required (0) beside counts for an optional one ended the process.
    """
    body = file_of(pa.table({"x": np.arange(50.0)}))
    for place, flipped in [(place, 0x5A) for place in range(0, len(body), 3)] + [
        (place, 2) for place in range(len(body))
    ]:
        changed = body[:place] + bytes([body[place] ^ flipped]) + body[place + 1 :]
        try:
            bodies.table(changed, media.PARQUET, NUMBERS)
        except (HttpError, DataMismatch):
            continue
