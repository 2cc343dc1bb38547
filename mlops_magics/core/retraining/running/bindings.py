"""The values of a recipe's names: new rows in the shape that the code expects, and changed parameters."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mlops_magics.core.retraining.recipe.recipe import DataName, Recipe
from mlops_magics.errors import InvalidInput, NotFound

if TYPE_CHECKING:
    import pandas as pd

    from mlops_magics.core.versioning import Prototype


def parameters_of(recipe: Recipe, changed: Mapping[str, Any]) -> dict[str, str]:
    """Return the parameters as Python literals, with those that the caller changes.

    Parameters
    ----------
    changed
        Values by name. A text that is a literal is read as one.

    Raises
    ------
    NotFound
        The recipe has no such parameter.
    """
    found = dict(recipe.parameters)
    for name, value in changed.items():
        if name not in found:
            hint = "" if found else "This recipe has none: a parameter is a small value that the cell reads."
            raise NotFound("parameter", name, sorted(found), hint=hint)
        found[name] = _literal(value)
    return found


def _literal(value: Any) -> str:
    if isinstance(value, str):
        try:
            ast.literal_eval(value)
            return value.strip()
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            return repr(value)
    text = repr(value)
    try:
        ast.literal_eval(text)
    except (ValueError, SyntaxError):
        raise InvalidInput(
            f"A parameter is a number, a text, or a list or dict of them, not {type(value).__name__}."
        ) from None
    return text


def values_of(
    recipe: Recipe, training: pd.DataFrame, test: pd.DataFrame, truth: str, prototype: Prototype | None,
    bound: Mapping[str, Any],
) -> dict[str, Any]:  # fmt: skip
    """Return the value of each name of data.

    Parameters
    ----------
    training, test
        The rows to learn from, and those for the names of ``--test``.
    truth
        The column with the truth.
    bound
        Values that the caller gives by name.

    Raises
    ------
    InvalidInput, NotFound
        A name is not bound, or a column is missing.
    """
    names = [each.name for each in recipe.data]
    unknown = sorted(bound.keys() - set(names))
    if unknown:
        raise NotFound("name of data", unknown[0], names, hint="--bind takes the names that the cell reads.")
    missing = [each.name for each in recipe.bound_by_hand if each.name not in bound]
    if missing:
        raise InvalidInput(
            f"The cell also reads {' and '.join(missing)}: give the new rows, such as --bind {missing[0]}=FILE."
        )
    return {
        each.name: _shaped(bound[each.name], each)
        if each.name in bound
        else _value(each, test if each.role.startswith("test") else training, truth, prototype)
        for each in recipe.data
    }


def _value(name: DataName, rows: pd.DataFrame, truth: str, prototype: Prototype | None) -> Any:
    if name.role in ("truth", "test truth"):
        column = rows[truth]
        return _shaped(column.rename(name.columns[0]) if name.columns else column, name)
    wanted = list(name.columns)
    if name.role != "rows" and not wanted and prototype is not None:
        wanted = list(prototype.names)
    if not wanted:
        return _shaped(rows, name)
    lost = [column for column in wanted if column not in rows.columns]
    if lost:
        raise NotFound(
            "column", lost[0], [str(each) for each in rows.columns], hint=f"{name.name} had it when it was pinned."
        )
    return _shaped(rows[wanted], name)


def _shaped(values: Any, name: DataName) -> Any:
    """Return values in the shape that the cell expects."""
    if name.shape == "array":
        return values.to_numpy() if hasattr(values, "to_numpy") else values
    if name.shape == "list":
        return values.to_numpy().tolist() if hasattr(values, "to_numpy") else list(values)
    if name.shape == "polars":
        import polars as pl

        return pl.from_pandas(values)
    if name.shape == "arrow":
        import pyarrow as pa

        return pa.Table.from_pandas(values, preserve_index=False)
    if name.shape == "series" and hasattr(values, "columns"):
        return values.iloc[:, 0]
    return values
