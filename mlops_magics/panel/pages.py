"""Tables in pages of records: a front end never gets more than it can draw."""

from __future__ import annotations

MOST = 500
"""Rows of one page."""


def page_slice(offset: int, limit: int) -> slice:
    """Return the rows of a page, at most `MOST`."""
    return slice(offset, offset + min(limit, MOST))
