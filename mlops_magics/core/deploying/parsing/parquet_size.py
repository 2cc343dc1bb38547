"""The unpacked size of a Parquet file from the headers of its pages, since the footer's sizes are only a claim.

The layout is that of Parquet's ``parquet.thrift`` in Thrift's compact protocol. Arrow unpacks each page into as many
bytes as its header has and refuses a page that has more or fewer, so the sum of these is the unpacked size.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyarrow import parquet

UNCOMPRESSED, COMPRESSED, DATA_PAGE, DATA_PAGE_2 = 2, 3, 5, 8
"""Fields of a page's header."""
ENCODINGS = {DATA_PAGE: 2, DATA_PAGE_2: 4}
"""The field of a data page for the encoding of its values."""
DELTA_BYTE_ARRAY = 7
"""Texts as a prefix of the one before: a few bytes can mean any number of long texts."""
MOST_CHUNKS = 100_000
MOST_FOOTER_BYTES = 8 << 20
TRAILER_BYTES = 8

STOP, TRUE, FALSE, BYTE, I64, DOUBLE, BINARY, STRUCT = 0, 1, 2, 3, 6, 7, 8, 12
"""Types of Thrift's compact protocol. Those between `BYTE` and `I64` are whole numbers too."""


def footer_bytes(file: bytes) -> int:
    """Return the length of the footer from the last bytes of a file."""
    return int.from_bytes(file[-TRAILER_BYTES : -TRAILER_BYTES // 2], "little")


def unpacked_bytes(file: bytes, metadata: parquet.FileMetaData, names: Collection[str]) -> int:
    """Return how many bytes the pages of these columns unpack to.

    Raises
    ------
    ValueError
        For pages that are not valid, or whose texts cannot be bounded.
    """
    if metadata.num_row_groups * metadata.num_columns > MOST_CHUNKS:
        raise ValueError("too many row groups")
    total = 0
    for group in map(metadata.row_group, range(metadata.num_row_groups)):
        for chunk in map(group.column, range(group.num_columns)):
            path = chunk.path_in_schema
            if path in names or path.partition(".")[0] in names:  # lists are stored below their column's name
                total += sum(_pages(file, chunk))
    return total


def _pages(file: bytes, chunk: Any) -> Iterator[int]:
    """Yield the unpacked size of each page of a column chunk."""
    starts = [chunk.data_page_offset, chunk.dictionary_page_offset if chunk.has_dictionary_page else None]
    place = min(start for start in starts if start)
    end = place + chunk.total_compressed_size
    # offsets are claims of the client: Python would read from the end of the file for a negative one
    if place < 0 or end > len(file):
        raise ValueError("a column outside the file")
    while place < end:
        header, body = _struct(file, place)
        _refuse_prefixes(header)
        yield _size(header, UNCOMPRESSED)
        place = body + _size(header, COMPRESSED)


def _size(header: dict[int, Any], field: int) -> int:
    size = header.get(field)
    if not isinstance(size, int) or size < 0:
        raise ValueError("a page without a size")
    return size


def _refuse_prefixes(header: dict[int, Any]) -> None:
    for page, field in ENCODINGS.items():
        if isinstance(header.get(page), dict) and header[page].get(field) == DELTA_BYTE_ARRAY:
            raise ValueError("texts written as DELTA_BYTE_ARRAY; write them plain or with a dictionary")


def _struct(data: bytes, place: int, depth: int = 0) -> tuple[dict[int, Any], int]:
    """Read whole numbers and structs by field, pass over all else, and return them and where the struct ends."""
    fields: dict[int, Any] = {}
    number = 0
    while True:
        kind, step = data[place] & 0x0F, data[place] >> 4
        place += 1
        if kind == STOP:
            return fields, place
        if step:
            number += step
        else:
            number, place = _whole(data, place)
        fields[number], place = _value(data, place, kind, depth)


def _value(data: bytes, place: int, kind: int, depth: int) -> tuple[Any, int]:
    if kind in {TRUE, FALSE}:
        return kind == TRUE, place
    if kind == BYTE:
        return data[place], place + 1
    if BYTE < kind <= I64:
        return _whole(data, place)
    if kind == DOUBLE:
        return None, place + 8
    if kind == BINARY:
        length, place = _varint(data, place)
        return None, place + length
    if kind == STRUCT and depth < 8:
        return _struct(data, place, depth + 1)
    raise ValueError("a page's header that is none")


def _whole(data: bytes, place: int) -> tuple[int, int]:
    """Read a whole number in zigzag form."""
    number, place = _varint(data, place)
    return (number >> 1) ^ -(number & 1), place


def _varint(data: bytes, place: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        byte = data[place]
        place += 1
        number |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return number, place
        # else a file of 0x80 bytes makes a number of any length, in quadratic time
        if shift > 63:
            raise ValueError("a number without an end")
