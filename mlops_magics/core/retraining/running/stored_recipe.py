"""The recipe that is stored with a version, and whether it may be run here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlops_magics.core import json_text
from mlops_magics.core.retraining.recipe import notebook_recipe
from mlops_magics.core.retraining.recipe import recipe as recipes
from mlops_magics.core.retraining.recipe.recipe import Recipe
from mlops_magics.core.versioning import Board, ModelVersion
from mlops_magics.core.versioning.publishing.facts import PROFILE
from mlops_magics.errors import InvalidInput, NotFound, NotTrusted

if TYPE_CHECKING:
    from mlops_magics.core.monitoring.scoring.model_task import ModelTask


def recipe_of(board: Board, version: ModelVersion) -> Recipe:
    """Return the recipe of a version.

    Raises
    ------
    NotTrusted
        Another user pinned the version: a recipe is code.
    InvalidInput
        The version has none, or cannot be made again. The message names the remedy.
    """
    if version.stored(recipes.FILE) is None:
        raise InvalidInput(
            f"{version.ref} has no recipe: it was pinned without a cell or by an older release. Pin it once more, with "
            f"`%%pin_model {version.name}` over the cell that trains."
        )
    recipe = Recipe.from_bytes(board.read_file(version, recipes.FILE))
    if not recipe.possible:
        raise InvalidInput(f"{version.ref}: {recipe.sentence}")
    code = (recipes.FILE, notebook_recipe.COPY) if recipe.kind == "notebook" else (recipes.FILE,)
    if not all(board.trusts_code(version, file) for file in code):
        raise NotTrusted(
            f"{version.ref} was not pinned by you, and its recipe is code that would run here. If you trust it: "
            f"`%trust {version.ref}`."
        )
    return recipe


def truth_column(recipe: Recipe) -> str | None:
    """Return the column that held the truth when the version was pinned, where it had a name."""
    return next((each.columns[0] for each in recipe.data if each.role == "truth" and each.columns), None)


def task_of(board: Board, version: ModelVersion) -> ModelTask | None:
    """Return the task of a version, or None where the pin did not record it."""
    from mlops_magics.core.monitoring.scoring.model_task import FACT, ModelTask

    try:
        return ModelTask.from_json(json_text.parse(board.read_file(version, PROFILE)).get("facts", {}).get(FACT))
    except (NotFound, ValueError, AttributeError):
        return None


def differences(recipe: Recipe) -> list[str]:
    """Return notes on libraries that differ from those of the pin."""
    import importlib.metadata
    import platform

    notes = []
    for name, before in recipe.environment.items():
        try:
            now = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            now = "not installed"
        if now != before:
            notes.append(f"{name} {now}, it was {before}")
    if recipe.python and recipe.python.rpartition(".")[0] != platform.python_version().rpartition(".")[0]:
        notes.append(f"Python {platform.python_version()}, it was {recipe.python}")
    return [f"other libraries than at the pin: {', '.join(notes[:5])}"] if notes else []
