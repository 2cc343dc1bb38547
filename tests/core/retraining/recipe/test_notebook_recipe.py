"""A notebook with a cell tagged `parameters` is a recipe; one that cannot be is refused before a kernel starts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd
import pytest

from mlops_magics import Session
from mlops_magics.core.retraining.recipe import notebook_recipe
from mlops_magics.errors import InvalidInput, MlopsError, NotFound, RetrainingFailed

PIN = "%%pin_model penguins --alias winner\nmodel = LogisticRegression(C=C).fit(X, y)"
CELLS = [
    "import pandas as pd\nfrom sklearn.linear_model import LogisticRegression",
    "data = 'old.parquet'\nC: float = 1.0",
    "%load_ext mlops_magics\n%board elsewhere",
    "rows = pd.read_parquet(data)\nX, y = rows[['a', 'b']], rows['species']\nsmall = X.abs().max().max()",
    PIN,
    "raise RuntimeError('what comes after the pin is not run')",
]


def notebook(path: Path, cells: list[str] = CELLS, tagged: int | None = 1) -> Path:
    """Write a notebook whose cell at a place is tagged."""
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])  # type: ignore[no-untyped-call]
    if tagged is not None:
        made.cells[tagged].metadata["tags"] = ["parameters"]
    nbformat.write(made, path)  # type: ignore[no-untyped-call]
    return path


def test_a_notebook_is_run_with_the_new_rows_until_it_has_pinned(
    session: Session, pinned: Any, new: pd.DataFrame, tmp_path: Path
) -> None:
    """Its path of the data is that of the new rows, a parameter changes, and the executed copy is kept."""
    path = notebook(tmp_path / "train.ipynb")
    run = session.retrain("penguins", data=new, truth="species", notebook=str(path), parameters={"C": 0.25})
    version = session.version(f"penguins@{run.version}")
    executed = nbformat.reads(session.board.read_file(version, "executed.ipynb").decode(), as_version=4)  # type: ignore[no-untyped-call]
    injected = [cell.source for cell in executed.cells if "injected-parameters" in cell.metadata.get("tags", ())]

    assert run.promoted
    assert version.parameters["C"] == 0.25
    assert (version.parent, run.held_out_rows) == (pinned.version, 300)
    assert len(injected) == 1
    assert "C = 0.25" in injected[0]
    assert "training.parquet" in injected[0]
    assert "winner" not in session.board.aliases("penguins")
    assert not (tmp_path / "elsewhere").exists()


def test_a_notebook_that_fails_is_one_line(session: Session, pinned: Any, new: pd.DataFrame, tmp_path: Path) -> None:
    """What raised is named; nothing is pinned."""
    path = notebook(tmp_path / "train.ipynb", [*CELLS[:3], "pd.read_parquet(data)['gust']"])
    with pytest.raises(RetrainingFailed, match="gust") as failed:
        session.retrain("penguins", data=new, truth="species", notebook=str(path))

    assert "\n" not in str(failed.value)
    assert len(session.versions("penguins")) == 1


REFUSED: dict[str, tuple[Any, type[MlopsError], str]] = {
    "no tag": (lambda path: notebook(path, tagged=None), InvalidInput, "no cell of the notebook is tagged"),
    "no path of data": (lambda path: notebook(path, ["C = 1.0", *CELLS], 0), InvalidInput, "path of the data"),
    "a secret": (lambda path: notebook(path, [*CELLS, "password = 'hunter2'"]), InvalidInput, "holds a secret"),
    "not a notebook": (lambda path: path.write_text("{}"), InvalidInput, "Not a valid notebook"),
    "not JSON": (lambda path: path.write_text("# a script"), InvalidInput, "Not a valid notebook"),
    "cells of another kind": (lambda path: path.write_text(json.dumps({"cells": 3})), InvalidInput, "no list of cells"),
    "no file": (lambda path: None, NotFound, "No file"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_notebook_that_cannot_be_a_recipe_is_refused(name: str, tmp_path: Path) -> None:
    """Before a kernel starts: with papermill, the old data would be learned again without a word."""
    make, kind, words = REFUSED[name]
    path = tmp_path / "train.ipynb"
    make(path)
    with pytest.raises(kind, match=words) as refused:
        notebook_recipe.of_file(str(path))

    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("parameters", "found"),
    [
        ({"data": "'x.csv'", "C": "1"}, "data"),
        ({"table": "'s3://bucket/x'", "model": "'forest'"}, "table"),
        ({"name": "'forest'", "input": "'SELECT 1'"}, "input"),
        ({"a": "'x.txt'", "b": "2"}, None),
    ],
)
def test_the_parameter_that_holds_the_rows(parameters: dict[str, str], found: str | None) -> None:
    """By its value, else by its name."""
    assert notebook_recipe.data_parameter(parameters) == found
