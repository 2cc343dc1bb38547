"""Formats: every kind of model comes back predicting the same, in the safest format that can hold it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlops_magics.core.versioning import Board, Facts, open_board
from mlops_magics.errors import InvalidInput, SerializationError
from tests.core.versioning.formats.fitted_models import MODELS


@pytest.mark.parametrize("kind", MODELS)
@pytest.mark.filterwarnings("ignore")
def test_every_kind_of_model_comes_back_equal(board: Board, rows: pd.DataFrame, kind: str) -> None:
    """`auto` chooses the safest format that is proven, and what is loaded predicts the same."""
    build, formats = MODELS[kind]
    fitted = build(rows)
    version = board.publish(fitted, "model", Facts(example=rows))
    loaded = board.load(version)

    assert version.format in formats.split()
    if kind == "onnx":
        np.testing.assert_allclose(loaded.predict(rows), rows.sum(axis=1), rtol=1e-6)
    else:
        expected = fitted.predict(rows) if hasattr(fitted, "predict") else fitted(rows)
        np.testing.assert_array_equal(loaded.predict(rows), expected)


@pytest.mark.parametrize(
    ("kind", "why"), [("own transformer", "fitted_models.Doubling"), ("function", "holds a function")]
)
@pytest.mark.filterwarnings("ignore")
def test_a_pickle_says_why_it_is_one(board: Board, rows: pd.DataFrame, kind: str, why: str) -> None:
    """The version tells what its safer formats lack; a version that needs no trust says nothing."""
    version = board.publish(MODELS[kind][0](rows), "model", Facts(example=rows))

    assert why in str(version.runs_code_because)
    assert board.version("model").runs_code_because == version.runs_code_because
    safe = board.publish(MODELS["forest"][0](rows), "model", Facts(example=rows))
    assert safe.runs_code_because is None
    asked = board.publish(MODELS["forest"][0](rows), "model", Facts(example=rows, format="joblib"))
    assert asked.runs_code_because == "the format joblib was chosen"


NOTEBOOK = """
import sys
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from mlops_magics.core.versioning import Facts, open_board

FACTOR = 2

class Own(TransformerMixin, BaseEstimator):
    def fit(self, X, y=None):
        self.fitted_ = True
        return self
    def transform(self, X):
        return X * FACTOR

rows = pd.DataFrame({"a": [1.0, 2.0, 3.0]})
model = make_pipeline(Own(), LinearRegression()).fit(rows, [2.0, 4.0, 6.0])
open_board(sys.argv[1]).publish(model, "own", Facts(example=rows))
"""


def test_a_class_of_the_notebook_is_read_in_another_process(tmp_path: Path) -> None:
    """Its definition travels by value, with the globals that it uses."""
    subprocess.run([sys.executable, "-c", NOTEBOOK, str(tmp_path / "board")], check=True)
    loaded = open_board(tmp_path / "board").load("own")

    np.testing.assert_allclose(loaded.predict(pd.DataFrame({"a": [5.0]})), [10.0])


def test_a_format_that_does_not_fit_is_refused(board: Board, model: Any) -> None:
    """An unknown word names what exists; a format of another library says so."""
    with pytest.raises(InvalidInput, match="did you mean 'skops'"):
        board.publish(model, "line", Facts(format="skop"))
    with pytest.raises(SerializationError, match="xgboost"):
        board.publish(model, "line", Facts(format="xgboost"))
