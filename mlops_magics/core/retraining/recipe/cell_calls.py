"""The calls of a cell: those that take data, and those that cannot run again unattended."""

from __future__ import annotations

import ast
from collections.abc import Container

from mlops_magics.core.retraining.recipe.cell_names import CellNames

DYNAMIC = frozenset({"eval", "exec", "globals", "locals", "vars", "__import__"})
"""Functions that read names that no analysis finds."""
ASKS = frozenset({"input", "raw_input"})
"""Functions that wait for a person's input."""
ALLOWED_MAGICS = frozenset({"time", "matplotlib", "config", "load_ext", "reload_ext", "autoreload", "precision", "pdb"})
"""Magics that may run again: they change neither data nor model."""
TAKES_DATA = frozenset(
    {"fit", "fit_transform", "fit_predict", "partial_fit", "train_test_split", "cross_val_score", "cross_validate"}
)
"""Functions and methods whose arguments are data, however small."""
RUNS_CODE = frozenset({"time"})
"""Those among them whose text is code of the cell."""


def read(node: ast.Call, names: CellNames, seen: Container[str]) -> list[ast.stmt]:
    """Add a call to the names of its cell, and return the code that it has as a text: that of ``%time``.

    Parameters
    ----------
    seen
        The names that were used before the call.
    """
    name, function = _called(node), node.func
    last = name.rpartition(".")[2]
    owner = function.value if isinstance(function, ast.Attribute) else None
    if isinstance(function, ast.Attribute) and isinstance(owner, ast.Name) and owner.id not in seen:
        # only the first call of a name: one that is fitted before it is read does not need its fitted state
        names.first_calls[owner.id] = function.attr
    if last == "fit" and owner is not None:
        names.fits.append(_fit(node))
    if last in TAKES_DATA:
        names.data_uses |= {
            each.id for part in _arguments(node) for each in ast.walk(part) if isinstance(each, ast.Name)
        }
    if name in DYNAMIC and not (name == "vars" and node.args):
        names.obstacles.append(f"it calls {name}(), which reads names that cannot be seen")
    elif name in ASKS or name.endswith("getpass"):
        names.obstacles.append(f"it needs a person's input ({name}())")
    elif name.startswith("get_ipython()."):
        return _magic(last, node, names)
    return []


def _fit(node: ast.Call) -> tuple[str | None, str | None]:
    given = {**dict(zip(("X", "y"), node.args)), **{each.arg: each.value for each in node.keywords if each.arg}}
    features, truth = (ast.unparse(given[key]) if key in given else None for key in ("X", "y"))
    return features, truth


def _magic(method: str, node: ast.Call, names: CellNames) -> list[ast.stmt]:
    given = [str(each.value) for each in node.args if isinstance(each, ast.Constant)]
    if method in ("system", "getoutput"):
        names.obstacles.append(f"it runs a command (!{given[0] if given else ''})"[:80])
    elif method in ("run_line_magic", "run_cell_magic") and given and given[0] not in ALLOWED_MAGICS:
        names.obstacles.append(f"it uses %{given[0]}")
    elif given and given[0] in RUNS_CODE:
        return ast.parse(given[-1]).body
    elif method not in ("run_line_magic", "run_cell_magic"):
        names.obstacles.append("it uses get_ipython()")
    return []


def _called(node: ast.Call) -> str:
    """Return the name of a called function: ``eval``, ``getpass.getpass``, ``get_ipython().system``."""
    try:
        return ast.unparse(node.func)
    except (ValueError, RecursionError):
        return ""


def _arguments(node: ast.Call) -> list[ast.expr]:
    return [*node.args, *(each.value for each in node.keywords)]
