"""Splitting of a long JSON list of rows into short ones, so that only a piece of it is objects at a time."""

from __future__ import annotations

import re
from collections.abc import Iterator

CHUNK_BYTES = 1 << 20
"""About 10,000 records of ten numbers: the fixed cost of a piece is negligible among them."""
BEGINNING = re.compile(rb"\s*\[\s*([\[{])")
CUTS = {b"{": re.compile(rb'\}\s*,\s*\{\s*"'), b"[": re.compile(rb"\]\s*,\s*\[")}
"""The apparent boundary of two rows, by the beginning of a row."""


def split_rows(body: bytes, size: int = CHUNK_BYTES) -> Iterator[bytes] | None:
    """Return the pieces of a list of records or of lists, each a list itself, or ``None`` for all else, and if short.

    A cut may fall into a text or into a row. Then the piece before it leaves something open, and is not valid
    JSON: where each piece is JSON, all cuts were right.
    """
    begun = BEGINNING.match(body) if len(body) > 2 * size else None
    return _pieces(body, begun.start(1), CUTS[begun.group(1)], size) if begun is not None else None


def _pieces(body: bytes, start: int, between: re.Pattern[bytes], size: int) -> Iterator[bytes]:
    while (found := between.search(body, start + size)) is not None:
        yield b"[" + body[start : found.start() + 1] + b"]"
        start = body.index(b",", found.start()) + 1
    yield b"[" + body[start:]
