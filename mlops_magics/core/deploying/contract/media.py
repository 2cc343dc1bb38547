"""The media types that an endpoint reads and writes."""

from __future__ import annotations

JSON = "application/json"
CSV = "text/csv"
ARROW = "application/vnd.apache.arrow.stream"
PARQUET = "application/vnd.apache.parquet"


def media_type(content_type: str) -> str:
    """Return a Content-Type without its parameters, or JSON if there is none, since both vetiver clients send none."""
    return content_type.split(";", 1)[0].strip().lower() or JSON
