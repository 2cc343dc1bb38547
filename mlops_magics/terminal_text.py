"""Text for a terminal, which reads some characters as commands."""

from __future__ import annotations

import re

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""Characters that steer a terminal, or turn the direction of a text. Tabs and line feeds are not among them."""


def printable(text: str) -> str:
    """Return a text with its control characters as escapes: a name of another user must not steer a terminal.

    >>> printable("a\x1b[31m")
    'a\\\\x1b[31m'
    """
    return _CONTROL.sub(lambda found: ascii(found[0])[1:-1], text)
