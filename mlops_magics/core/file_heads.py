"""The first bytes of a file of rows. A web page, and bytes that no text has, are refused before rows are read."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from mlops_magics.errors import InvalidInput

LONGEST = 2**16
"""Bytes that are looked at."""
PAGE = re.compile(rb"(?is)(?:\xef\xbb\xbf)?\s*(?:<!--.*?-->\s*)*<(?:!doctype|html|head|body|\?xml)\b")
"""The beginning of HTML or XML: a page of signing in, or of an error, in place of the file."""


def check(stream: Any, *, text: bool = False) -> None:
    """Refuse an open file that is not one of rows, and leave it where it was.

    Parameters
    ----------
    text
        Whether its format is text. A file of zero bytes alone would be read as one line without end.

    Raises
    ------
    InvalidInput
    """
    start = stream.tell()
    head = stream.read(LONGEST)
    stream.seek(start)
    if PAGE.match(head):
        raise InvalidInput("it is a web page (HTML or XML), not a file of rows")
    if text and b"\0" in head:
        raise InvalidInput("it holds zero bytes, so it is not text")


def check_file(path: str | Path) -> None:
    """Refuse a file of this machine that is not one of rows.

    Raises
    ------
    InvalidInput
    OSError
    """
    with open(path, "rb") as stream:
        check(stream)
