"""The columns of the prediction log are declared once."""

from __future__ import annotations

import ast
from pathlib import Path

import mlops_magics
from mlops_magics.core import log_columns

PACKAGE = Path(mlops_magics.__file__).parent
NAMES = {value for value in vars(log_columns).values() if isinstance(value, str) and value.startswith("mlops.")}


def test_no_other_module_spells_a_column_of_the_log() -> None:
    """Whoever reads or writes the log imports the names; a docstring may show them."""
    spelled = [
        f"{path.relative_to(PACKAGE)}:{node.lineno}"
        for path in PACKAGE.rglob("*.py")
        if path.name != "log_columns.py"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and node.value in NAMES
    ]
    assert len(NAMES) == 8
    assert spelled == []
