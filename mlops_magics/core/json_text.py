"""A parser for untrusted JSON."""

from __future__ import annotations

import json
from typing import Any


def parse(data: bytes | str) -> Any:
    """Return the value of a JSON text.

    The parser of the standard library raises `RecursionError` for a deep text, at a depth that depends on the caller.

    Raises
    ------
    ValueError
        The text is not valid JSON, is not valid UTF-8, or is nested too deeply.
    """
    try:
        return json.loads(data)
    except RecursionError:
        raise ValueError("The JSON text is nested too deeply.") from None
