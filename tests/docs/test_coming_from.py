"""Every line that the page on other tools gives is run, in order, for each tool."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

import mlops_magics as mm

PAGE = Path(__file__).parents[2] / "docs" / "coming-from.md"
ROW = re.compile(r"^\| .+ \| `([^`]+)` \|$", re.MULTILINE)
SECTIONS = {part.splitlines()[0].strip(): part for part in PAGE.read_text(encoding="utf-8").split("\n## ")[1:]}
TOOLS = ("vetiver", "MLflow", "Evidently", "Weights & Biases")


def test_each_tool_has_a_table_and_each_row_a_line() -> None:
    """The page has the four tools, and no row without a line to run."""
    assert tuple(SECTIONS) == TOOLS
    for part in SECTIONS.values():
        rows = [line for line in part.splitlines() if line.startswith("|")][2:]
        assert len(rows) == len(ROW.findall(part)) >= 6


@pytest.mark.parametrize("tool", TOOLS)
def test_the_lines_run_in_order(tool: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a model, its data and new rows, each line of a table runs after the ones before it."""
    monkeypatch.chdir(tmp_path)
    random = np.random.default_rng(0)
    X = pd.DataFrame(random.normal(size=(80, 2)), columns=["a", "b"])
    y = (X["a"] > 0).astype(int)
    model = LogisticRegression().fit(X, y)
    new = (X + 0.5).assign(y=y, guess=model.predict(X))
    s = mm.Session(board="models")
    names: dict[str, object] = {"mm": mm, "s": s, "model": model, "X": X, "y": y, "new": new}
    if tool != "vetiver":
        s.pin(model, "penguins", data=X, truth=y)
        s.pin(model, "penguins", data=X, truth=y)

    try:
        for line in ROW.findall(SECTIONS[tool]):
            exec(line, names)
    finally:
        for name in names["s"].endpoints()["name"]:  # type: ignore[attr-defined]
            names["s"].stop(name)  # type: ignore[attr-defined]
