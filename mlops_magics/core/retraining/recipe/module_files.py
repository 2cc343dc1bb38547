"""Modules of the user's own whose files were edited after their import: a fresh process imports another code."""

from __future__ import annotations

import ast
import importlib.util
import inspect
import marshal
import sys
import types
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from mlops_magics.core.retraining.recipe.definitions import same_code

HEADER = 16
"""Bytes before the code in a file of byte code."""


def is_own(module: types.ModuleType) -> bool:
    """Return whether a module is the user's own: neither installed nor of the standard library."""
    file = str(getattr(module, "__file__", None) or "")
    return (
        file.endswith(".py")
        and "site-packages" not in file
        and "dist-packages" not in file
        and module.__name__.partition(".")[0] not in sys.stdlib_module_names
    )


def edited(names: Iterable[str]) -> str | None:
    """Return the file of the first of these modules, or of one that they use, that is not the imported code any more.

    Parameters
    ----------
    names
        Names of modules. Only those of the user's own are looked at.
    """
    for module in _with_used(names):
        path = Path(str(module.__file__))
        try:
            now = compile(path.read_bytes(), str(path), "exec", dont_inherit=True)
        except (OSError, SyntaxError, ValueError):
            return path.name
        if not _is_imported(module, now, path):
            return path.name
    return None


def _with_used(names: Iterable[str]) -> Iterator[types.ModuleType]:
    """Yield the user's own modules among these, their submodules, and the own modules that they use, each once."""
    tops = {name.partition(".")[0] for name in names}
    waiting = [module for name, module in list(sys.modules.items()) if name.partition(".")[0] in tops]
    seen: set[str] = set()
    while waiting:
        module = waiting.pop()
        if not isinstance(module, types.ModuleType) or module.__name__ in seen or not is_own(module):
            continue
        seen.add(module.__name__)
        yield module
        homes = {getattr(value, "__module__", None) for value in vars(module).values() if callable(value)}
        waiting += [sys.modules[home] for home in homes if isinstance(home, str) and home in sys.modules]
        waiting += [value for value in vars(module).values() if isinstance(value, types.ModuleType)]


def _is_imported(module: types.ModuleType, now: types.CodeType, path: Path) -> bool:
    """Return whether the file's code is that of the import.

    The byte code is the import's own, unless another process has compiled the file since. Then functions and
    constants are compared with the live ones.
    """
    before = _byte_code(path)
    if before is not None and not same_code(before, now):
        return False
    live = vars(module)
    functions = {each.co_name: each for each in now.co_consts if isinstance(each, types.CodeType)}
    for name, code in functions.items():
        value = inspect.unwrap(live[name]) if callable(live.get(name)) else None
        mine = isinstance(value, types.FunctionType) and value.__module__ == module.__name__
        if mine and not same_code(value.__code__, code):  # type: ignore[union-attr]
            return False
    return all(name not in live or live[name] == value for name, value in _constants(path))


def _byte_code(path: Path) -> types.CodeType | None:
    try:
        data = Path(importlib.util.cache_from_source(str(path))).read_bytes()
        found = marshal.loads(data[HEADER:])  # noqa: S302 - Python's own cache of a file that was imported
    except (OSError, ValueError, EOFError, TypeError, NotImplementedError):
        return None
    return found if isinstance(found, types.CodeType) else None


def _constants(path: Path) -> Iterator[tuple[str, Any]]:
    """Yield the names that the file binds once, at its top level, to a literal."""
    tree = ast.parse(path.read_bytes())
    bound = Counter(
        each.id for each in ast.walk(tree) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)
    )
    for statement in tree.body:
        if not isinstance(statement, ast.Assign) or not isinstance(statement.value, ast.Constant):
            continue
        for target in statement.targets:
            if isinstance(target, ast.Name) and bound[target.id] == 1:
                yield target.id, statement.value.value
