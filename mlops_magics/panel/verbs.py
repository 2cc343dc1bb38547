"""Every verb of the panel by name, and the one way to call it with a browser's fields."""

from __future__ import annotations

import functools
import inspect
import types
import typing
from collections.abc import Callable, Mapping
from typing import Any

from mlops_magics.errors import InvalidInput, InvalidName
from mlops_magics.panel import aliases, boards, documents, endpoints, models, renewals
from mlops_magics.panel.board_pool import BoardPool

MODULES = (boards, models, aliases, endpoints, renewals, documents)
VERBS: dict[str, Callable[..., Any]] = {
    name: verb for module in MODULES for name, verb in vars(module).items() if hasattr(verb, "address")
}
"""The declared functions of the modules. The name of a verb is that of its function."""
ADDRESSES: dict[str, tuple[str, str]] = {name: vars(verb)["address"] for name, verb in VERBS.items()}
"""Verb → method and address. Fields that the address does not name travel in the query or the body."""

NUMBER_DIGITS = 9
PARTS = {"name": "model name", "version": "version", "alias": "alias", "a": "version", "b": "version"}
"""Fields that become part of a reference."""


def call(pool: BoardPool, verb: str, given: Mapping[str, Any]) -> Any:
    """Run the verb that a front end requests, and return the reply's record.

    Parameters
    ----------
    given
        Fields by name. None counts as not given, and a whole number may be text, as in a query string.

    Raises
    ------
    InvalidInput
        For an unknown field, a missing one, or one of the wrong type.
    """
    known = fields(verb)
    unknown = sorted(given.keys() - known)
    if unknown:
        raise InvalidInput(f"{verb} takes {', '.join(known) or 'nothing'}, not {unknown[0]!r:.50}.")
    present = {name: value for name, value in given.items() if value is not None}
    words = {name: _checked(name, known[name][0], value) for name, value in present.items()}
    missing = next((name for name, (_, needed) in known.items() if needed and name not in words), None)
    if missing is not None:
        raise InvalidInput(f'The field {missing!r} is missing: {{"{missing}": …}}.')
    return VERBS[verb](pool, **words)


@functools.cache
def fields(verb: str) -> dict[str, tuple[type, bool]]:
    """Return the type of each field that a verb takes, and whether it is needed."""
    _, *parameters = inspect.signature(VERBS[verb], eval_str=True).parameters.values()
    return {each.name: (_type(each.annotation), each.default is inspect.Parameter.empty) for each in parameters}


def reply_type(verb: str) -> type:
    """Return the record that a verb answers with."""
    found: type = inspect.signature(VERBS[verb], eval_str=True).return_annotation
    return found


def _type(annotation: Any) -> type:
    """Return ``str`` for ``str | None``, ``dict`` for ``dict[str, Any]``."""
    if isinstance(annotation, types.UnionType):
        return _type(next(each for each in typing.get_args(annotation) if each is not types.NoneType))
    kind: type = typing.get_origin(annotation) or annotation
    return kind


def _checked(name: str, kind: type, value: Any) -> Any:
    """Return a field's value.

    Raises
    ------
    InvalidInput
        For another type, or a part of a reference that is not one word.
    """
    if kind is int:
        return _whole(name, value)
    # JSON has one kind of number, and a browser writes 1.0 as 1. True is an int in Python
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, kind):
        raise InvalidInput(f"The field {name!r} is of type {kind.__name__}.")
    # a name with these would make another reference, of another model or board
    if name in PARTS and {"@", ":"} & set(str(value)):
        raise InvalidName(f"{value!r:.80} is not a valid {PARTS[name]}: '@' and ':' separate the parts of a reference.")
    return value


def _whole(name: str, value: Any) -> int:
    text = str(value)
    # `int` also takes "1_000", and other texts raise an error of Python's
    if isinstance(value, bool) or not (text.isascii() and text.isdecimal() and len(text) <= NUMBER_DIGITS):
        raise InvalidInput(f"{name} is a whole number, not {text[:20]!r}.")
    return int(text)
