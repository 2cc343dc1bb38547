"""Formulas of statsmodels with the user's own functions: the names in a formula are stored with the fitted model.

statsmodels does not pickle the names of a formula. It evaluates the formula again while it is read, and looks for them
in the frames of the functions that call it: those of pickle, in which no function of the user's is found.
"""

from __future__ import annotations

import copyreg
import sys
import types
from collections.abc import Callable, Iterator
from typing import Any

_DATA = "statsmodels.base.data"
"""The module with the classes that keep a formula's data."""


def reducers() -> dict[type, Callable[[Any], Any]]:
    """Return the table of pickle's reducers, with those for the data of formulas where statsmodels is loaded."""
    # a pickler's own table replaces copyreg's
    found: dict[type, Callable[[Any], Any]] = dict(copyreg.dispatch_table)
    module = sys.modules.get(_DATA)
    for kind in _subclasses(getattr(module, "ModelData", None)):
        found[kind] = _reduced
    return found


def _subclasses(kind: Any) -> Iterator[type]:
    if kind is not None:
        yield kind
        for each in kind.__subclasses__():
            yield from _subclasses(each)


def _reduced(data: Any) -> Any:
    names = _names(data)
    if not names:
        return data.__reduce_ex__(2)
    modules = {name: each.__name__ for name, each in names.items() if isinstance(each, types.ModuleType)}
    others = {name: each for name, each in names.items() if name not in modules}
    return _restored, (type(data), data.__getstate__(), others, modules)


def _names(data: Any) -> dict[str, Any]:
    """Return the names in the formula other than columns: functions, modules and numbers."""
    spec = getattr(data, "model_spec", None) or getattr(data, "design_info", None)
    factors = getattr(spec, "factor_infos", None) or {}
    spaces = [getattr(info.state.get("eval_env"), "_namespaces", []) for info in factors.values()]
    own = getattr(sys.modules.get("patsy.builtins"), "__dict__", {})
    return {
        name: value
        for one in spaces
        for space in one
        for name, value in space.items()
        if not name.startswith("__") and own.get(name) is not value  # its stateful transforms cannot be pickled
    }


def _restored(kind: Any, state: Any, names: dict[str, Any], modules: dict[str, str]) -> Any:
    """Return the data of a formula. It is called by frames whose globals are the names of the formula."""
    import importlib
    import types

    def frame(_frame: Any, _data: Any, _state: Any, _depth: int) -> None:
        if _depth:
            _frame(_frame, _data, _state, _depth - 1)
        else:
            _data.__setstate__(_state)

    known = {**names, **{name: importlib.import_module(module) for name, module in modules.items()}}
    data = kind.__new__(kind)
    call = types.FunctionType(frame.__code__, known)
    call(call, data, state, 5)  # statsmodels looks up to four frames away
    return data


_restored.__module__ = "__main__"  # stored by value, so that the file is read where this package is not installed
