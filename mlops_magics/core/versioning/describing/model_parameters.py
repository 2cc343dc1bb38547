"""The hyper-parameters of an estimator, and those of them that are not its defaults."""

from __future__ import annotations

import inspect
import math
from collections.abc import Mapping
from typing import Any

LONGEST_TEXT = 200
"""Characters of the text of a parameter."""


def of_model(model: Any) -> tuple[dict[str, Any], list[str]]:
    """Return the hyper-parameters of an estimator, and the names of those that differ from their defaults.

    Numbers, words and booleans stay as they are, the rest is short text.
    """
    given = _given(model)
    return {name: _as_json(value) for name, value in given.items()}, _changed(model, given)


def _given(model: Any) -> dict[str, Any]:
    get = getattr(model, "get_params", None)
    if not callable(get) or isinstance(model, type):
        return {}
    try:
        given = get()
    except Exception:  # the model's own code: parameters are optional
        return {}
    return {str(name): value for name, value in given.items()} if isinstance(given, dict) else {}


def _changed(model: Any, given: Mapping[str, Any]) -> list[str]:
    """Return the names of the parameters whose text is not that of the default of their own estimator."""
    defaults: dict[str, dict[str, Any]] = {"": _defaults(model)}
    changed = []
    for name, value in given.items():
        path, _, own = name.rpartition("__")
        if path not in defaults:
            defaults[path] = _defaults(given.get(path))
        if own not in defaults[path] or _as_json(value) != _as_json(defaults[path][own]):
            changed.append(name)
    return changed


def _defaults(owner: Any) -> dict[str, Any]:
    """Return the defaults of an estimator, by parameter, also of those that its class hands on to a base class."""
    found: dict[str, Any] = {}
    for each in type(owner).__mro__[:-1]:
        try:
            # mypy: a subclass may have another signature, which is what is asked here
            parameters = inspect.signature(each.__init__).parameters.values()  # type: ignore[misc]
        except (TypeError, ValueError):
            continue
        for parameter in parameters:
            if parameter.default is not parameter.empty:
                found.setdefault(parameter.name, parameter.default)
    return found


def _as_json(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | str):
        return value if not isinstance(value, str) else value[:LONGEST_TEXT]
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    try:
        return repr(value)[:LONGEST_TEXT]
    except Exception:  # a repr of the user's own class
        return f"<{type(value).__name__}>"
