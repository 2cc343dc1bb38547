"""Compression of a picture to few colours, which reduces a chart to a tenth of its renderer's bytes."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

MAGIC = b"\x89PNG\r\n\x1a\n"
COLOURS = 256
OPAQUE = 255
KEPT_BITS = 5  # of each channel when colours are distinguished
HEADER = ">IIBBBBB"
TRUE_COLOUR_WITH_ALPHA, WITH_PALETTE = (8, 6, 0, 0, 0), (8, 3, 0, 0, 0)
NO_FILTER, LEFT = 0, 1  # the stored form of a row: itself, or its difference from the pixel to the left

Pixels = npt.NDArray[np.uint8]


def lighter(png: bytes) -> bytes:
    """Return the picture with at most 256 colours, or unchanged unless it is opaque and stored as resvg stores."""
    pixels = _pixels(png)
    if pixels is None or pixels[..., 3].min() < OPAQUE:
        return png
    colours, places = _reduced(pixels[..., :3])
    height, width = places.shape
    rows = np.zeros((height, width + 1), dtype=np.uint8)  # each behind its filter: none
    rows[:, 1:] = places
    parts = [
        (b"IHDR", struct.pack(HEADER, width, height, *WITH_PALETTE)),
        (b"PLTE", colours.tobytes()),
        (b"IDAT", zlib.compress(rows.tobytes(), 9)),
        (b"IEND", b""),
    ]
    written = MAGIC + b"".join(_chunk(kind, body) for kind, body in parts)
    return written if len(written) < len(png) else png


def _pixels(png: bytes) -> Pixels | None:
    """Return ``(height, width, 4)`` channels."""
    found = list(_chunks(png))
    width, height, *kind = struct.unpack(HEADER, found[0][1])
    if tuple(kind) != TRUE_COLOUR_WITH_ALPHA:
        return None
    raw = zlib.decompress(b"".join(body for name, body in found if name == b"IDAT"))
    rows = np.frombuffer(raw, dtype=np.uint8).reshape(height, 4 * width + 1)
    filters, pixels = rows[:, 0], rows[:, 1:].reshape(height, width, 4)
    if not np.isin(filters, (NO_FILTER, LEFT)).all():
        return None
    summed = np.cumsum(pixels, axis=1, dtype=np.uint8)  # modulo 256, as the filter is defined
    return np.where((filters == LEFT)[:, None, None], summed, pixels)


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    place = len(MAGIC)
    while place < len(png):
        (size,) = struct.unpack_from(">I", png, place)
        yield png[place + 4 : place + 8], png[place + 8 : place + 8 + size]
        place += size + 12


def _reduced(pixels: Pixels) -> tuple[Pixels, Pixels]:
    """Return the palette, ``(n_colours, 3)``, and each pixel's place in it: the nearest of the most frequent ones."""
    coarse = pixels.astype(np.uint32) >> (8 - KEPT_BITS)
    keys = (coarse[..., 0] << 2 * KEPT_BITS) | (coarse[..., 1] << KEPT_BITS) | coarse[..., 2]
    flat = keys.ravel()
    counts = np.bincount(flat)
    used = np.flatnonzero(counts)
    sums = [np.bincount(flat, weights=pixels[..., channel].ravel())[used] for channel in range(3)]
    every = np.stack(sums, axis=1) / counts[used, None]
    palette = np.rint(every[np.argsort(-counts[used], kind="stable")[:COLOURS]])
    place_of = np.zeros(len(counts), dtype=np.uint8)
    place_of[used] = [((palette - colour) ** 2).sum(axis=1).argmin() for colour in every]
    return palette.astype(np.uint8), place_of[keys]


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
