"""Short labels of boards."""

from __future__ import annotations


def label(url: str) -> str:
    """Return a board's place by its last two words, or the whole of a URL.

    >>> label("/rides/2026/models"), label("s3://team-models/eu")
    ('2026/models', 's3://team-models/eu')
    """
    if "://" in url:
        return url
    return "/".join([word for word in url.split("/") if word][-2:])
