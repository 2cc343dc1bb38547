"""The limits of an endpoint, each with its unit and its reason."""

from __future__ import annotations

from dataclasses import dataclass

MEBIBYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds that keep memory and time finite for any input."""

    body_bytes: int = 64 * MEBIBYTE
    """One body after decompression. 100,000 rows of ten floats as JSON records are 17 MiB."""
    buffered_bytes: int = 256 * MEBIBYTE
    """All bodies that are being received or wait for a response."""
    header_bytes: int = 32 * 1024
    """The head of one request."""
    rows: int = 1_000_000
    """Rows of one request."""
    columns: int = 4096
    """Columns of one row, including those that the model does not read."""
    decoded_bytes: int = 256 * MEBIBYTE
    """Memory that one body may take while it is read, in any format."""
    waiting: int = 4096
    """Requests that wait for the model. More are answered 503 with Retry-After."""
    waiting_bytes: int = 256 * MEBIBYTE
    """Decoded rows that wait for the model (a small compressed body can hold a million rows)."""
    connections: int = 4096
    """Open connections of one worker."""
    seconds: float = 60.0
    """From the last byte of a request to its response."""
    header_seconds: float = 10.0
    """From the first byte of a request to the end of its head."""
    stall_seconds: float = 20.0
    """Without a byte of an announced body, or with a response that the client does not read."""
    idle_seconds: float = 75.0
    """Between two requests of one connection."""
    log_bytes: int = 4 << 30
    """Of the prediction log of one model. The oldest segments are removed first."""
    drain_seconds: float = 10.0
    """For the requests in progress when the endpoint stops."""
