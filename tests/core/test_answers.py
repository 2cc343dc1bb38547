"""What a model answers to some rows, computed once."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.svm import LinearSVC

from mlops_magics.core.answers import Answers
from mlops_magics.errors import InvalidInput

ROWS = pd.DataFrame({"x": [0.0, 1.0, 2.0, 3.0]})
LABELS = np.array(["no", "no", "yes", "yes"])


def _of(model: Any) -> Answers:
    return Answers.of(model, ROWS, "test rows")


def test_a_classifier_answers_labels_and_probabilities() -> None:
    """Probabilities are by label, in the order of the model's classes."""
    answers = _of(LogisticRegression().fit(ROWS, LABELS))

    assert answers.classifies is True
    assert answers.classes == answers.labels == ("no", "yes")
    assert list(answers.by_label or {}) == ["no", "yes"]
    assert np.allclose(sum((answers.by_label or {}).values()), 1)


def test_a_classifier_without_probabilities_has_labels_only() -> None:
    """A support vector machine knows its classes and gives no probability of them."""
    answers = _of(LinearSVC().fit(ROWS, LABELS))

    assert answers.labels == ("no", "yes")
    assert (answers.classes, answers.probabilities, answers.by_label) == (None, None, None)


def test_a_regressor_answers_numbers() -> None:
    """It has neither classes nor probabilities."""
    answers = _of(LinearRegression().fit(ROWS, [0.0, 2.0, 4.0, 6.0]))

    assert answers.classifies is False
    assert answers.labels is None
    assert np.allclose(answers.predicted, [0, 2, 4, 6])


class _Broken:
    """A model whose predict raises."""

    def predict(self, rows: Any) -> Any:
        raise ValueError("no column y")


def test_rows_that_the_model_cannot_predict_are_named() -> None:
    """The error says which rows and what the model said."""
    with pytest.raises(InvalidInput, match=r"cannot predict the test rows: ValueError: no column y"):
        _of(_Broken())


class _WithoutProbabilities(_Broken):
    """A classifier whose probabilities fail, as some meta-estimators' do."""

    classes_ = np.array([0, 1])

    def predict(self, rows: Any) -> Any:
        return np.zeros(len(rows))

    def predict_proba(self, rows: Any) -> Any:
        raise AttributeError("fit with probability=True")


def test_probabilities_that_fail_are_left_out() -> None:
    """The predictions are there, and what needs probabilities is not computed."""
    answers = _of(_WithoutProbabilities())

    assert len(answers.predicted) == len(ROWS)
    assert answers.classes is None
