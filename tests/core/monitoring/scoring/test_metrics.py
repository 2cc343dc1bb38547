"""Metrics by every name of scikit-learn, callables, what is not defined, and which way is worse."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest
import sklearn.metrics
from sklearn.base import BaseEstimator, ClassifierMixin

from mlops_magics.core.monitoring import performance
from mlops_magics.core.monitoring.scoring import metrics
from mlops_magics.core.monitoring.scoring.metric import is_smaller_better
from mlops_magics.errors import InvalidInput, NotFound

SAMPLES = ("f1_samples", "jaccard_samples", "precision_samples", "recall_samples")
NAMES = [name for name in sklearn.metrics.get_scorer_names() if name not in SAMPLES]
NUMBERS = np.random.default_rng(0)
REAL = np.exp(NUMBERS.normal(size=300))


class _Fixed(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Answers that are known already, for scikit-learn's own scorers."""

    def __init__(self, answers: Any, chances: Any) -> None:
        self.answers, self.chances, self.classes_ = answers, chances, np.arange(chances.shape[1])
        self.is_fitted_ = True

    def predict(self, X: Any) -> Any:
        return self.answers

    def predict_proba(self, X: Any) -> Any:
        return self.chances


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("name", NAMES)
def test_every_scorer_of_scikit_learn_has_its_number(name: str, classes: int) -> None:
    """Of two classes and of three, and of positive numbers; where theirs refuses, ours says why."""
    numbers = np.random.default_rng(classes)
    if metrics.find(name).kind == "regression":
        truth, guess, chances = REAL, REAL * np.exp(numbers.normal(size=300) / 5), np.ones((300, 2)) / 2
    else:
        truth = numbers.integers(0, classes, 300)
        guess = np.where(numbers.random(300) < 0.3, numbers.integers(0, classes, 300), truth)
        chances = numbers.dirichlet(np.ones(classes), 300) * 0.5 + np.eye(classes)[truth] * 0.5
    frame = pd.DataFrame({"y": truth, "guess": guess})
    given = {label: chances[:, label] for label in range(classes)} if metrics.find(name).needs_scores else None
    ours = performance(frame, "y", "guess", name, probabilities=given)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            theirs = sklearn.metrics.get_scorer(name)(_Fixed(guess, chances), np.zeros((300, 1)), truth)
        except ValueError:  # an average is binary there, and macro here
            theirs = np.nan
    if np.isfinite(theirs):
        assert ours["score"].item() == pytest.approx(theirs)
    else:
        assert np.isfinite(ours["score"].item()) or ours.attrs["notes"]


@pytest.mark.parametrize("name", SAMPLES)
def test_metrics_of_several_labels_per_row_say_that_they_are(name: str) -> None:
    """The reason is true, and not that there is no such metric."""
    with pytest.raises(InvalidInput, match="several labels per row"):
        performance({"y": [0, 1], "guess": [0, 1]}, "y", "guess", name)


def test_a_callable_gets_labels_and_not_codes() -> None:
    """Words stay words, numbers numbers, and booleans booleans."""
    seen: list[Any] = []

    def cost(truth: np.ndarray, guess: np.ndarray) -> float:
        seen.append((truth.tolist(), guess.tolist()))
        return 1.0

    for labels in (["ok", "fraud"], [7, 9], [False, True], [0.5, 1.5]):
        frame = pd.DataFrame({"y": labels * 2, "guess": labels[::-1] * 2})
        performance(frame, "y", "guess", cost, kind="classification")
        assert seen[0] == (labels * 2, labels[::-1] * 2)
        seen.clear()


def test_one_class_so_far_has_the_numbers_of_scikit_learn() -> None:
    """Precision 1 where every answer is right, also with ones alone; 0 where nothing of the positive class happened."""
    ones, zeros = {"y": [1] * 5, "guess": [1] * 5}, {"y": [0] * 5, "guess": [0] * 5}
    names = ["precision", "recall", "f1", "f1_macro", "balanced_accuracy"]

    assert performance(ones, "y", "guess", names)["score"].tolist() == [1.0] * 5
    assert performance(zeros, "y", "guess", names)["score"].tolist() == [0.0, 0.0, 0.0, 1.0, 1.0]


def test_a_score_that_is_not_defined_says_why() -> None:
    """One class, one row, probabilities that do not sum to 1, and whatever a function raises."""
    chances = {label: np.full(6, 0.4) for label in "abc"}
    cases = [
        ({"y": [1] * 6, "guess": [1] * 6}, "roc_auc", np.full(6, 0.5), "only one class occurred"),
        ({"y": [1.5], "guess": [2.0]}, "r2", None, "one row is not enough"),
        ({"y": list("abcabc"), "guess": list("abcabc")}, "roc_auc", chances, "do not sum to 1"),
        ({"y": [1.5, -2.0], "guess": [2.0, 1.0]}, "neg_mean_gamma_deviance", None, "strictly positive"),
    ]

    for frame, name, given, words in cases:
        found = performance(frame, "y", "guess", name, probabilities=given)
        assert np.isnan(found["score"].item())
        assert words in found.attrs["notes"][0], name


@pytest.mark.parametrize("name", [*NAMES, "rmse", "mae", "mse", "mape", "log_loss", "brier_score", "max_error", "auc"])
def test_every_metric_knows_which_way_is_worse(name: str) -> None:
    """Scorers are better when they are larger, losses and errors when they are smaller."""
    smaller = name in ("rmse", "mae", "mse", "mape", "log_loss", "brier_score", "max_error")

    assert metrics.find(name).smaller_is_better == smaller
    assert is_smaller_better(name) == smaller


@pytest.mark.parametrize(
    ("name", "smaller"),
    [
        ("mean_poisson_deviance", True),
        ("mean_gamma_deviance", True),
        ("median_absolute_error", True),
        ("brier_score_loss", True),
        ("hamming_loss", True),
        ("d2_tweedie_score", False),
        ("d2_pinball_score", False),
        ("explained_variance", False),
        ("matthews_corrcoef", False),
    ],
)
def test_functions_know_it_too(name: str, smaller: bool) -> None:
    """By their own names."""
    assert metrics.find(name).smaller_is_better == smaller


def test_the_direction_of_a_metric_of_ones_own_can_be_given() -> None:
    """By an attribute of the function, by a word in its name, by scikit-learn's scorer, or by an option."""

    def profit(truth: Any, guess: Any) -> float:
        return 1.0

    def waste(truth: Any, guess: Any) -> float:
        return 1.0

    def total_cost(truth: Any, guess: Any) -> float:
        return 1.0

    waste.greater_is_better = False  # type: ignore[attr-defined]
    scorer = sklearn.metrics.make_scorer(total_cost, greater_is_better=False)

    assert [metrics.find(each).smaller_is_better for each in (profit, waste, total_cost, scorer)] == [
        False, True, True, False,
    ]  # fmt: skip
    assert metrics.find(profit, smaller_is_better=["profit"]).smaller_is_better


def test_a_metric_of_the_other_kind_is_refused_by_name() -> None:
    """It is not computed on something else."""
    frame = pd.DataFrame({"y": ["a", "b"], "guess": ["a", "a"]})

    with pytest.raises(InvalidInput, match="'rmse' is defined for a regression"):
        performance(frame, "y", "guess", "rmse")
    with pytest.raises(InvalidInput, match="'accuracy' is defined for a classification"):
        performance({"y": [0.5, 1.5], "guess": [0.5, 1.0]}, "y", "guess", "accuracy", kind="regression")
    with pytest.raises(NotFound, match="did you mean 'accuracy'"):
        performance(frame, "y", "guess", "acuracy")
