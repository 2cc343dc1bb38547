"""The filters of Python's warnings as JSON. One that makes a warning an error decides which branch of a cell runs."""

from __future__ import annotations

import builtins
import importlib
import re
import warnings
from collections.abc import Iterable
from typing import Any

Filter = list[Any]
"""Action, pattern of the message, home and name of the category, pattern of the module, line."""


def current() -> list[Filter]:
    """Return the filters of this process, the first one that applies first."""
    return [
        [action, _text(message), category.__module__, category.__qualname__, _text(module), line]
        for action, message, category, module, line in warnings.filters
        if isinstance(category, type)
    ]


def restore(filters: Iterable[Filter]) -> None:
    """Set the filters that `current` returned. One whose category cannot be imported is left out."""
    found = []
    for action, message, home, name, module, line in filters:
        category = _category(home, name)
        if category is not None:
            found.append((action, _pattern(message), category, _pattern(module), line))
    if found:
        warnings.resetwarnings()  # which also forgets which warnings were shown
        warnings.filters[:] = found  # type: ignore[index]


def _text(pattern: re.Pattern[str] | str | None) -> Any:
    """Return a pattern with its flags, or the plain text that Python's first filters have."""
    return [pattern.pattern, int(pattern.flags)] if isinstance(pattern, re.Pattern) else pattern


def _pattern(text: Any) -> re.Pattern[str] | str | None:
    return re.compile(text[0], text[1]) if isinstance(text, list) else text


def _category(home: str, name: str) -> type[Warning] | None:
    try:
        found = getattr(importlib.import_module(home) if home != "builtins" else builtins, name)
    except (ImportError, AttributeError):
        return None
    return found if isinstance(found, type) and issubclass(found, Warning) else None
