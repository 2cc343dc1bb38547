"""Metrics on held-out data, against scikit-learn's own numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import KMeans
from sklearn.ensemble import IsolationForest
from sklearn.linear_model import LinearRegression, LogisticRegression, RidgeClassifier
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.mixture import GaussianMixture
from sklearn.neighbors import LocalOutlierFactor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from mlops_magics.core import evaluation
from mlops_magics.core.answers import Answers
from mlops_magics.core.evaluation import task_of
from mlops_magics.core.monitoring.scoring.model_task import ModelTask
from mlops_magics.errors import InvalidInput


def evaluate(answers: Answers, truth: Any, task: ModelTask | None = None) -> dict[str, float]:
    """Return the scores alone."""
    return {each.metric: each.score for each in evaluation.evaluate(answers, truth, task)}


X = pd.DataFrame(np.random.default_rng(0).normal(size=(120, 2)), columns=["a", "b"])
NOISY = X["a"] + np.random.default_rng(1).normal(size=120)


def test_a_classifier_of_two_classes() -> None:
    """Accuracy, macro F1, and what its probabilities allow."""
    y = pd.Series(np.where(NOISY > 0, "yes", "no"))
    model = LogisticRegression().fit(X, y)
    found = evaluate(Answers.of(model, X, "test rows"), y)

    assert set(found) == {"accuracy", "f1_macro", "roc_auc", "log_loss"}
    assert found["accuracy"] == model.score(X, y)
    assert found["roc_auc"] == roc_auc_score(y, model.predict_proba(X)[:, 1])
    assert found["log_loss"] == log_loss(y, model.predict_proba(X))


def test_a_classifier_of_three_classes() -> None:
    """AUC is one class against the rest."""
    y = np.digitize(NOISY, [-0.5, 0.5])
    model = LogisticRegression().fit(X, y)

    assert evaluate(Answers.of(model, X, "test rows"), y)["roc_auc"] == roc_auc_score(
        y, model.predict_proba(X), multi_class="ovr"
    )


def test_a_classifier_without_probabilities() -> None:
    """What it does not tell is not guessed."""
    y = NOISY > 0

    assert set(evaluate(Answers.of(RidgeClassifier().fit(X, y), X, "test rows"), y)) == {"accuracy", "f1_macro"}


def test_a_regression_by_hand() -> None:
    """Residuals are 1, -1, 1, -1 around a flat line."""
    rows, y = np.array([[0.0], [0.0], [1.0], [1.0]]), np.array([2.0, 0.0, 2.0, 0.0])
    found = evaluate(Answers.of(LinearRegression().fit(rows, y), rows, "test rows"), y)

    assert found == pytest.approx({"rmse": 1.0, "mae": 1.0, "r2": 0.0})


def test_what_the_rows_do_not_define_is_left_out() -> None:
    """One class only has no AUC; nothing is NaN, since NaN is no JSON."""
    y = pd.Series(np.where(NOISY > 0, "yes", "no"))
    model = LogisticRegression().fit(X, y)
    found = evaluate(Answers.of(model, X[y == "yes"], "test rows"), y[y == "yes"])

    assert "roc_auc" not in found
    assert all(np.isfinite(list(found.values())))


class Plain:
    """A model that follows nobody's conventions."""

    def predict(self, rows: pd.DataFrame) -> list[str]:
        """Say the same every time."""
        return ["yes"] * len(rows)


def test_a_model_that_does_not_say_what_it_is_is_told_by_the_truth() -> None:
    """Words are classes."""
    assert evaluate(Answers.of(Plain(), X, "test rows"), ["yes"] * 60 + ["no"] * 60)["accuracy"] == 0.5


@pytest.mark.parametrize(
    ("rows", "y", "words"),
    [(X, [1.0], "120 rows, 1 truths"), (X[["a"]], NOISY, "cannot predict the test rows"), (X[:0], NOISY[:0], ".")],
)
def test_test_data_that_do_not_fit_are_refused(rows: pd.DataFrame, y: object, words: str) -> None:
    """One line says what is wrong."""
    with pytest.raises(InvalidInput, match=words):
        evaluate(Answers.of(LinearRegression().fit(X, NOISY), rows, "test rows"), y)


@pytest.mark.parametrize(
    "model",
    [
        IsolationForest(n_estimators=5, random_state=0),
        make_pipeline(StandardScaler(), LocalOutlierFactor(novelty=True)),
    ],
    ids=["alone", "in a pipeline"],
)
def test_an_outlier_detector_is_a_classifier_whose_positive_class_is_the_outlier(model: object) -> None:
    """Its answers are 1 and -1. A truth of 0 and 1 has two meanings beside them, and is refused with both."""
    answers = Answers.of(model.fit(X), X, "test rows")  # type: ignore[attr-defined]
    task = task_of(answers, None)

    assert (task.kind, task.classes, task.positive) == ("classification", ("1", "-1"), "-1")
    assert task_of(answers, None, 1).positive == "1"
    assert evaluate(answers, answers.predicted, task)["accuracy"] == 1.0
    with pytest.raises(InvalidInput, match=r"truth\.map\(\{0: 1, 1: -1\}\) where 1 is an outlier"):
        evaluate(answers, np.arange(len(X)) % 2, task)


def test_clusters_are_classes_and_no_numbers() -> None:
    """Errors of the codes of clusters would mean nothing."""
    clusters = KMeans(3, n_init=1, random_state=0).fit(X)

    assert task_of(Answers.of(clusters, X, "test rows"), None).classes == ("0", "1", "2")
    assert task_of(Answers.of(GaussianMixture(2).fit(X), X, "test rows"), None).kind == "classification"
