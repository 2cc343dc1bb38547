"""Formulas of statsmodels: a function of the user's own in a formula travels with the fitted model."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlops_magics.core.versioning import Board, Facts

pytestmark = pytest.mark.filterwarnings("ignore")
ROWS = pd.DataFrame({"a": [1.0, 2.0, 3.0, 5.0], "b": [0.0, 1.0, 0.0, 2.0]})
FACTOR = 3.0


def double(values: Any) -> Any:
    """Return twice the values."""
    return values * 2


def _formula(kind: str) -> Any:
    import statsmodels.api as sm
    import statsmodels.formula.api as smf

    def scaled(values: Any) -> Any:
        return values * FACTOR

    table = ROWS.assign(y=[1.0, 2.0, 2.5, 4.0])
    assert scaled(1) == FACTOR
    if kind == "a generalised model":
        return smf.glm("y ~ double(a)", table, family=sm.families.Gaussian()).fit()
    return smf.ols(FORMULAS[kind], table).fit()


FORMULAS = {
    "columns alone": "y ~ a",
    "a module": "y ~ np.log1p(a)",
    "a function": "y ~ double(a)",
    "a function inside a function": "y ~ scaled(a) + b",
    "transforms that remember training": "y ~ center(a) + standardize(b)",
    "a generalised model": "",
}


@pytest.mark.parametrize("kind", FORMULAS)
def test_a_formula_comes_back_in_another_process(board: Board, kind: str) -> None:
    """statsmodels evaluates the formula again while it is read; a reader needs nothing but joblib and statsmodels."""
    fitted = _formula(kind)
    version = board.publish(fitted, "line", Facts(example=ROWS))
    path = Path(board.url) / "line" / version.version / version.file
    code = (
        "import sys, joblib, pandas as pd\n"
        f"model = joblib.load({str(path)!r})\n"
        "print(model.predict(pd.DataFrame({'a': [4.0], 'b': [1.0]}))[0])\n"
        "assert 'mlops_magics' not in sys.modules"
    )
    answer = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd="/").stdout

    np.testing.assert_allclose(float(answer), fitted.predict(pd.DataFrame({"a": [4.0], "b": [1.0]}))[0])
    np.testing.assert_allclose(board.load("line").predict(ROWS), fitted.predict(ROWS))
