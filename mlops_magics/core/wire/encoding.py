"""Records as JSON: NaN and infinities become null, times ISO 8601, numpy scalars plain ones."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import msgspec


def to_json(record: Any) -> Any:
    """Return a record as dicts, lists and plain values that any JSON writer takes.

    >>> to_json({"score": float("nan"), "created": dt.date(2026, 11, 29)})
    {'score': None, 'created': '2026-11-29'}
    """
    try:
        return msgspec.json.decode(msgspec.json.encode(record, enc_hook=_plain))
    except UnicodeEncodeError:  # half a letter, which UTF-8 has no bytes for
        return _finite(msgspec.to_builtins(record, enc_hook=_plain))


def _finite(value: Any) -> Any:
    """Return the value with NaN and infinities as None."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    return [_finite(item) for item in value] if isinstance(value, list) else value


def _plain(value: Any) -> Any:
    """Return what msgspec does not know itself: arrays and their scalars, and the subclasses that pandas makes."""
    if hasattr(value, "tolist"):
        return value.tolist()
    if isinstance(value, dt.date):
        return value.isoformat()
    return str(value)
