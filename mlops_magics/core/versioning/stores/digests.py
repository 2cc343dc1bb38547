"""The hashes of a file, computed while it is written, in threads of their own for a large file."""

from __future__ import annotations

import hashlib
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import xxhash

SMALL = 8 * 1024 * 1024
"""Bytes up to which a file is hashed in the writing thread, because other threads would cost more than they save."""

AHEAD = 8
"""Pieces that may wait for their hashes. This bounds the memory of a pin."""


@dataclass(frozen=True, slots=True)
class Digest:
    """Size in bytes and hashes of a file."""

    size: int
    sha256: str
    xxh64: str


class Hasher:
    """The computation of a file's two hashes: ours, and the one by which pins names versions.

    The hashes of a large file are computed in a thread each, while the file is written.
    """

    def __init__(self) -> None:
        self._sha256, self._xxh64, self._size = hashlib.sha256(), xxhash.xxh64(), 0
        self._threads: tuple[ThreadPoolExecutor, ...] = ()
        self._waiting: list[Future[None]] = []

    def update(self, data: Any) -> None:
        """Take the next bytes. They may change after this returns."""
        self._size += len(data)
        if self._size <= SMALL:
            self._sha256.update(data)
            self._xxh64.update(data)
            return
        piece = data if isinstance(data, bytes) else bytes(data)
        if not self._threads:
            self._threads = (ThreadPoolExecutor(1, "sha256"), ThreadPoolExecutor(1, "xxh64"))
        # hashlib lets other threads run while it takes a large piece
        self._waiting.append(self._threads[0].submit(self._sha256.update, piece))
        self._waiting.append(self._threads[1].submit(self._xxh64.update, piece))
        while len(self._waiting) > 2 * AHEAD:
            self._waiting.pop(0).result()

    def finish(self) -> Digest:
        """Return the hashes of all bytes that were taken."""
        for waiting in self._waiting:
            waiting.result()
        self.close()
        return Digest(self._size, self._sha256.hexdigest(), self._xxh64.hexdigest())

    def close(self) -> None:
        """End the threads without waiting for bytes that are not hashed yet."""
        for thread in self._threads:
            thread.shutdown(cancel_futures=True)
        self._threads = ()
