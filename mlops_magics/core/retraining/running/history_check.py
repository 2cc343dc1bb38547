"""The check of a recipe that needs earlier cells: a fresh process runs them and compares the values."""

from __future__ import annotations

import dataclasses
import secrets
import shutil
from collections.abc import Callable
from typing import Any

from mlops_magics.core import progress, state
from mlops_magics.core.retraining.recipe.recipe import Recipe
from mlops_magics.core.retraining.running.job import Job
from mlops_magics.core.retraining.running.recipe_process import RecipeProcess

FOLDER = "recipe-checks"
LIMIT = 60.0
"""Seconds that the earlier cells may take: a person waits for the pin."""

Check = Callable[[Recipe, str, str], str]
"""A check of the earlier cells, which returns the reason why they are not believed, or nothing."""


def checked(recipe: Recipe, board: str, name: str, check: Check | None = None) -> Recipe:
    """Return a recipe whose earlier cells are checked, or one that cannot be made again, with the reason.

    Parameters
    ----------
    recipe
        The recipe of a cell.
    board, name
        The board's URL and the model.
    check
        Another check, in place of a run in a fresh process.
    """
    if recipe.history is None or recipe.checked is not None:
        return recipe
    problem = (check or _run)(recipe, board, name)
    if not problem:
        return dataclasses.replace(recipe, obstacles=(), remedy="", checked=True)
    return dataclasses.replace(recipe, obstacles=(*recipe.obstacles, problem), history=None, checked=False)


def _run(recipe: Recipe, board: str, name: str) -> str:
    assert recipe.history is not None
    progress.report(f"checking that earlier cells make {', '.join(recipe.history.values)} again")
    found: list[dict[str, Any]] = []
    job = Job(state.directory(FOLDER) / secrets.token_hex(8))
    job.create()
    try:
        job.write_order(
            {
                "kind": "check", "board": board, "name": name, "parent": "", "facts": {}, "source": "", "line": [],
                "parameters": dict(recipe.parameters), "names": {}, **cells_of(recipe),
            }
        )  # fmt: skip
        in_time = _wait(RecipeProcess(job), recipe.folder, found)
    finally:
        shutil.rmtree(job.folder, ignore_errors=True)
    if not in_time:
        return f"the earlier cells took longer than {LIMIT:g} s in a fresh process"
    if any(each["step"] == "checked" for each in found):
        return ""
    last = next((each for each in found if each["step"] == "failed"), {"error": "an error", "message": ""})
    return f"the earlier cells in a fresh process: {last['error']}: {last['message']}".rstrip(": ")


def _wait(process: RecipeProcess, folder: str, found: list[dict[str, Any]]) -> bool:
    try:
        process.start(folder)
        return process.wait(LIMIT, found.append)
    except BaseException:
        process.stop()
        raise


def cells_of(recipe: Recipe) -> dict[str, Any]:
    """Return the part of an order that restores the notebook before the cell."""
    past = recipe.history
    return {
        "history": list(past.cells) if past else [],
        "values": dict(past.values) if past else {},
        "preamble": recipe.preamble,
        "random_state": recipe.random_state,
        "options": dict(recipe.options),
        "import_folders": dict(recipe.import_folders),
    }
