"""The earlier cells that make values which no line of code rebuilds, and the fingerprints of these values.

A static slice cannot be trusted: it misses a change through an alias. A process of its own therefore runs it and
compares the values before it is believed.
"""

from __future__ import annotations

import ast
import builtins
import types
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mlops_magics.core.retraining.recipe import value_fingerprint
from mlops_magics.core.retraining.recipe.free_names import names_of
from mlops_magics.core.retraining.recipe.recipe import History
from mlops_magics.core.versioning.describing.secrets import redaction

LONGEST = 50_000
"""Characters of all cells of a slice."""
SETS_STATE = frozenset({"seed", "manual_seed", "set_seed", "set_config", "set_option", "set_default_dtype"})
"""Functions of modules that change what later cells of the notebook do."""
ONLY_LOOKS = frozenset(
    {"head", "tail", "describe", "info", "plot", "hist", "show", "display", "print", "len", "type", "sample", "score",
     "predict", "predict_proba", "value_counts", "nunique", "unique", "mean", "sum", "isna", "corr"}
)  # fmt: skip
"""Functions and methods that change nothing. Those that begin with ``to_`` are among them."""
WRITES = (
    "to_",
    "save",
    "dump",
    "write",
    "upload",
    "publish",
    "delete",
    "unlink",
    "rename",
    "mkdir",
    "rmtree",
    "remove",
)
"""Beginnings of the methods that write outside the notebook."""
REACHES_OUT = frozenset({"post", "put", "patch", "system", "Popen", "check_call", "commit", "executemany", "send"})
"""Other functions that act outside the notebook."""
CONVERTS = frozenset({
    "to_numpy", "to_list", "to_frame", "to_dict", "to_datetime", "to_numeric", "to_timedelta", "to_pandas", "to_period",
    "to_timestamp", "to_dense", "to_arrow", "to_dummies", "to_physical", "to_series", "to_julian_date",
})  # fmt: skip
"""Conversions whose names begin as those that write."""


@dataclass(frozen=True, slots=True)
class Slice:
    """A history that may make values again, or the reason why there is none."""

    history: History | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class _Cell:
    source: str
    touches: frozenset[str]
    reads: frozenset[str]
    obstacles: tuple[str, ...]


def slice_of(cells: Sequence[str], wanted: Iterable[str], namespace: Mapping[str, Any]) -> Slice:
    """Return the cells that make the wanted names, in the order in which they ran.

    Parameters
    ----------
    cells
        Python code of the cells that ran without an error, oldest first.
    namespace
        The variables of the notebook now: the values that a fresh process has to give again.
    """
    targets = list(wanted)
    values = {name: value_fingerprint.of(namespace[name]) for name in targets}
    if not all(values.values()):
        return Slice()
    modules = {name for name, value in namespace.items() if isinstance(value, types.ModuleType)}
    known = [each for each in (_read(cell, modules) for cell in cells) if each is not None]
    chosen, needed = _closure(known, set(targets))
    lost = sorted(needed - {name for each in chosen for name in each.touches} - set(dir(builtins)))
    if lost:
        return Slice(problem=f"no earlier cell makes {lost[0]}")
    obstacles = [reason for each in chosen for reason in each.obstacles]
    if obstacles:
        return Slice(problem=f"an earlier cell cannot run again: {obstacles[0]}")
    if sum(len(each.source) for each in chosen) > LONGEST:
        return Slice(problem=f"the earlier cells have more than {LONGEST:,} characters")
    return Slice(History(tuple(each.source for each in chosen), {name: str(text) for name, text in values.items()}))


def _closure(cells: Sequence[_Cell], wanted: set[str]) -> tuple[list[_Cell], set[str]]:
    """Return every cell that touches a needed name, whenever it ran, and the names that these cells need.

    The order is left out of account on purpose: a function reads a global that a later cell bound.
    """
    needed = set(wanted)
    chosen: set[int] = set()
    while True:
        found = {place for place, each in enumerate(cells) if each.touches & needed}
        if found == chosen:
            return [cells[place] for place in sorted(chosen)], needed
        chosen = found
        needed |= {name for place in chosen for name in cells[place].reads}


def _read(source: str, modules: set[str]) -> _Cell | None:
    try:
        names, tree = names_of(source), ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return None
    obstacles = [*names.obstacles, *_acts_outside(tree)]
    if redaction.redact(source) != source:
        obstacles.append("it holds a secret")
    touches = names.binds | (_changed(tree, modules) & set(names.reads))
    return _Cell(source, frozenset(touches), frozenset(names.reads), tuple(obstacles))


def _changed(tree: ast.AST, modules: set[str]) -> set[str]:
    """Return the names whose values the code may change in place."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute | ast.Subscript) and not isinstance(node.ctx, ast.Load):
            found.add(_root(node))
        elif isinstance(node, ast.Call):
            method = node.func.attr if isinstance(node.func, ast.Attribute) else ""
            called = method or (node.func.id if isinstance(node.func, ast.Name) else "")
            root = _root(node.func) if method else ""
            if called in SETS_STATE or (not _only_looks(called) and root not in modules):
                found.add(root)
            if not _only_looks(called) and root not in modules:
                found |= {each.id for each in node.args if isinstance(each, ast.Name)}
    return found - {""}


def _only_looks(called: str) -> bool:
    return called in ONLY_LOOKS or called.startswith("to_")


def _root(node: ast.AST) -> str:
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def _acts_outside(tree: ast.AST) -> Iterable[str]:
    """Yield the calls that write, send or delete: the check and a retraining must not repeat them."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        opens = isinstance(node.func, ast.Name) and node.func.id == "open" and len(node.args) + len(node.keywords) > 1
        writes = called.startswith(WRITES) and called not in CONVERTS
        if opens or writes or called in REACHES_OUT:
            yield f"it calls {called or 'open'}(), which acts outside the notebook"
