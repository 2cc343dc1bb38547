"""The source of a function or class that the notebook itself defines, checked to be the live one."""

from __future__ import annotations

import ast
import enum
import inspect
import linecache
import textwrap
import types
from collections.abc import Iterable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from mlops_magics.core.retraining.recipe.live_values import MAIN

_IGNORED = frozenset(
    {"__dict__", "__weakref__", "__doc__", "__module__", "__firstlineno__", "__static_attributes__", "__annotations__",
     "__abstractmethods__", "_abc_impl", "__dataclass_fields__", "__dataclass_params__", "__match_args__",
     "__annotate__", "__annotate_func__", "__annotations_cache__", "__slotnames__"}
)  # fmt: skip
"""Entries of a class that differ between two equal definitions, or follow from others."""
_GENERATED = frozenset({"__init__", "__repr__", "__eq__", "__hash__", "__lt__", "__le__", "__gt__", "__ge__",
                        "__setattr__", "__delattr__", "__replace__"})  # fmt: skip
"""Methods that `dataclasses` writes from the fields."""
_compared: ContextVar[frozenset[tuple[int, int]]] = ContextVar("compared", default=frozenset())
"""The pairs of values whose comparison is under way."""


@dataclass(frozen=True, slots=True)
class Definition:
    """A definition's source and its syntax tree."""

    source: str
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda


def definition_of(value: Any, cells: Iterable[str] = ()) -> Definition | None:
    """Return the source of a function or class of the notebook, or None where it cannot be found or is not sure.

    Parameters
    ----------
    cells
        The cells that ran, oldest first: classes without methods are searched there.
    """
    if getattr(value, "__module__", None) != MAIN:
        return None
    found = _class_source(value, list(cells)) if isinstance(value, type) else _function_source(value)
    if found is None:
        return None
    node = _first(found)
    return Definition(found, node) if node is not None else None


def _first(source: str) -> Any:
    try:
        (statement,) = ast.parse(source).body
    except (SyntaxError, ValueError):
        return None
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return statement
    if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Lambda):
        return statement.value
    return None


def _function_source(value: Any) -> str | None:
    function = inspect.unwrap(value)
    # a closure or an attribute is a value that the source does not have
    if not isinstance(function, types.FunctionType) or function.__code__.co_freevars or vars(function):
        return None
    try:
        source = textwrap.dedent(inspect.getsource(function))
    except (OSError, TypeError, IndentationError):
        return None
    return source


def _class_source(value: type, cells: list[str]) -> str | None:
    for member in vars(value).values():
        code = getattr(inspect.unwrap(getattr(member, "__func__", member)), "__code__", None) if member else None
        # methods of a dataclass are compiled from a text of its own, which is not the class
        if code is not None and not code.co_filename.startswith("<string>"):
            found = _class_around("".join(linecache.getlines(code.co_filename)), value.__name__, code.co_firstlineno)
            if found is not None:
                return found
    for cell in reversed(cells):
        found = _class_around(cell, value.__name__, None)
        if found is not None:
            return found
    return None


def _class_around(text: str, name: str, line: int | None) -> str | None:
    """Return the source of a top-level class of this name, and around this line."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return None
    for node in reversed(tree.body):
        if isinstance(node, ast.ClassDef) and node.name == name:
            first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
            if line is None or first <= line <= (node.end_lineno or line):
                return "\n".join(text.splitlines()[first - 1 : node.end_lineno])
    return None


def same(live: Any, rebuilt: Any) -> bool:
    """Return whether a rebuilt value is equal to the live one: for functions and classes, by their code."""
    pair = id(live), id(rebuilt)
    if live is rebuilt or pair in _compared.get():  # a class that holds its own instances, such as an enumeration
        return True
    token = _compared.set(_compared.get() | {pair})
    try:
        return _same(live, rebuilt)
    finally:
        _compared.reset(token)


def _same(live: Any, rebuilt: Any) -> bool:
    if isinstance(live, type) and isinstance(rebuilt, type):
        return _same_class(live, rebuilt)
    if callable(live) and getattr(live, "__module__", None) == MAIN and hasattr(rebuilt, "__module__"):
        return type(live) is type(rebuilt) and _same_function(inspect.unwrap(live), inspect.unwrap(rebuilt))
    kinds = type(live), type(rebuilt)
    if kinds[0] is not kinds[1] and not (kinds[0].__module__ == MAIN and same(*kinds)):
        return False
    return _same_value(live, rebuilt)


def _same_value(live: Any, rebuilt: Any) -> bool:
    if isinstance(live, enum.Enum):
        return live.name == rebuilt.name and same(live.value, rebuilt.value)
    if hasattr(live, "get_params") and not isinstance(live, type):
        mine, theirs = live.get_params(deep=False), rebuilt.get_params(deep=False)
        return mine.keys() == theirs.keys() and all(same(mine[key], theirs[key]) for key in mine)
    if isinstance(live, list | tuple) and len(live) == len(rebuilt):
        return all(map(same, live, rebuilt))
    if isinstance(live, dict) and list(live) == list(rebuilt):
        return all(same(live[key], rebuilt[key]) for key in live)
    if hasattr(live, "dtype") and hasattr(live, "tobytes"):
        return bool(live.dtype == rebuilt.dtype and live.shape == rebuilt.shape and live.tobytes() == rebuilt.tobytes())
    if type(live).__name__ == "partial":
        return same([live.func, live.args, live.keywords], [rebuilt.func, rebuilt.args, rebuilt.keywords])
    try:
        # NaN is not equal to itself, and is the same value here
        return bool(live == rebuilt) or (live != live and rebuilt != rebuilt)
    except Exception:  # the value's own code
        return False


def _same_function(live: Any, rebuilt: Any) -> bool:
    if not isinstance(live, types.FunctionType) or not isinstance(rebuilt, types.FunctionType):
        return False
    return (
        same_code(live.__code__, rebuilt.__code__)
        and same(live.__defaults__, rebuilt.__defaults__)
        and same(live.__kwdefaults__, rebuilt.__kwdefaults__)
        and vars(live) == vars(rebuilt)
    )


def same_code(live: types.CodeType, rebuilt: types.CodeType) -> bool:
    """Return whether two code objects do the same. Their files and lines may differ."""
    fields = ("co_code", "co_names", "co_varnames", "co_freevars", "co_cellvars", "co_flags", "co_argcount")
    if any(getattr(live, name) != getattr(rebuilt, name) for name in fields):
        return False
    mine, theirs = live.co_consts, rebuilt.co_consts
    return len(mine) == len(theirs) and all(map(_same_constant, mine, theirs))


def _same_constant(live: Any, rebuilt: Any) -> bool:
    if isinstance(live, types.CodeType) and isinstance(rebuilt, types.CodeType):
        return same_code(live, rebuilt)
    # 1, 1.0 and True are equal, and so are 0.0 and -0.0: they are not the same constant
    return type(live) is type(rebuilt) and repr(live) == repr(rebuilt)


def _same_class(live: type, rebuilt: type) -> bool:
    if len(live.__bases__) != len(rebuilt.__bases__) or not all(map(same, live.__bases__, rebuilt.__bases__)):
        return False
    generated = _GENERATED if hasattr(live, "__dataclass_fields__") else frozenset()
    mine, theirs = (
        {key: value for key, value in vars(each).items() if key not in _IGNORED | generated} for each in (live, rebuilt)
    )
    return mine.keys() == theirs.keys() and all(_same_member(mine[key], theirs[key]) for key in mine)


def _same_member(live: Any, rebuilt: Any) -> bool:
    if type(live) is not type(rebuilt):  # an instance of a class of the notebook, such as a member of an enumeration
        return type(live).__module__ == MAIN and same(live, rebuilt)
    if isinstance(live, property):
        return all(same_or_none(getattr(live, each), getattr(rebuilt, each)) for each in ("fget", "fset", "fdel"))
    if isinstance(live, staticmethod | classmethod):
        return _same_function(live.__func__, rebuilt.__func__)
    if isinstance(live, types.FunctionType):
        return _same_function(inspect.unwrap(live), inspect.unwrap(rebuilt))
    if type(live).__module__.partition(".")[0] == "sklearn":  # attributes that scikit-learn adds to a class
        return same(vars(live), vars(rebuilt)) if hasattr(live, "__dict__") else True
    if type(live).__name__ in ("member_descriptor", "getset_descriptor"):
        return True
    return same(live, rebuilt)


def same_or_none(live: Any, rebuilt: Any) -> bool:
    """Return whether both are None, or the same function."""
    return (live is None and rebuilt is None) or _same_function(live, rebuilt)
