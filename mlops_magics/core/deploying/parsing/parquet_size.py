"""The unpacked size of a Parquet file from the headers of its pages, since the footer's sizes are only a claim.

The layout is that of Parquet's ``parquet.thrift`` in Thrift's compact protocol. Arrow unpacks each page into as many
bytes as its header has and refuses a page that has more or fewer, so the sum of these is the unpacked size.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

STOP, TRUE, FALSE, BYTE, I32, I64, DOUBLE, BINARY, LIST, STRUCT = 0, 1, 2, 3, 5, 6, 7, 8, 9, 12
"""Types of Thrift's compact protocol. Those between `BYTE` and `I64` are whole numbers too."""

Fields = dict[tuple[int, int], Any]
"""Values by field and type: a reader of Thrift passes over a field of another type than it expects."""

UNCOMPRESSED, COMPRESSED = (2, I32), (3, I32)
"""Fields of a page's header."""
ENCODINGS = {(5, STRUCT): (2, I32), (8, STRUCT): (4, I32)}
"""The data pages of a header, of both versions, each with its field for the encoding of the values."""
ROW_GROUPS, COLUMNS, METADATA, PATH = (4, LIST), (1, LIST), (3, STRUCT), (3, LIST)
"""Fields of the footer, of a row group in it, of a column chunk in that, and of the chunk's metadata."""
PACKED_SIZE, DATA_PLACE, DICTIONARY_PLACE = (7, I64), (9, I64), (11, I64)
"""More fields of a chunk's metadata."""
DELTA_BYTE_ARRAY = 7
"""Texts as a prefix of the one before: a few bytes can mean any number of long texts."""
MOST_CHUNKS = 100_000
MOST_FOOTER_BYTES = 8 << 20
TRAILER_BYTES = 8
LONG_LIST = 15
"""The length of a list whose real length follows."""
DEEPEST = 8
"""Structs and lists inside each other."""


def footer_bytes(file: bytes) -> int:
    """Return the length of the footer from the last bytes of a file."""
    return int.from_bytes(file[-TRAILER_BYTES : -TRAILER_BYTES // 2], "little")


def unpacked_bytes(file: bytes, names: Collection[str]) -> int:
    """Return how many bytes the pages of these columns unpack to.

    The footer is read here: pyarrow ends the process for some column chunks whose metadata contradict each other.

    Raises
    ------
    ValueError
        For pages that are not valid, or whose texts cannot be bounded.
    """
    footer, _ = _struct(file[-TRAILER_BYTES - footer_bytes(file) : -TRAILER_BYTES], 0)
    chunks = [chunk for group in _structs(footer, ROW_GROUPS) for chunk in _structs(group, COLUMNS)]
    if len(chunks) > MOST_CHUNKS:
        raise ValueError("too many row groups")
    total = 0
    for chunk in chunks:
        path = b".".join(chunk[METADATA][PATH]).decode()
        if path in names or chunk[METADATA][PATH][0].decode() in names:  # lists are stored below their column's name
            total += sum(_pages(file, chunk[METADATA]))
    return total


def _structs(fields: Fields, field: tuple[int, int]) -> list[Fields]:
    found = fields.get(field, [])
    if not all(isinstance(each, dict) for each in found):
        raise ValueError("a list of something else than structs")
    return list(found)


def _pages(file: bytes, chunk: Fields) -> Iterator[int]:
    """Yield the unpacked size of each page of a column chunk."""
    place = min(start for start in (chunk[DATA_PLACE], chunk.get(DICTIONARY_PLACE)) if start)
    end = place + chunk[PACKED_SIZE]
    # offsets are claims of the client: Python would read from the end of the file for a negative one
    if place < 0 or end > len(file):
        raise ValueError("a column outside the file")
    while place < end:
        header, body = _struct(file, place)
        _refuse_prefixes(header)
        yield _size(header, UNCOMPRESSED)
        place = body + _size(header, COMPRESSED)


def _size(header: Fields, field: tuple[int, int]) -> int:
    size = header.get(field)
    if not isinstance(size, int) or size < 0:
        raise ValueError("a page without a size")
    return size


def _refuse_prefixes(header: Fields) -> None:
    for page, field in ENCODINGS.items():
        if header.get(page, {}).get(field) == DELTA_BYTE_ARRAY:
            raise ValueError("texts written as DELTA_BYTE_ARRAY; write them plain or with a dictionary")


def _struct(data: bytes, place: int, depth: int = 0) -> tuple[Fields, int]:
    """Read a struct, and return its fields and where it ends."""
    fields: Fields = {}
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
        if (number, kind) in fields:  # which of the two a reader takes is not defined
            raise ValueError("a field twice")
        fields[number, kind], place = _value(data, place, kind, depth)


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
        return data[place : place + length], place + length
    if kind == LIST and depth < DEEPEST:
        return _list(data, place, depth + 1)
    if kind == STRUCT and depth < DEEPEST:
        return _struct(data, place, depth + 1)
    raise ValueError("a value of a type that Parquet does not use")


def _list(data: bytes, place: int, depth: int) -> tuple[list[Any], int]:
    kind, length = data[place] & 0x0F, data[place] >> 4
    place += 1
    if length == LONG_LIST:
        length, place = _varint(data, place)
    values = []
    for _ in range(length):
        # alone in a list, a truth value has a byte of its own
        value, place = _value(data, place, BYTE if kind in {TRUE, FALSE} else kind, depth)
        values.append(value)
    return values, place


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
