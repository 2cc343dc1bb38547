"""The needs of a cell, read from live values: imports, definitions, values, data, obstacles."""

from __future__ import annotations

import ast
import builtins
import types
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any

from mlops_magics.core.retraining.recipe import definitions, live_values, module_changes, module_files
from mlops_magics.core.retraining.recipe.free_names import reads_of_function
from mlops_magics.core.retraining.recipe.live_values import MAIN, Code

LITERALS = (bool, int, float, str, list, tuple, dict, set, type(None))
"""Types whose values `--param` may change."""
MUTABLE = (list, dict, set)
FEWEST_ROWS = 10
"""Items from which a list that the cell fits on is data."""
REFITS = frozenset({"fit", "fit_transform", "fit_predict"})
"""Methods that learn from scratch: a fitted estimator that is used by them first may come back unfitted."""


@dataclass(slots=True)
class Needs:
    """The values of a cell's names, in the order in which they have to be restored.

    Attributes
    ----------
    namespace
        The variables of the notebook before the cell runs.
    cells
        The cells that ran before, oldest first.
    data_uses
        The names that the cell uses as data, however small.
    lines
        Imports, definitions and values, as code.
    parameters
        Literals by name, as code.
    data
        Names that hold data, with their values.
    unknown
        Names that no code rebuilds, with the reason.
    modules
        Top-level modules that the code imports.
    """

    namespace: Mapping[str, Any]
    cells: Sequence[str] = ()
    data_uses: Set[str] = frozenset()
    lines: list[str] = field(default_factory=list)
    parameters: dict[str, str] = field(default_factory=dict)
    data: dict[str, Any] = field(default_factory=dict)
    unknown: dict[str, str] = field(default_factory=dict)
    modules: set[str] = field(default_factory=set)
    _done: set[str] = field(default_factory=set)
    _objects: dict[int, str] = field(default_factory=dict)

    def add(self, name: str, *, refits: bool = False) -> None:
        """Resolve one name. ``refits`` means that the cell fits it before it reads anything else of it."""
        if name in self._done or name not in self.namespace:
            return
        value = self.namespace[name]
        if hasattr(builtins, name) and _is_builtin(name, value):
            return
        self._done.add(name)
        first = self._objects.setdefault(id(value), name)
        if first != name and isinstance(value, MUTABLE):
            self._share(name, first)
        elif isinstance(value, types.ModuleType):
            self._import(name, value)
        elif self._is_data(name, value):
            self.data[name] = value
        elif callable(value) and getattr(value, "__module__", None) == MAIN and hasattr(value, "__qualname__"):
            self._define(name, value)
        else:
            self._value(name, value, refits)

    def _is_data(self, name: str, value: Any) -> bool:
        used = name in self.data_uses
        if isinstance(value, list | tuple):
            return used and len(value) >= FEWEST_ROWS
        return live_values.shape_of(value) is not None and (used or not live_values.is_small(value))

    def _share(self, name: str, first: str) -> None:
        """Let two names mean one object again, so that a change through one is seen through the other."""
        if first in self.unknown:
            self.unknown[name] = self.unknown[first]
        else:
            self._line(f"{name} = {first}")

    def submodules(self, source: str) -> None:
        """Import the submodules that the code reaches through a package: ``sklearn.linear_model.Ridge``."""
        for node in ast.walk(ast.parse(source)):
            chain = _chain(node) if isinstance(node, ast.Attribute) else None
            if chain is None or not isinstance(self.namespace.get(chain[0]), types.ModuleType):
                continue
            found = self.namespace[chain[0]]
            for part in chain[1:]:
                found = getattr(found, part, None)
                if not isinstance(found, types.ModuleType):
                    break
                self._line(f"import {found.__name__}")
                self.modules.add(found.__name__.partition(".")[0])

    def verify(self) -> None:
        """Run the code apart, and undo every definition that does not give the live value."""
        aside: dict[str, Any] = {"__name__": MAIN, "__builtins__": __builtins__}
        try:
            for name, text in self.parameters.items():
                _run(f"{name} = {text}", aside)
            _run("\n".join(self.lines), aside)
        except Exception as fault:
            self.unknown["its definitions"] = f"{type(fault).__name__}: {fault}"[:120]
            return
        for name in sorted(self._done - self.data.keys() - self.unknown.keys()):
            live = self.namespace[name]
            try:
                equal = name in aside and (_was_fitted(live) or definitions.same(live, aside[name]))
            except RecursionError:  # of the value's own comparison, or of one that is too deep
                equal = False
            if not equal:
                self.unknown[name] = f"{_kind(live)}, changed after it was defined"

    def _line(self, line: str) -> None:
        if line not in self.lines:
            self.lines.append(line)

    def _import(self, name: str, module: types.ModuleType) -> None:
        if live_values.importable(module) is None:
            self.unknown[name] = "module that is not in a file"
            return
        changed = module_changes.change_of(module, self.cells, self.namespace, deep=module_files.is_own(module))
        if changed is not None:
            self.unknown[name] = f"module, changed by {changed}"
            return
        self._line(f"import {module.__name__} as {name}" if name != module.__name__ else f"import {name}")
        self.modules.add(module.__name__.partition(".")[0])

    def _define(self, name: str, value: Any) -> None:
        found = definitions.definition_of(value, self.cells)
        if found is None:
            self.unknown[name] = f"{_kind(value)} without a source that can be trusted"
            return
        reads = reads_of_function(found.node)
        if _has_results(value) and any(self._is_value(each) for each in reads if each != name):
            self.unknown[name] = f"{_kind(value)} with results of earlier calls: {name}.cache_clear()"
            return
        own = getattr(value, "__name__", name)
        if own != name and not isinstance(found.node, ast.Lambda) and self.namespace.get(own) is not value:
            self.unknown[name] = f"{_kind(value)}, defined as {own}"
            return
        for each in reads:
            if each not in (name, own):
                self.add(each)
        self.submodules(found.source)
        self._line(found.source.rstrip())
        if own != name and not isinstance(found.node, ast.Lambda):
            self._line(f"{name} = {own}")

    def _is_value(self, name: str) -> bool:
        """Return whether a name of the notebook is neither a module nor a function or class."""
        value = self.namespace.get(name)
        return name in self.namespace and not isinstance(value, types.ModuleType) and not callable(value)

    def _value(self, name: str, value: Any, refits: bool) -> None:
        if _fitted(value) and not (refits and not getattr(value, "warm_start", False)):
            self.unknown[name] = f"{type(value).__name__}, fitted"
            return
        found = live_values.home_of(value) if callable(value) else None
        changed = None if found is None else module_changes.change_of(value, self.cells, self.namespace)
        if changed is not None:
            self.unknown[name] = f"{_kind(value)}, changed by {changed}"
            return
        if found is not None and "." not in found[1]:
            self._line(f"from {found[0]} import {found[1]}" + (f" as {name}" if found[1] != name else ""))
            self.modules.add(found[0].partition(".")[0])
            return
        code = live_values.importable(value) if callable(value) else None
        code = code or self._instance_of_own_class(value) or live_values.expression_of(value)
        if code is None:
            self.unknown[name] = _kind(value)
        elif type(value) in LITERALS and not code.modules:
            self.parameters[name] = code.text
        else:
            for line in code.lines:
                self._line(line)
            self.modules |= {module.partition(".")[0] for module in code.modules}
            self._line(f"{name} = {code.text}")

    def _instance_of_own_class(self, value: Any) -> Code | None:
        """Rebuild an estimator whose class the notebook defines, by its parameters."""
        kind = type(value)
        if kind.__module__ != MAIN or not hasattr(value, "get_params"):
            return None
        name = kind.__name__
        if self.namespace.get(name) is not kind:
            return None
        self.add(name)
        parts = {key: live_values.expression_of(item) for key, item in value.get_params(deep=False).items()}
        if name in self.unknown or any(each is None for each in parts.values()):
            return None
        known = {key: each for key, each in parts.items() if each is not None}
        words = ", ".join(f"{key}={each.text}" for key, each in known.items())
        return Code(f"{name}({words})", frozenset().union(*(each.modules for each in known.values())))


def _run(code: str, namespace: dict[str, Any]) -> None:
    """Run the user's own definitions aside, without the future imports of this module."""
    exec(compile(code, "<recipe>", "exec", dont_inherit=True), namespace)  # noqa: S102 - the user's own code and kernel


def _chain(node: ast.AST) -> list[str] | None:
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return [node.id, *reversed(parts)] if isinstance(node, ast.Name) else None


def _has_results(value: Any) -> bool:
    """Return whether a function keeps results of earlier calls (``functools.lru_cache``)."""
    info = getattr(value, "cache_info", None)
    return callable(info) and bool(info().currsize)


def _is_builtin(name: str, value: Any) -> bool:
    """Return whether a name means Python's own function, or the one that IPython puts in its place (``open``)."""
    own = getattr(builtins, name)
    return value is own or getattr(value, "__wrapped__", None) is own


def _kind(value: Any) -> str:
    kind = type(value)
    home = kind.__module__.partition(".")[0]
    return kind.__name__ if home in ("builtins", MAIN) else f"{home}.{kind.__name__}"


def _fitted(value: Any) -> bool:
    """Return whether an estimator is fitted. One that does not follow scikit-learn's conventions is not checked."""
    if not hasattr(value, "get_params") or not hasattr(value, "fit") or isinstance(value, type):
        return False
    from sklearn.exceptions import NotFittedError
    from sklearn.utils.validation import check_is_fitted

    try:
        check_is_fitted(value)
    except (NotFittedError, TypeError):
        return False
    return True


def _was_fitted(value: Any) -> bool:
    return _fitted(value)
