"""The preparation of a run, with its checks: recipe, new rows, held-out rows, values of names."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlops_magics.core import progress
from mlops_magics.core.retraining.champion_challenger import gain_metrics
from mlops_magics.core.retraining.claims.claim import Claim
from mlops_magics.core.retraining.new_rows import column_checks, hold_out, row_source
from mlops_magics.core.retraining.new_rows.hold_out import HoldOut
from mlops_magics.core.retraining.new_rows.row_source import NewRows
from mlops_magics.core.retraining.recipe import notebook_recipe
from mlops_magics.core.retraining.recipe.recipe import Recipe
from mlops_magics.core.retraining.running import bindings, history_check, stored_recipe
from mlops_magics.core.retraining.running.job import Job
from mlops_magics.core.retraining.running.order import Order
from mlops_magics.core.versioning import Board, ModelVersion
from mlops_magics.core.versioning.describing import fingerprint
from mlops_magics.errors import InvalidInput

if TYPE_CHECKING:
    import pandas as pd


PRIVATE = "memory://"
"""Boards that other processes do not see."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """The preparation of a run: its recipe, its rows and its choices."""

    board: Board
    parent: ModelVersion
    recipe: Recipe
    order: Order
    rows: NewRows
    training: pd.DataFrame
    held_out: pd.DataFrame
    text: str
    parameters: Mapping[str, str]
    values: Mapping[str, Any]
    notes: tuple[str, ...]


def prepare(board: Board, parent: ModelVersion, order: Order) -> Prepared:
    """Read and check everything that can be checked before anything is begun.

    Raises
    ------
    InvalidInput, NotFound, DataMismatch, NotTrusted
    """
    if board.url.startswith(PRIVATE):
        raise InvalidInput(f"The board {board.url} lives in this process alone: choose a folder with `%board PATH`.")
    if not board.writable:
        raise InvalidInput(f"The board {board.label} cannot be written, so no new version can be pinned on it.")
    task = stored_recipe.task_of(board, parent)
    gain_metrics.check([order.rule.metric, *order.rule.floors], task)
    recipe = _recipe(board, parent, order)
    parameters = bindings.parameters_of(recipe, order.parameters)
    progress.report("reading the new rows")
    column = stored_recipe.truth_column(recipe)
    rows = row_source.read(order.data, order.truth, parent, column=column, database=order.database)
    how = _how(order.hold_out, rows)
    kept = {rows.truth, *(name for name in (how.time, how.group) if name), *(order.segments or ())}
    # the code may read columns that the model does not, such as those it makes features of
    kept |= {name for each in recipe.data for name in each.columns}
    frame, notes = column_checks.conform(_positional(rows.frame, parent, kept), parent.prototype, kept)
    column_checks.check_truth(frame[rows.truth], task)
    cut = hold_out.cut(frame, how)
    training, held = frame.iloc[cut.training], frame.iloc[cut.held_out]
    hold_out.check_held_out(held[rows.truth])
    inner = _test_cut(recipe, training, how)
    values = bindings.values_of(recipe, *inner, rows.truth, parent.prototype, order.bind)
    said = (*rows.notes, *notes, *stored_recipe.differences(recipe))
    return Prepared(
        board, parent, recipe, order, dataclasses.replace(rows, frame=frame), training.reset_index(drop=True),
        held.reset_index(drop=True), cut.text, parameters, values, said,
    )  # fmt: skip


def _recipe(board: Board, parent: ModelVersion, order: Order) -> Recipe:
    if order.notebook is None:
        return stored_recipe.recipe_of(board, parent)
    return notebook_recipe.of_file(order.notebook)


def _how(wanted: HoldOut, rows: NewRows) -> HoldOut:
    """Hold out by time where the rows have one and nothing else is ordered."""
    if wanted.time is None and wanted.group is None and rows.time is not None:
        return dataclasses.replace(wanted, time=rows.time)
    return wanted


def _positional(frame: pd.DataFrame, parent: ModelVersion, kept: set[str]) -> pd.DataFrame:
    """Name the columns by their places where the model was trained on an array without names."""
    prototype = parent.prototype
    if prototype is None or prototype.input_kind != "array" or set(prototype.names) <= set(frame.columns):
        return frame
    features = [name for name in frame.columns if name not in kept]
    if len(features) != len(prototype.names):
        raise InvalidInput(
            f"{parent.ref} was trained on {len(prototype.names)} columns without names, and the new rows have "
            f"{len(features)} apart from the truth."
        )
    return frame.rename(columns=dict(zip(features, prototype.names)))


def _test_cut(recipe: Recipe, training: pd.DataFrame, how: HoldOut) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Split the rows for the names of ``--test`` from those to learn from, never from the held-out ones."""
    if not any(each.role.startswith("test") for each in recipe.data):
        return training, training
    again = training.reset_index(drop=True)
    inner = hold_out.cut(again, how)
    return again.iloc[inner.training].reset_index(drop=True), again.iloc[inner.held_out].reset_index(drop=True)


def write_job(prepared: Prepared, claim: Claim, folder: Job, made_champion: bool) -> None:
    """Write the rows and the order for the process of the recipe, and the choices for the decision.

    Parameters
    ----------
    made_champion
        Whether the parent became champion for this run.
    """
    order, recipe = prepared.order, prepared.recipe
    names = {name: f"name-{place}" for place, name in enumerate(prepared.values)}
    parameters = dict(prepared.parameters)
    if recipe.kind == "notebook":
        parameters |= _notebook_files(prepared, folder)
    else:
        for name, value in prepared.values.items():
            folder.write_rows(names[name], value)
    folder.write_rows("held-out", prepared.held_out)
    facts = {
        "run": claim.run,
        "trigger": dict(order.trigger),
        "source": prepared.rows.source,
        "data_fingerprint": fingerprint.of(prepared.rows.frame),
        "rows": len(prepared.rows.frame),
        "training_rows": len(prepared.training),
        "held_out_rows": len(prepared.held_out),
        "held_out": prepared.text,
        "parameters": dict(prepared.parameters),
    }
    folder.write_order(
        {
            "kind": recipe.kind, "board": prepared.board.url, "name": prepared.parent.name,
            "parent": prepared.parent.version, "facts": facts, "truth": prepared.rows.truth,
            "source": recipe.source, "line": list(recipe.line), "parameters": parameters, "names": names,
            **history_check.cells_of(recipe), "decision": order.decision_json(), "notebook": recipe.notebook,
            "folder": recipe.folder, "made_champion": made_champion,
        }
    )  # fmt: skip


def _notebook_files(prepared: Prepared, folder: Job) -> dict[str, str]:
    """Write the notebook, and the rows to learn from as a file, and return the parameter that holds its path."""
    recipe, parent = prepared.recipe, prepared.parent
    path = prepared.order.notebook
    data = Path(path).read_bytes() if path else prepared.board.read_file(parent, notebook_recipe.COPY)
    (folder.folder / notebook_recipe.COPY).write_bytes(data)
    ending = Path(recipe.data_file).suffix.lower()
    place = folder.folder / f"training{ending if ending in WRITERS else '.parquet'}"
    WRITERS.get(ending, WRITERS[".parquet"])(prepared.training, place)
    return {recipe.data[0].name: repr(str(place))}


WRITERS: dict[str, Callable[[pd.DataFrame, Path], Any]] = {
    ".parquet": lambda frame, place: frame.to_parquet(place, index=False),
    ".csv": lambda frame, place: frame.to_csv(place, index=False),
    ".json": lambda frame, place: frame.to_json(place, orient="records"),
    ".jsonl": lambda frame, place: frame.to_json(place, orient="records", lines=True),
    ".arrow": lambda frame, place: frame.to_feather(place),
    ".feather": lambda frame, place: frame.to_feather(place),
}
"""Writers of rows by the kind of file that the notebook reads."""
