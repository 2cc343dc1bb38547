"""Models without ``predict``: functions, and models that answer one row at a time."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from river import anomaly, feature_extraction, linear_model, naive_bayes, preprocessing

from mlops_magics.core.versioning.formats.callable_model import CallableModel, wrapped
from tests.doors.sending import Endpoint

ROWS = [{"a": place / 20, "b": float(place % 3)} for place in range(20)]
TRUTH = [row["a"] > 0.5 for row in ROWS]
TEXTS = ["good film" if label else "bad film" for label in TRUTH]


def learned(model: Any, rows: list[Any], truth: list[Any] | None = None) -> Any:
    """Return a model of river that has seen all rows."""
    for place, row in enumerate(rows):
        model.learn_one(row) if truth is None else model.learn_one(row, truth[place])
    return model


CASES = (
    ("predict_one", learned(preprocessing.StandardScaler() | linear_model.LogisticRegression(), ROWS, TRUTH), ROWS),
    ("predict_one", learned(feature_extraction.BagOfWords() | naive_bayes.MultinomialNB(), TEXTS, TRUTH), TEXTS),
    ("score_one", learned(anomaly.HalfSpaceTrees(seed=1), ROWS), ROWS),
)


@pytest.mark.parametrize(("single", "model", "rows"), CASES, ids=["classifier", "texts", "detector"])
@pytest.mark.parametrize("as_frame", [False, True])
def test_a_model_of_single_rows_answers_tables(single: str, model: Any, rows: list[Any], as_frame: bool) -> None:
    """Pinned with a list of rows or a frame, a model of river is asked row by row."""
    data = (pd.DataFrame(rows) if isinstance(rows[0], dict) else pd.Series(rows)) if as_frame else rows

    found = Endpoint(data, model).client.predict(data)

    assert list(found) == [getattr(model, single)(row) for row in rows]


def test_probabilities_of_single_rows_are_named_by_class() -> None:
    """A classifier of river has its classes in each answer; a detector and a regressor have none."""
    model = CASES[0][1]

    assert wrapped(model).predict_proba(ROWS[:2]) == [model.predict_proba_one(row) for row in ROWS[:2]]
    assert not hasattr(wrapped(linear_model.LinearRegression()), "predict_proba")
    assert not hasattr(wrapped(CASES[2][1]), "transform")


def test_a_function_is_a_model() -> None:
    """A bare callable gets ``predict``."""
    assert isinstance(wrapped(len), CallableModel)
    assert wrapped(len).predict([1, 2]) == 2
