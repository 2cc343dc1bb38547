"""The line that pins what a notebook has fitted: the sidebar puts it into a cell, where people change it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mlops_magics.magics.cell.candidates import is_fitted, predicts

USUAL = frozenset({"model", "clf", "reg", "est", "estimator", "pipe", "pipeline", "classifier", "regressor", "best"})
"""Names of variables that say nothing about a model."""
HELD_OUT = ("test", "valid", "hold")
"""Parts of the names of rows that a model was not fitted on."""
PAIRS = (("X", "y"), ("x", "y"), ("features", "labels"), ("features", "target"), ("data", "truth"), ("data", "target"))
"""How rows and their truth are named."""


def line(namespace: Mapping[str, Any]) -> str | None:
    """Return a line for the last fitted model, with the rows that have its columns, or None without a model.

    >>> line({"rows": [1, 2]}) is None
    True
    """
    variables = {name: value for name, value in namespace.items() if not name.startswith("_")}
    models = [name for name, value in variables.items() if _is_model(value)]
    if not models:
        return None
    name = models[-1]
    rows = {each: value for each, value in variables.items() if _fits(variables[name], value)}
    words = ["%pin_model", "my_model" if name in USUAL else name, name]
    return " ".join([*words, *_training(rows, variables), *_test(rows, variables)])


def _is_model(value: Any) -> bool:
    try:
        return not isinstance(value, type) and predicts(value) and is_fitted(value)
    except Exception:  # a variable of any library may fail while it is looked at
        return False


def _fits(model: Any, table: Any) -> bool:
    """Return whether a table has the columns of a model."""
    try:
        shape = table.shape
        names = getattr(model, "feature_names_in_", None)
        if len(shape) != 2 or names is None or not hasattr(table, "columns"):
            return len(shape) == 2 and shape[1] == model.n_features_in_
        return [str(each) for each in table.columns] == [str(each) for each in names]
    except Exception:  # a model without columns, or a variable that only looks like a table
        return False


def _training(rows: Mapping[str, Any], variables: Mapping[str, Any]) -> Iterator[str]:
    """Yield the rows that are called training rows, else those whose truth is there: others may be the whole data."""
    truths = {name: _truth(name, rows[name].shape[0], variables) for name in rows if not _is_held_out(name)}
    for name in sorted(truths, key=lambda each: ("train" not in each.lower(), truths[each] is None))[:1]:
        truth = truths[name]
        yield from ("--data", name, "--truth", truth) if truth else ("--data", name)


def _test(rows: Mapping[str, Any], variables: Mapping[str, Any]) -> Iterator[str]:
    for name in [each for each in rows if _is_held_out(each)][:1]:
        truth = _truth(name, rows[name].shape[0], variables)
        if truth is not None:
            yield from ("--test", name, truth)


def _is_held_out(name: str) -> bool:
    return any(part in name.lower() for part in HELD_OUT)


def _truth(name: str, count: int, variables: Mapping[str, Any]) -> str | None:
    """Return the variable of the truth: by its name, else the only one of that length."""
    known = [each for each, value in variables.items() if _length(value) == count]
    paired = [name.replace(rows, truth, 1) for rows, truth in PAIRS if rows in name]
    named = [each for each in paired if each in known]
    return named[0] if named else known[0] if len(known) == 1 else None


def _length(value: Any) -> int | None:
    """Return the length of a column of values, None for anything else."""
    shape = getattr(value, "shape", None)
    return shape[0] if isinstance(shape, tuple) and len(shape) == 1 and isinstance(shape[0], int) else None
