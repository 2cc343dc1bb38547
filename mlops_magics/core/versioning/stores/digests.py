"""Hashes of a file, computed while its bytes pass by; those of a large one in threads beside the writing."""

from __future__ import annotations

import hashlib
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import xxhash
from blake3 import blake3

BLOCK = 8 * 1024 * 1024
"""Bytes under one block hash: a reader verifies this many before it hands them on."""

AHEAD = 8
"""Pieces that may wait for their hashes: what bounds the memory of a pin."""


@dataclass(frozen=True, slots=True)
class Digest:
    """Size and hashes of a file; ``blocks`` are the BLAKE3 of each `BLOCK` bytes, empty for a file of one block.

    BLAKE3 is as strong as sha256 and several times as fast, so that a load can verify each block on its way.
    """

    size: int
    sha256: str
    xxh64: str
    blocks: tuple[str, ...] = ()


class Hasher:
    """Feeds every hash of a file; ``finish`` gives them, ``close`` ends its threads."""

    def __init__(self) -> None:
        self._whole, self._blocks, self._size = _Whole(), _Blocks(), 0
        self._threads: tuple[ThreadPoolExecutor, ...] = ()
        self._waiting: list[Future[None]] = []

    def update(self, data: Any) -> None:
        """Take the next bytes; they may change after this returns."""
        self._size += len(data)
        if self._size <= BLOCK:
            self._whole.update(data)
            self._blocks.update(data)
            return
        piece = data if isinstance(data, bytes) else bytes(data)
        if not self._threads:
            self._threads = (ThreadPoolExecutor(1, "sha256"), ThreadPoolExecutor(1, "blocks"))
        self._waiting.append(self._threads[0].submit(self._whole.update, piece))
        self._waiting.append(self._threads[1].submit(self._blocks.update, piece))
        while len(self._waiting) > 2 * AHEAD:
            self._waiting.pop(0).result()

    def finish(self) -> Digest:
        """Return the hashes of everything that was taken."""
        for waiting in self._waiting:
            waiting.result()
        self.close()
        return Digest(self._size, self._whole.sha256.hexdigest(), self._whole.xxh64.hexdigest(), self._blocks.finish())

    def close(self) -> None:
        """End the threads; nothing waits for what was not hashed."""
        for thread in self._threads:
            thread.shutdown(cancel_futures=True)
        self._threads = ()


class _Whole:
    """The two hashes over all bytes: ours, and the one that pins names versions by."""

    def __init__(self) -> None:
        self.sha256, self.xxh64 = hashlib.sha256(), xxhash.xxh64()

    def update(self, data: Any) -> None:
        self.sha256.update(data)
        self.xxh64.update(data)


class _Blocks:
    """The hash of each block."""

    def __init__(self) -> None:
        self._done: list[str] = []
        self._block, self._filled = blake3(), 0

    def update(self, data: Any) -> None:
        view = memoryview(data).cast("B")
        while len(view):
            part = view[: BLOCK - self._filled]
            self._block.update(part)
            self._filled += len(part)
            view = view[len(part) :]
            if self._filled == BLOCK:
                self._done.append(self._block.hexdigest())
                self._block, self._filled = blake3(), 0

    def finish(self) -> tuple[str, ...]:
        rest = [self._block.hexdigest()] if self._filled else []
        blocks = (*self._done, *rest)
        return blocks if len(blocks) > 1 else ()
