"""The unpacked size of an Arrow stream, read from its messages before a byte of it is unpacked.

The layout is that of the Arrow columnar format's ``Message.fbs``: a flatbuffer for each message, and in the body of a
compressed batch eight bytes before each buffer with its unpacked length (-1 for one that is not packed).
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

DICTIONARY_BATCH, RECORD_BATCH = 2, 3
HEADER_TYPE, HEADER = 1, 2
"""Fields of a message."""
DICTIONARY_DATA = 1
"""The field of a dictionary batch that holds a record batch."""
LENGTH, BUFFERS, COMPRESSION = 0, 2, 3
"""Fields of a record batch."""
NOT_PACKED = -1


def unpacked_bytes(stream: bytes) -> int:
    """Return how many bytes the buffers of an Arrow stream take in memory.

    Raises
    ------
    ValueError, struct.error, IndexError, pyarrow.ArrowException
        For bytes that are not a valid Arrow stream.
    """
    import pyarrow as pa

    reader = pa.ipc.MessageReader.open_stream(stream)
    total = 0
    while True:
        try:
            message = reader.read_next_message()
        except StopIteration:
            return total
        total += _of_message(message)


def rows_declared(stream: bytes) -> int:
    """Return the rows that the batches of an Arrow stream declare, or 0 for bytes that are not a valid Arrow stream."""
    import pyarrow as pa

    total = 0
    try:
        for message in pa.ipc.MessageReader.open_stream(stream):
            data, batch = _batch(message)
            length = _field(data, batch, LENGTH) if batch else 0
            # a batch of fewer than no rows must not hide another one: pyarrow refuses it later
            total += max(struct.unpack_from("<q", data, length)[0], 0) if length else 0
    except (pa.ArrowException, OSError, ValueError, struct.error, IndexError):
        return 0
    return total


def _batch(message: pa.Message) -> tuple[memoryview, int]:
    """Return a message's flatbuffer, and where in it a batch is described, or 0 where none is."""
    data = memoryview(message.metadata)
    root = _follow(data, 0)
    kind = data[_field(data, root, HEADER_TYPE)]
    if kind not in {DICTIONARY_BATCH, RECORD_BATCH}:
        return data, 0
    batch = _follow(data, _field(data, root, HEADER))
    return data, _follow(data, _field(data, batch, DICTIONARY_DATA)) if kind == DICTIONARY_BATCH else batch


def _of_message(message: pa.Message) -> int:
    data, batch = _batch(message)
    if not batch:
        return 0
    body = memoryview(message.body) if message.body is not None else memoryview(b"")
    # the buffers of a body that is not compressed are used in place
    if not _field(data, batch, COMPRESSION):
        return len(body)
    return sum(_of_buffer(body, offset, length) for offset, length in _buffers(data, batch))


def _buffers(data: Any, batch: int) -> list[tuple[int, int]]:
    """Return offset and length of each buffer of a batch in the message's body."""
    vector = _follow(data, _field(data, batch, BUFFERS))
    count = struct.unpack_from("<I", data, vector)[0]
    return [struct.unpack_from("<qq", data, vector + 4 + 16 * place) for place in range(count)]


def _of_buffer(body: Any, offset: int, length: int) -> int:
    if length < 8:
        return 0
    told: int = struct.unpack_from("<q", body, offset)[0]
    return length if told == NOT_PACKED else max(told, 0)


def _follow(data: Any, place: int) -> int:
    """Return where a flatbuffer's offset leads."""
    return place + int(struct.unpack_from("<I", data, place)[0])


def _field(data: Any, table: int, number: int) -> int:
    """Return the place of a field of a flatbuffer's table, or 0 where it is not set."""
    # the table names its vtable by a signed distance back; a vtable that is too short means the default
    entries = table - struct.unpack_from("<i", data, table)[0]
    place = 4 + 2 * number
    size = struct.unpack_from("<H", data, entries)[0]
    offset = struct.unpack_from("<H", data, entries + place)[0] if place < size else 0
    return table + int(offset) if offset else 0
