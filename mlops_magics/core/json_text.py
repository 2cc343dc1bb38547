"""A parser for untrusted JSON."""

from __future__ import annotations

import json
import re
from typing import Any

MOST_DIGITS = 308
"""Digits of an integer that is a float as well."""

_LONG_TEXT = re.compile(rf"\d{{{MOST_DIGITS + 1}}}", re.ASCII)
_LONG = re.compile(_LONG_TEXT.pattern.encode())


def parse(data: bytes | str) -> Any:
    """Return the value of a JSON text.

    The parser of the standard library raises `RecursionError` for a deep text, at a depth that depends on the caller,
    and reads integers that no float holds, so that arithmetic with them fails later.

    Raises
    ------
    ValueError
        The text is not valid JSON, is not valid UTF-8, is nested too deeply, or has an integer beyond all floats.
    """
    try:
        found = json.loads(data)
        if (_LONG_TEXT.search(data) if isinstance(data, str) else _LONG.search(data)) is not None:
            found = json.loads(data, parse_int=_whole)
        return found
    except RecursionError:
        raise ValueError("The JSON text is nested too deeply.") from None


def _whole(digits: str) -> int:
    if len(digits.lstrip("-")) > MOST_DIGITS:
        raise ValueError("The JSON text has an integer that is too large.")
    return int(digits)
