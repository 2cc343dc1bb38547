"""Hashes of a file, computed while its bytes pass by."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import xxhash

BLOCK = 8 * 1024 * 1024
"""Bytes under one block hash: a reader verifies this many before it hands them on."""


@dataclass(frozen=True, slots=True)
class Digest:
    """Size and hashes of a file; ``blocks`` are the sha256 of each `BLOCK` bytes."""

    size: int
    sha256: str
    xxh64: str
    blocks: tuple[str, ...] = ()


class Hasher:
    """Feeds every hash of a file; ``finish`` gives them."""

    def __init__(self) -> None:
        self._sha256, self._xxh64, self._block = hashlib.sha256(), xxhash.xxh64(), hashlib.sha256()
        self._blocks: list[str] = []
        self._size = self._in_block = 0

    def update(self, data: Any) -> None:
        """Take the next bytes."""
        view = memoryview(data).cast("B")
        self._sha256.update(view)
        self._xxh64.update(view)
        self._size += len(view)
        while len(view):
            part = view[: BLOCK - self._in_block]
            self._block.update(part)
            self._in_block += len(part)
            view = view[len(part) :]
            if self._in_block == BLOCK:
                self._end_block()

    def _end_block(self) -> None:
        self._blocks.append(self._block.hexdigest())
        self._block, self._in_block = hashlib.sha256(), 0

    def finish(self) -> Digest:
        """Return the hashes of everything that was taken."""
        if self._in_block and self._blocks:
            self._end_block()
        return Digest(self._size, self._sha256.hexdigest(), self._xxh64.hexdigest(), tuple(self._blocks))
