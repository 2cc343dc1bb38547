"""Changes that earlier cells made to modules and to classes of libraries: a fresh process imports them unchanged."""

from __future__ import annotations

import ast
import builtins
import sys
import types
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mlops_magics.core.retraining.recipe import module_files

LONGEST = 60
"""Characters of a statement in a reason."""
READS_ENVIRONMENT = ("environ", "getenv")
SETS_ENVIRONMENT = ("environ.update", "environ.setdefault", "putenv", "load_dotenv")
SEEDS = ("random.set_seed", "utils.set_random_seed")


def change_of(value: Any, cells: Sequence[str], namespace: Mapping[str, Any], *, deep: bool = False) -> str | None:
    """Return the statement of an earlier cell that replaced an attribute of a module, class or function.

    Parameters
    ----------
    namespace
        The variables of the notebook: a module may have several names.
    deep
        Count a change of anything below a module, such as a setting in an object. A library's options are its own.
    """
    for cell in cells:
        for target, text in _replaced(cell):
            holder, names = _holder(target, namespace)
            if holder is None:
                continue
            if holder is value and (deep or len(names) == 1):
                return text
            if isinstance(value, types.ModuleType) and len(names) == 1 and _is_below(holder, value):
                return text
    return None


def changes_of_imports(source: str, cells: Sequence[str], namespace: Mapping[str, Any]) -> list[str]:
    """Return the changes of Python's own functions, and of the modules that the code itself imports, as reasons."""
    found = [("builtins", change_of(builtins, cells, {**namespace, "__builtins__": builtins}))]
    for name in sorted(_imported(source)):
        module = sys.modules.get(name)
        if isinstance(module, types.ModuleType):
            found.append((name, change_of(module, cells, namespace, deep=module_files.is_own(module))))
    return [f"{name} (module, changed by {change})" for name, change in found if change is not None]


def _imported(source: str) -> set[str]:
    """Return the modules that the code imports, by their whole names."""
    names: set[str] = set()
    for node in _walk(source):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def seed_elsewhere(cells: Sequence[str]) -> str | None:
    """Return the statement of an earlier cell that seeds TensorFlow, whose state cannot be kept."""
    if "tensorflow" not in sys.modules:
        return None
    calls = (node for cell in cells for node in _walk(cell) if isinstance(node, ast.Call))
    return next((ast.unparse(node)[:LONGEST] for node in calls if ast.unparse(node.func).endswith(SEEDS)), None)


def environment_change(source: str, cells: Sequence[str]) -> str | None:
    """Return the statement of an earlier cell that sets a variable of the environment, where the code reads some."""
    if not any(word in source for word in READS_ENVIRONMENT):
        return None
    for cell in cells:
        for node in _walk(cell):
            for target in _targets(node):
                if isinstance(target, ast.Subscript) and ast.unparse(target.value).endswith("environ"):
                    return ast.unparse(node)[:LONGEST]
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(SETS_ENVIRONMENT):
                return ast.unparse(node)[:LONGEST]
            if isinstance(node, ast.Call) and _sets_by_magic(node):
                return ast.unparse(node)[:LONGEST]
    return None


def _sets_by_magic(node: ast.Call) -> bool:
    """Return whether a call is ``%env NAME=VALUE``."""
    words = [str(each.value) for each in node.args if isinstance(each, ast.Constant)]
    magic = ast.unparse(node.func).endswith("run_line_magic") and len(words) == 2
    return magic and (words[0] == "set_env" or (words[0] == "env" and len(words[1].replace("=", " ").split()) > 1))


def _walk(cell: str) -> Iterator[ast.AST]:
    try:
        yield from ast.walk(ast.parse(cell))
    except (SyntaxError, ValueError, RecursionError):
        return


def _targets(node: ast.AST) -> list[ast.expr]:
    if isinstance(node, ast.Assign):
        return node.targets
    return [node.target] if isinstance(node, ast.AugAssign | ast.AnnAssign) else []


def _replaced(cell: str) -> Iterator[tuple[list[str], str]]:
    """Yield the path of each attribute that a cell sets, with its statement."""
    for node in _walk(cell):
        for target in _targets(node):
            path = _path(target) if isinstance(target, ast.Attribute) else None
            if path is not None:
                yield path, ast.unparse(node)[:LONGEST]
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "setattr" and len(node.args) == 3:
            path, name = _path(node.args[0]), node.args[1]
            if path is not None:
                word = str(name.value) if isinstance(name, ast.Constant) else "?"
                yield [*path, word], ast.unparse(node)[:LONGEST]


def _path(node: ast.AST) -> list[str] | None:
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return [node.id, *reversed(parts)] if isinstance(node, ast.Name) else None


def _holder(path: list[str], namespace: Mapping[str, Any]) -> tuple[Any, list[str]]:
    """Follow a path through modules and classes, and return the last of them and the names that are left."""
    found, left = namespace.get(path[0]), path[1:]
    if not isinstance(found, types.ModuleType | type | types.FunctionType):
        return None, left
    while len(left) > 1:
        inner = getattr(found, left[0], None)
        if not isinstance(inner, types.ModuleType | type):
            break
        found, left = inner, left[1:]
    return found, left


def _is_below(holder: Any, module: types.ModuleType) -> bool:
    """Return whether a module or class belongs to a package."""
    home = holder.__name__ if isinstance(holder, types.ModuleType) else str(getattr(holder, "__module__", ""))
    return home == module.__name__ or home.startswith(f"{module.__name__}.")
