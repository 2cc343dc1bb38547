"""The recipe of a training function that a caller of `Session.pin` names."""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Callable
from typing import Any

from mlops_magics.core.retraining.recipe import cell_recipe
from mlops_magics.core.retraining.recipe.cell_recipe import CellFacts
from mlops_magics.core.retraining.recipe.live_values import MAIN
from mlops_magics.core.retraining.recipe.recipe import Recipe
from mlops_magics.errors import InvalidInput

TRAIN, ROWS, TARGET = "train", "training_rows", "training_truth"
"""The names of the function and its arguments in the recipe."""


def recipe_of(train: Callable[..., Any], data: Any, truth: Any) -> Recipe:
    """Return the recipe ``model = train(X, y)``, or ``train(X)`` for a function of one argument.

    Raises
    ------
    InvalidInput
        The function takes neither one nor two arguments, or is not given data.
    """
    if data is None:
        raise InvalidInput("A recipe needs the training data: pin with data=X, truth=y.")
    try:
        needed = [
            each
            for each in inspect.signature(train).parameters.values()
            if each.default is each.empty and each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD)
        ]
    except (TypeError, ValueError):
        needed = []
    if len(needed) not in (1, 2):
        raise InvalidInput("A recipe is a function of (X, y), or of X alone, that returns the fitted model.")
    rows, target = data, truth
    if len(needed) == 2 and isinstance(truth, str) and hasattr(data, "columns"):
        rows, target = data.drop(columns=truth), data[truth]
    code = f"model = {TRAIN}({ROWS}, {TARGET})" if len(needed) == 2 else f"model = {TRAIN}({ROWS})"
    truth_word = truth if len(needed) == 1 and isinstance(truth, str) else TARGET
    line = ("model", "--data", ROWS, *(("--truth", truth_word) if truth is not None else ()))
    namespace = {**_around(train), TRAIN: train, ROWS: rows, **({} if target is None else {TARGET: target})}
    prepared = cell_recipe.prepare(CellFacts(code, code, line, (), (), namespace, folder=os.getcwd()))
    assert prepared is not None
    return prepared.finish([(ROWS, TARGET)] if len(needed) == 2 else [])


def _around(train: Callable[..., Any]) -> dict[str, Any]:
    """Return the names that a function of the main module sees."""
    if getattr(train, "__module__", None) != MAIN:
        return {}
    own = getattr(inspect.unwrap(train), "__globals__", None) or vars(sys.modules[MAIN])
    return {name: value for name, value in own.items() if name not in (TRAIN, ROWS, TARGET)}
