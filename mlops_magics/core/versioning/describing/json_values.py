"""Values reduced to what JSON and safe YAML can say, so that every reader of a board gets them back."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from mlops_magics.errors import InvalidInput

DEEPEST = 32
MOST_VALUES = 200_000


def plain(value: Any, where: str) -> Any:
    """Return the value as dicts, lists, strings, numbers, booleans and None.

    Numpy scalars and arrays, tuples, sets, dates and paths are accepted; anything else is refused rather than guessed.

    Raises
    ------
    InvalidInput
        Naming the field that cannot be stored.
    """
    return _Plain().of(value, where, 0)


class _Plain:
    """One conversion, which counts what it has seen: metadata are small, and a bomb is not."""

    def __init__(self) -> None:
        self._seen = 0

    def of(self, value: Any, where: str, depth: int) -> Any:
        self._seen += 1
        if depth > DEEPEST or self._seen > MOST_VALUES:
            raise InvalidInput(
                f"{where} is nested or large beyond what metadata may be; store it in a file of the version."
            )
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, str):
            return _text(value, where)
        if isinstance(value, int):
            return int(value)
        if isinstance(value, float):
            return float(value)
        if isinstance(value, Mapping):
            return {_key(key, where): self.of(item, f"{where}.{key}", depth + 1) for key, item in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            items = sorted(value, key=repr) if isinstance(value, set | frozenset) else value
            return [self.of(item, f"{where}[{place}]", depth + 1) for place, item in enumerate(items)]
        if isinstance(value, datetime | date):
            return value.isoformat()
        if type(value).__module__.partition(".")[0] == "numpy" and hasattr(value, "tolist"):
            return self.of(value.tolist(), where, depth + 1)
        raise InvalidInput(
            f"{where} is {type(value).__name__}, which metadata cannot hold. Store text, numbers, lists or dicts."
        )


def _key(key: Any, where: str) -> str:
    if isinstance(key, str | int | float | bool):
        return _text(str(key), where)
    raise InvalidInput(f"A key in {where} is {type(key).__name__}; keys of metadata are text.")


def _text(text: str, where: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise InvalidInput(f"{where} holds characters that are no valid Unicode; take them out.") from None
    return str(text)


def json_safe(value: Any) -> Any:
    """Return the value with NaN and infinities as None, which JSON has no word for."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: json_safe(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [json_safe(item) for item in value]
    return value
