"""A hash of a live value that a fresh process can compare: fitted estimators, functions and classes of the notebook."""

from __future__ import annotations

import functools
import inspect
import types
from typing import Any

from mlops_magics.core.retraining.recipe.live_values import MAIN

MOST_PARTS = 2_000_000
"""Parts of one value: about ten seconds of hashing."""
_OF_CLASS = (
    "__dict__", "__weakref__", "__doc__", "__firstlineno__", "__module__", "__static_attributes__", "__slotnames__",
)  # fmt: skip
"""Entries of a class that do not change what it does. Pickle writes the last one, when it first sees an instance."""


def of(value: Any) -> str | None:
    """Return a hash of a value, or None where it cannot be compared: a connection, a module, a class of a library."""
    if isinstance(value, types.ModuleType) or (isinstance(value, type | types.FunctionType) and not _is_own(value)):
        return None
    try:
        return str(_hasher()().hash(value))
    except Exception:  # pickling runs the value's own code, which may raise anything
        return None


@functools.cache
def _hasher() -> Any:
    """Return the class of hashers. joblib comes with scikit-learn and is loaded on first use."""
    from joblib.hashing import NumpyHasher

    class Hasher(NumpyHasher):  # type: ignore[misc] # joblib has no types
        """joblib's hasher, for which a function of the notebook is its code and not its name."""

        def __init__(self) -> None:
            super().__init__("sha256")
            self.parts = 0
            self.inside: set[int] = set()

        def save(self, obj: Any) -> None:
            self.parts += 1
            if self.parts > MOST_PARTS:
                raise ValueError("too large to compare")
            super().save(self.facts_of(obj))

        def facts_of(self, obj: Any) -> Any:
            """Replace a function or class of the notebook by its facts, once: it may refer to itself."""
            if not _is_own(obj):
                return obj
            if id(obj) in self.inside:
                return ("again", obj.__qualname__)
            self.inside.add(id(obj))
            return _class_facts(obj) if isinstance(obj, type) else _function_facts(obj)

        def save_global(self, obj: Any, *given: Any, **options: Any) -> None:
            """Refuse what the notebook made and pickle would write by its name alone."""
            if getattr(obj, "__module__", None) == MAIN:
                raise ValueError("known by its name alone")
            super().save_global(obj, *given, **options)

    return Hasher


def _is_own(value: Any) -> bool:
    """Return whether pickle would write the value by its name alone, although the notebook made it."""
    if not isinstance(value, type | types.FunctionType):
        return False
    return value.__module__ == MAIN or "<locals>" in value.__qualname__ or value.__name__ == "<lambda>"


def _function_facts(value: types.FunctionType) -> tuple[Any, ...]:
    closure = tuple(cell.cell_contents for cell in value.__closure__ or ())
    own = {name: value.__globals__.get(name) for name in _globals_read(value.__code__) if name in value.__globals__}
    return (
        "function", _code_facts(value.__code__), value.__defaults__, value.__kwdefaults__, closure, vars(value),
        {name: each for name, each in own.items() if not isinstance(each, types.ModuleType)},
    )  # fmt: skip


def _globals_read(code: types.CodeType) -> list[str]:
    inner = [each for each in code.co_consts if isinstance(each, types.CodeType)]
    return sorted({*code.co_names, *(name for each in inner for name in _globals_read(each))})


def _code_facts(code: types.CodeType) -> tuple[Any, ...]:
    constants = tuple(_code_facts(each) if isinstance(each, types.CodeType) else repr(each) for each in code.co_consts)
    return ("code", code.co_code, code.co_names, code.co_varnames, code.co_flags, constants)


def _class_facts(value: type) -> tuple[Any, ...]:
    members = {name: _member(each) for name, each in vars(value).items() if name not in _OF_CLASS}
    return ("class", value.__qualname__, value.__bases__, members)


def _member(value: Any) -> Any:
    if isinstance(value, staticmethod | classmethod):
        return (type(value).__name__, value.__func__)
    if isinstance(value, property):
        return ("property", value.fget, value.fset, value.fdel)
    return str(type(value)) if inspect.isdatadescriptor(value) else value
