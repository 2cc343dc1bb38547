"""Intervals of differences: those of scipy and scikit-learn where they have one, and right as often as they say."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy import stats
from sklearn import metrics

from mlops_magics.core.retraining.champion_challenger import gain_metrics, paired_intervals

LEVEL = 0.95


def classes(rows: int, right: tuple[float, float], seed: int = 0, count: int = 2) -> tuple[Any, Any, Any]:
    """Return a truth, and two predictions that are right on so many rows each."""
    choice = np.random.default_rng(seed)
    truth = choice.integers(0, count, rows)
    both = [np.where(choice.random(rows) < share, truth, (truth + 1) % count) for share in right]
    return truth, both[0], both[1]


@pytest.mark.parametrize(("won", "lost"), [(0, 0), (1, 0), (5, 0), (6, 0), (0, 6), (10, 2), (9, 3), (40, 22), (40, 26)])
def test_the_interval_of_accuracy_excludes_zero_where_mcnemars_test_rejects(won: int, lost: int) -> None:
    """It is that test, turned around."""
    champion = np.array([False] * won + [True] * lost + [True] * 50)
    challenger = np.array([True] * won + [False] * lost + [True] * 50)
    found = paired_intervals.of_accuracy(champion, challenger, LEVEL)
    rejected = won + lost > 0 and stats.binomtest(won, won + lost).pvalue < 1 - LEVEL

    assert found.difference == pytest.approx((won - lost) / len(champion))
    assert found.lower is not None
    assert found.upper is not None
    assert rejected == (found.lower > 0 or found.upper < 0)


def test_the_interval_of_a_mean_is_scipys() -> None:
    """Student's t of the paired differences."""
    choice = np.random.default_rng(1)
    champion = choice.normal(size=200)
    challenger = champion + choice.normal(0.1, 0.5, 200)
    found = paired_intervals.of_means(challenger - champion, LEVEL)
    expected = stats.ttest_rel(challenger, champion).confidence_interval(LEVEL)

    assert (found.lower, found.upper) == pytest.approx((expected.low, expected.high))


def test_one_row_that_weighs_too_much_is_resampled() -> None:
    """Student's t would trust it."""
    differences = np.r_[np.zeros(300), [50.0]]

    assert "bootstrap" in paired_intervals.of_means(differences, LEVEL).method


@pytest.mark.parametrize("ties", [False, True])
def test_the_interval_of_auc_agrees_with_resampling(ties: bool) -> None:
    """The areas are scikit-learn's, with ties as well."""
    choice = np.random.default_rng(2)
    truth = choice.integers(0, 2, 400)
    scores = [np.clip(0.5 + 0.25 * (truth - 0.5) + choice.normal(0, spread, 400), 0, 1) for spread in (0.25, 0.2)]
    scores = [np.round(each, 1) for each in scores] if ties else scores
    found = paired_intervals.of_auc(truth, scores[0], scores[1], LEVEL)
    drawn = []
    for _ in range(250):
        rows = choice.integers(0, 400, 400)
        areas = [metrics.roc_auc_score(truth[rows], each[rows]) for each in scores]
        drawn.append(areas[1] - areas[0])
    areas = [metrics.roc_auc_score(truth, each) for each in scores]

    assert found.difference == pytest.approx(areas[1] - areas[0])
    assert (found.lower, found.upper) == pytest.approx(tuple(np.quantile(drawn, [0.025, 0.975])), abs=0.012)


OF_CLASSES = {
    "accuracy": metrics.accuracy_score,
    "f1": metrics.f1_score,
    "precision": metrics.precision_score,
    "recall": metrics.recall_score,
    "f1_macro": lambda truth, guess: metrics.f1_score(truth, guess, average="macro"),
    "balanced_accuracy": metrics.balanced_accuracy_score,
}
OF_SCORES = {"log_loss": metrics.log_loss, "brier": metrics.brier_score_loss}
OF_NUMBERS = {
    "mae": metrics.mean_absolute_error,
    "mse": metrics.mean_squared_error,
    "rmse": metrics.root_mean_squared_error,
    "r2": metrics.r2_score,
}


def value(name: str, task: Any, truth: Any, guess: Any) -> float:
    """Return a metric from its sums."""
    metric = gain_metrics.row_metric(name, task)
    assert metric is not None
    return float(metric.value(metric.rows(truth, guess).sum(axis=0)))


@pytest.mark.parametrize("name", [*OF_CLASSES, *OF_SCORES, *OF_NUMBERS])
def test_a_metric_from_sums_is_scikit_learns(name: str) -> None:
    """So single rows can be resampled."""
    truth, guess, _ = classes(500, (0.8, 0.8))
    chance = np.clip(np.random.default_rng(3).beta(2, 2, 500) * 0.5 + 0.5 * truth, 0, 1)
    if name in OF_CLASSES:
        assert value(name, "binary", truth, guess) == pytest.approx(OF_CLASSES[name](truth, guess))
    elif name in OF_SCORES:
        assert value(name, "binary", truth, chance) == pytest.approx(OF_SCORES[name](truth, chance))
    else:
        numbers = truth + chance
        assert value(name, "regression", numbers, chance) == pytest.approx(OF_NUMBERS[name](numbers, chance))


def test_r_squared_of_large_truths_keeps_its_digits() -> None:
    """Seconds since 1970 that differ by a few: their squares have no digit left for the spread."""
    choice = np.random.default_rng(5)
    spread = choice.normal(size=300)
    truth, guess = 1.7e9 + spread, 1.7e9 + spread + choice.normal(0, 0.5, 300)
    assert value("r2", "regression", truth, guess) == pytest.approx(metrics.r2_score(truth, guess), rel=1e-6)


@pytest.mark.parametrize("name", ["accuracy", "f1_macro", "balanced_accuracy"])
def test_a_metric_of_several_classes_is_scikit_learns(name: str) -> None:
    """Classes that never happen, or are never answered, as well."""
    for truth, guess in (
        classes(300, (0.7, 0.7), count=5)[:2],
        (np.array([0, 0, 1, 1]), np.array([0, 2, 1, 2])),
        (np.array([0, 0, 3, 3]), np.array([0, 0, 0, 3])),
    ):
        if name == "balanced_accuracy" and set(guess) - set(truth):
            continue  # scikit-learn warns there
        assert value(name, "multiclass", truth, guess) == pytest.approx(OF_CLASSES[name](truth, guess))


def test_the_bootstrap_is_scipys_bootstrap() -> None:
    """The same interval for a root mean squared error, within the noise of resampling."""
    choice = np.random.default_rng(4)
    truth = choice.normal(size=400)
    both = [truth + choice.normal(0, spread, 400) for spread in (1.0, 0.8)]
    metric = gain_metrics.row_metric("rmse", "regression")
    assert metric is not None
    found = paired_intervals.of_row_metric(metric, *(metric.rows(truth, each) for each in both), LEVEL)

    def difference(truth: Any, champion: Any, challenger: Any, axis: int = -1) -> Any:
        sides = [np.sqrt(((truth - each) ** 2).mean(axis=axis)) for each in (champion, challenger)]
        return sides[1] - sides[0]

    expected = stats.bootstrap(
        (truth, *both), difference, paired=True, vectorized=True, method="percentile", rng=np.random.default_rng(0)
    ).confidence_interval

    assert (found.lower, found.upper) == pytest.approx((expected.low, expected.high), abs=0.01)


def test_rows_that_depend_on_each_other_are_not_counted_twice() -> None:
    """Five copies of each row, as groups, say as much as the rows themselves."""
    truth, *both = classes(200, (0.7, 0.8), seed=5)
    metric = gain_metrics.row_metric("accuracy", "binary")
    assert metric is not None
    once = [metric.rows(truth, each) for each in both]
    five = [np.repeat(each, 5, axis=0) for each in once]
    groups = np.repeat(np.arange(200), 5)
    widths = []
    for found in (
        paired_intervals.of_row_metric(metric, once[0], once[1], LEVEL),
        paired_intervals.of_row_metric(metric, five[0], five[1], LEVEL, groups),
        paired_intervals.of_row_metric(metric, five[0], five[1], LEVEL),
    ):
        assert found.lower is not None
        assert found.upper is not None
        widths.append(found.upper - found.lower)

    assert widths[1] == pytest.approx(widths[0], rel=0.05)
    assert widths[2] == pytest.approx(widths[0] / math.sqrt(5), rel=0.15)


def test_a_metric_of_all_rows_at_once_has_an_interval() -> None:
    """Matthews' correlation, which is no sum over rows: as wide as its spread over fresh rows says, on the average."""
    found, differences = [], []
    for seed in range(40):
        truth, *both = classes(600, (0.75, 0.8), seed=seed)

        def measure(rows: Any, truth: Any = truth, both: Any = both) -> float:
            scores = [_correlation(truth[rows], each[rows]) for each in both]
            return scores[1] - scores[0]

        interval = paired_intervals.of_any_metric(measure, 600, LEVEL)
        assert interval.lower is not None
        assert interval.upper is not None
        assert interval.difference is not None
        found.append(interval.upper - interval.lower)
        differences.append(interval.difference)

    assert np.mean(found) == pytest.approx(2 * stats.t.ppf(0.975, 19) * np.std(differences, ddof=1), rel=0.3)


def _correlation(truth: Any, guess: Any) -> float:
    return float(np.corrcoef(truth, guess)[0, 1])


@pytest.mark.parametrize("rows", [0, 1])
def test_too_few_rows_have_no_interval(rows: int) -> None:
    """Neither a number nor an error."""
    truth, both = np.zeros(rows, dtype=int), np.zeros(rows)

    assert paired_intervals.of_means(both, LEVEL) == paired_intervals.UNDEFINED
    assert paired_intervals.of_auc(truth, both, both, LEVEL) == paired_intervals.UNDEFINED


@pytest.mark.parametrize("metric", ["accuracy", "roc_auc", "log_loss", "f1_macro"])
def test_equal_models_seldom_look_better(metric: str) -> None:
    """At the level of 95 percent the lower bound is above zero in one of forty comparisons, or less."""
    wins, trials = 0, 300
    for seed in range(trials):
        choice = np.random.default_rng(seed)
        truth = choice.integers(0, 2, 300)
        chances = [np.clip(0.5 + 0.3 * (truth - 0.5) + choice.normal(0, 0.2, 300), 0.01, 0.99) for _ in range(2)]
        if metric == "roc_auc":
            found = paired_intervals.of_auc(truth, chances[0], chances[1], LEVEL)
        elif metric == "accuracy":
            found = paired_intervals.of_accuracy(truth == (chances[0] > 0.5), truth == (chances[1] > 0.5), LEVEL)
        else:
            row = gain_metrics.row_metric(metric, "binary")
            assert row is not None
            read = chances if metric == "log_loss" else [(each > 0.5).astype(int) for each in chances]
            statistics = [row.rows(truth, each) for each in read]
            found = (
                paired_intervals.of_means(statistics[1][:, 0] - statistics[0][:, 0], LEVEL)
                if metric == "log_loss"
                else paired_intervals.of_row_metric(row, statistics[0], statistics[1], LEVEL)
            )
        wins += found.lower is not None and found.lower > 0

    assert wins <= stats.binom.ppf(0.999, trials, 0.025)


def test_the_power_is_the_share_of_gains_that_are_seen() -> None:
    """300 rows, a tenth judged differently, two points better: seen about once in six times or eight."""
    seen, trials = 0, 500
    choice = np.random.default_rng(8)
    for _ in range(trials):
        kind = choice.choice(3, 300, p=[0.9, 0.06, 0.04])
        found = paired_intervals.of_accuracy(kind != 1, kind != 2, LEVEL)
        seen += found.lower is not None and found.lower > 0
    champion, challenger = np.ones(300, bool), np.ones(300, bool)
    champion[:15], challenger[15:30] = False, False
    stated = paired_intervals.power_of_accuracy(champion, challenger, 0.02, LEVEL)

    assert stated == pytest.approx(seen / trials, abs=0.06)
    assert 0.1 < stated < 0.25
