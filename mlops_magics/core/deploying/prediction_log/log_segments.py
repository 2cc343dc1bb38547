"""The segments of a log: append-only Arrow streams with one writer each, readable also with a torn tail."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import xxhash

from mlops_magics.core import json_text, state, user_warnings

SUFFIX = ".arrows"
BUFFERED = 1 << 20
"""Bytes that go to the system at once."""
CHECKSUM = b"xxh64"
"""The key of a batch's checksum in the metadata of its message."""
WRITING_SECONDS = 10.0
"""A segment that was changed within this time may be in the middle of a batch."""
END = b"\xff\xff\xff\xff\0\0\0\0"
"""After the last message of a stream: Arrow's sign that a message follows, and that it is of no length."""


def segments(place: Path) -> list[Path]:
    """Return the segments of a log, oldest first. A pipe or a link of such a name is not one."""
    return sorted(path for path in place.glob(f"*{SUFFIX}") if path.is_file() and not path.is_symlink())


class Segment:
    """One file that one process appends to, an Arrow stream: the schema's message, one for each batch, the end.

    Each batch has a checksum of itself and the schema in the metadata of its message. In version 0.1 it had none.
    Batches are on disk when `append` returns: written behind the last ones and fsynced. A crash tears the batch
    that was being written, and a reader stops before it.
    """

    def __init__(self, place: Path, schema: pa.Schema) -> None:
        # padded, so that names sort by time; the number keeps two processes apart
        self.path = place / f"{time.time_ns():020d}-{os.getpid()}{SUFFIX}"
        self.schema = schema
        # O_EXCL follows no link that another user put there, and never continues the file of another process
        descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, state.PRIVATE_FILE)
        self._file = os.fdopen(descriptor, "wb", buffering=BUFFERED)
        self._messages = pa.ipc.new_stream(self._file, schema)  # which writes the schema
        try:
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
            self._messages.write_batch(batch, custom_metadata={CHECKSUM: _checksum(batch)})
        self._file.flush()
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Write the end mark. A segment without one is read as well."""
        try:
            self._file.write(END)
        except OSError:
            pass  # the disk is full or gone, but every batch that was acknowledged is readable without the mark
        finally:
            self._drop()

    def _drop(self) -> None:
        """Close the file, whose buffer may hold bytes that did not fit on the disk."""
        with contextlib.suppress(OSError):
            self._file.close()


def batches(path: Path) -> Iterator[pa.RecordBatch]:
    """Yield the batches of a segment that are as they were written, up to where it ends.

    Warns
    -----
    UserWarning
        Rows were changed after they were written, or the rest cannot be read: both are left out.
    """
    read = changed = 0
    try:
        with pa.memory_map(str(path)) as source, pa.ipc.open_stream(source) as stream:
            for batch, about in _messages(source, stream):
                if _is_whole(batch, (about or {}).get(CHECKSUM)):
                    yield batch
                    read += batch.num_rows
                else:
                    changed += batch.num_rows
    except (pa.ArrowException, OSError, ValueError) as error:
        if not _is_being_written(path):
            user_warnings.warn(f"{path} was damaged or torn: what follows row {read + changed} was left out ({error}).")
    if changed:
        user_warnings.warn(
            f"{path} was damaged: {changed} rows that were changed after they were written were left out."
        )


def _messages(source: pa.NativeFile, stream: pa.RecordBatchStreamReader) -> Iterator[Any]:
    """Yield each batch and the metadata of its message.

    Raises
    ------
    ValueError
        When the stream ends before the file, since a size was changed to the sign of the end.
    """
    while True:
        try:
            yield stream.read_next_batch_with_custom_metadata()
        except StopIteration:
            break
    if source.tell() != source.size():
        raise ValueError("the end comes too early")


def _is_whole(batch: pa.RecordBatch, checksum: bytes | None) -> bool:
    """Return whether a batch is as it was written, or of version 0.1, which has no checksum, whether it is valid."""
    try:
        batch.validate()  # else the lengths in it may lead outside its memory
    except pa.ArrowInvalid:
        return False
    return checksum is None or checksum == _checksum(batch)


def _checksum(batch: pa.RecordBatch) -> bytes:
    # with the schema: equal bytes under another type are other values
    summed = xxhash.xxh64(batch.schema.serialize())
    summed.update(batch.serialize())
    return summed.hexdigest().encode()


def _is_being_written(path: Path) -> bool:
    """Return whether a writer may be in the middle of a batch."""
    try:
        return time.time() - path.stat().st_mtime < WRITING_SECONDS
    except OSError:
        return True


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
    """Return the writer's notes from the metadata."""
    return dict(json_text.parse((schema.metadata or {}).get(b"mlops", b"{}")))
