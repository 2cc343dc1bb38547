"""The line that the sidebar writes for a notebook's own model."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from sklearn.linear_model import LinearRegression
from sklearn.tree import DecisionTreeClassifier

from mlops_magics.magics import first_pin

X = pd.DataFrame({"a": np.arange(6.0), "b": np.arange(6.0) % 2})
Y = X["b"] > 0
TREE = DecisionTreeClassifier().fit(X, Y)
CASES: dict[str, tuple[dict[str, Any], str | None]] = {
    "split rows": (
        {"X": X, "X_train": X[:4], "X_test": X[4:], "y_train": Y[:4], "y_test": Y[4:], "model": TREE},
        "%pin_model my_model model --data X_train --truth y_train --test X_test y_test",
    ),
    "the whole before its parts": (
        {"rows": X, "X": X[:4], "y": Y[:4], "model": TREE},
        "%pin_model my_model model --data X --truth y",
    ),
    "a name of its own": ({"X": X, "y": Y, "rain": TREE}, "%pin_model rain rain --data X --truth y"),
    "truth by its length": (
        {"frame": X, "wet": Y, "other": Y[:3], "clf": TREE},
        "%pin_model my_model clf --data frame --truth wet",
    ),
    "two truths": ({"frame": X, "wet": Y, "dry": ~Y, "clf": TREE}, "%pin_model my_model clf --data frame"),
    "other columns": ({"X": X.rename(columns={"a": "c"}), "clf": TREE}, "%pin_model my_model clf"),
    "arrays": (
        {"x": X.to_numpy(), "y": np.arange(6.0), "line": LinearRegression().fit(X.to_numpy(), np.arange(6.0))},
        "%pin_model line line --data x --truth y",
    ),
    "a sparse matrix": ({"x": sp.csr_matrix(X.to_numpy()), "clf": TREE}, "%pin_model my_model clf --data x"),
    "the last of two": ({"a": TREE, "b": LinearRegression().fit(X, Y)}, "%pin_model b b"),
    "not fitted": ({"X": X, "model": DecisionTreeClassifier()}, None),
    "private": ({"_model": TREE}, None),
}  # fmt: skip


@pytest.mark.parametrize("kind", CASES)
def test_the_line_names_what_the_notebook_has(kind: str) -> None:
    """The last fitted model, rows with its columns, and their truth where it is clear."""
    namespace, line = CASES[kind]

    assert first_pin.line(namespace) == line


class Strange:
    """A variable of a library whose attributes fail."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(name)


def test_a_variable_that_fails_is_passed_over() -> None:
    """It is neither a model nor a table."""
    assert first_pin.line({"s": Strange(), "model": TREE}) == "%pin_model my_model model"
