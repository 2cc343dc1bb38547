"""Altair, imported without what nobody asked for."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from types import ModuleType
from typing import Any

SLOW = (
    "rfc3987_syntax"  # compiles 38 grammars when it is imported, 1.3 s; jsonschema imports it for one check of formats
)


def altair() -> Any:
    """Return altair; where jsonschema would load the grammars of international addresses, they wait for their first
    use."""
    waits = SLOW not in sys.modules and "jsonschema" not in sys.modules and importlib.util.find_spec(SLOW) is not None
    if waits:
        sys.modules[SLOW] = _stand_in()
    try:
        return importlib.import_module("altair")
    finally:
        if waits:
            del sys.modules[SLOW]


def _stand_in() -> ModuleType:
    """Return a module whose function loads the real one, and asks it."""

    def is_valid_syntax(*arguments: Any) -> Any:
        return importlib.import_module(SLOW).is_valid_syntax(*arguments)

    module = ModuleType(SLOW)
    module.is_valid_syntax = is_valid_syntax  # type: ignore[attr-defined]
    return module
