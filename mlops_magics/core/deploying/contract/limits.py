"""What an endpoint accepts at most: every limit in one record, each with its unit and its reason."""

from __future__ import annotations

from dataclasses import dataclass

MEBIBYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """The ceilings that keep memory and time bounded whatever is sent."""

    body_bytes: int = 64 * MEBIBYTE
    """One body, after decompression; 100,000 rows of ten floats as JSON records are 17 MiB."""
    buffered_bytes: int = 256 * MEBIBYTE
    """All bodies that are being received or wait for an answer."""
    header_bytes: int = 32 * 1024
    rows: int = 1_000_000
    columns: int = 4096
    """Of one row, those that the model does not read included."""
    decoded_bytes: int = 256 * MEBIBYTE
    """What one body may take in memory while it is read, whatever it is written in."""
    waiting: int = 4096
    """Requests that wait for the model; beyond it the answer is 503 with Retry-After."""
    waiting_bytes: int = 256 * MEBIBYTE
    """Their rows: a small body may stand for a million of them."""
    connections: int = 4096
    seconds: float = 60.0
    """From the last byte of a request to its answer."""
    header_seconds: float = 10.0
    """From the first byte of a request to the end of its headers."""
    stall_seconds: float = 20.0
    """Without a byte of a body that was announced, or with an answer that nobody reads."""
    idle_seconds: float = 75.0
    """Between two requests of one connection."""
    drain_seconds: float = 10.0
    """For what is being answered when the endpoint is told to stop."""
