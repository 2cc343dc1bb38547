"""A stream that verifies each block of a large file before it hands on any byte of it."""

from __future__ import annotations

import io
import os
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, BinaryIO

from blake3 import blake3

from mlops_magics.core.versioning.records import StoredFile
from mlops_magics.core.versioning.stores.digests import BLOCK

AHEAD = 2
"""Blocks that are read and hashed while the reader still works on an earlier one."""


class VerifiedStream(io.RawIOBase):
    """Reads a file of blocks from its start to its end.

    Parameters
    ----------
    stream
        The file, open at its start; closed with this stream.
    stored
        Its record, with the hash of every block.
    damaged
        Makes the error for a block that is not what was written.
    """

    def __init__(self, stream: BinaryIO, stored: StoredFile, damaged: Callable[[], Exception]) -> None:
        self._stream, self._stored, self._damaged = stream, stored, damaged
        self._threads = ThreadPoolExecutor(1, "verify")
        self._ahead: deque[Future[tuple[memoryview, int]]] = deque()
        self._free = [memoryview(bytearray(BLOCK)) for _ in range(AHEAD + 1)]
        self._held: memoryview | None = None
        self._next = 0
        self._block = memoryview(b"")
        self._request()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer from the current block; the next block is waited for when that is used up."""
        if not len(self._block):
            if not self._ahead:
                return 0
            self._take()
        size = min(len(buffer), len(self._block))
        buffer[:size] = self._block[:size]
        self._block = self._block[size:]
        return size

    def close(self) -> None:
        if not self.closed:
            self._threads.shutdown(cancel_futures=True)
            self._stream.close()
        super().close()

    def _take(self) -> None:
        """Make the next block the current one; the memory of the one before it is used again."""
        buffer, size = self._ahead.popleft().result()
        if self._held is not None:
            self._free.append(self._held)
        self._held, self._block = buffer, buffer[:size]
        self._request()

    def _request(self) -> None:
        while self._free and self._next < len(self._stored.blocks):
            self._ahead.append(self._threads.submit(self._verified, self._next, self._free.pop()))
            self._next += 1

    def _verified(self, number: int, buffer: memoryview) -> tuple[memoryview, int]:
        """Read one block; it is hashed in the memory that is handed on, so that nobody can change it in between."""
        start = number * BLOCK
        size = os.preadv(self._stream.fileno(), [buffer[: min(BLOCK, self._stored.size - start)]], start)
        if blake3(buffer[:size]).hexdigest() != self._stored.blocks[number]:
            raise self._damaged()
        return buffer, size
