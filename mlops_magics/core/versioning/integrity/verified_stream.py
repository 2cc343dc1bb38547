"""A stream that verifies each block of a large file before it hands on any byte of it."""

from __future__ import annotations

import io
import os
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, BinaryIO

from blake3 import blake3

from mlops_magics.core import progress
from mlops_magics.core.versioning.describing.model_version import StoredFile
from mlops_magics.core.versioning.stores.digests import BLOCK

AHEAD = 2
"""Blocks that are read and hashed while the reader still works on an earlier one."""

THREADS = min(4, os.cpu_count() or 1)
"""That read and hash blocks of a large array at once."""


class VerifiedStream(io.RawIOBase):
    """Reads a file of blocks from its start to its end.

    Small reads are served from blocks that were read ahead. A read of many blocks gets them in its own memory: they are
    hashed there, and it returns when all of them are what was written.

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
        self._threads = ThreadPoolExecutor(THREADS, "verify")
        self._ahead: deque[Future[memoryview]] = deque()
        self._free = [memoryview(bytearray(BLOCK)) for _ in range(AHEAD + 1)]
        self._held: memoryview | None = None
        self._next = self._handed = 0
        self._block = memoryview(b"")
        self._request()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer from the current block, or with the blocks after it where it has room for them."""
        if not len(self._block):
            whole = 0 if self._ahead else self._in_place(memoryview(buffer))
            if whole:
                return whole
            if not self._ahead:
                self._request()
            if not self._ahead:
                return 0
            self._take(refill=len(buffer) < 2 * BLOCK)
        size = min(len(buffer), len(self._block))
        buffer[:size] = self._block[:size]
        self._block = self._block[size:]
        return size

    def close(self) -> None:
        if not self.closed:
            self._threads.shutdown(cancel_futures=True)
            self._stream.close()
        super().close()

    def _take(self, refill: bool) -> None:
        """Make the next block the current one; the memory of the one before it is used again."""
        block = self._ahead.popleft().result()
        if self._held is not None:
            self._free.append(self._held)
        self._held = self._block = block
        self._tell(len(block))
        if refill:
            self._request()

    def _request(self) -> None:
        """Read ahead as far as there is memory."""
        while self._free and self._next < len(self._stored.blocks):
            self._ahead.append(self._threads.submit(self._verified, self._next, self._free.pop()))
            self._next += 1

    def _in_place(self, buffer: memoryview) -> int:
        """Read the whole blocks that fit into the buffer, all threads at once; return how many bytes they are."""
        blocks = min(len(buffer) // BLOCK, self._stored.size // BLOCK - self._next)
        if blocks < 1:
            return 0
        waiting = [
            self._threads.submit(self._verified, self._next + place, buffer[place * BLOCK : (place + 1) * BLOCK])
            for place in range(blocks)
        ]
        self._next += blocks
        for each in waiting:
            self._tell(len(each.result()))
        return blocks * BLOCK

    def _tell(self, size: int) -> None:
        """Say that so many bytes more were handed on."""
        self._handed += size
        progress.tell(f"reading {self._stored.name}", self._handed, self._stored.size, progress.BYTES)

    def _verified(self, number: int, buffer: memoryview) -> memoryview:
        """Read one block; it is hashed in the memory that is handed on, so that nobody can change it in between."""
        start = number * BLOCK
        block = buffer[: min(BLOCK, self._stored.size - start)]
        os.preadv(self._stream.fileno(), [block], start)
        if blake3(block).hexdigest() != self._stored.blocks[number]:
            raise self._damaged()
        return block
