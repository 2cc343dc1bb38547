"""How a log's segment is written and read: append-only Arrow streams, one writer each, torn tails tolerated."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from mlops_magics.core import json_text, state

SUFFIX = ".arrows"
BUFFERED = 1 << 20
"""Bytes that go to the system at once."""
END = b"\xff\xff\xff\xff\0\0\0\0"
"""After the last message of a stream: Arrow's sign that a message follows, and that it is of no length."""


def segments(place: Path) -> list[Path]:
    """Return the segments of a log, oldest first."""
    return sorted(place.glob(f"*{SUFFIX}"))


class Segment:
    """One file that one process appends to, an Arrow stream: the schema's message, one for each batch, the end.

    Batches are on disk when `append` returns: written behind the last ones and fsynced. What a crash tears is the batch
    that was being written, and a reader stops before it.
    """

    def __init__(self, place: Path, schema: pa.Schema) -> None:
        self.path = place / f"{time.time_ns():020d}-{os.getpid()}{SUFFIX}"
        self.schema = schema
        descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, state.PRIVATE_FILE)
        self._file = os.fdopen(descriptor, "wb", buffering=BUFFERED)
        try:
            self._file.write(schema.serialize())
            self._file.flush()
        except OSError:
            self._drop()
            raise

    @property
    def size(self) -> int:
        """Bytes written."""
        return self._file.tell()

    def append(self, batches: Iterable[pa.RecordBatch]) -> None:
        """Add batches, durably."""
        for batch in batches:
            self._file.write(batch.serialize())
        self._file.flush()
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Write the end mark; a segment without one is read as well."""
        try:
            self._file.write(END)
        except OSError:
            pass  # the disk is full or gone; every batch that was acknowledged is readable without the mark
        finally:
            self._drop()

    def _drop(self) -> None:
        """Close the file, whose buffer may hold what did not fit on the disk."""
        with contextlib.suppress(OSError):
            self._file.close()


def batches(path: Path) -> Iterator[pa.RecordBatch]:
    """Yield the complete batches of a segment, up to where it ends or is torn."""
    try:
        with pa.memory_map(str(path)) as source, pa.ipc.open_stream(source) as stream:
            while True:
                yield stream.read_next_batch()
    except (StopIteration, pa.ArrowInvalid, OSError):
        return


def is_sealed(path: Path) -> bool:
    """Return whether a segment has its end mark: nothing is appended any more."""
    try:
        with path.open("rb") as stream:
            stream.seek(-len(END), os.SEEK_END)
            return stream.read() == END
    except OSError:
        return False


def schema_of(path: Path) -> pa.Schema | None:
    """Return a segment's schema, or ``None`` when even that is torn."""
    try:
        with pa.memory_map(str(path)) as source, pa.ipc.open_stream(source) as stream:
            return stream.schema
    except (pa.ArrowInvalid, OSError):
        return None


def metadata(schema: pa.Schema) -> dict[str, Any]:
    """Return what the writer noted beside the columns."""
    return dict(json_text.parse((schema.metadata or {}).get(b"mlops", b"{}")))
