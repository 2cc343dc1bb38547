"""The comparison of two models on held-out rows, for every kind of model."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.datasets import make_classification
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier

from mlops_magics import Session
from mlops_magics.core.retraining.champion_challenger.contestants import Contestant
from mlops_magics.core.retraining.champion_challenger.model_comparison import compare
from mlops_magics.core.retraining.champion_challenger.promotion_rule import PromotionRule
from mlops_magics.core.retraining.retraining import Comparison
from mlops_magics.core.versioning import ModelVersion
from mlops_magics.errors import InvalidInput

NAMES = ["a", "b", "c", "d"]
BETTER = PromotionRule()


@pytest.fixture(scope="module")
def version(tmp_path_factory: pytest.TempPathFactory) -> ModelVersion:
    """A version whose features are those of the tests."""
    frame = pd.DataFrame(np.zeros((4, 4)), columns=NAMES)
    model = DummyClassifier().fit(frame, [0, 1, 0, 1])
    session = Session(tmp_path_factory.mktemp("board"))
    session.pin(model, "m", data=frame)
    return session.version("m")


def problem(classes: int, rows: int = 1200, seed: int = 0) -> tuple[pd.DataFrame, Any]:
    """Return features and truth."""
    features, truth = make_classification(
        rows, 4, n_informative=3, n_redundant=0, n_classes=classes, n_clusters_per_class=1, flip_y=0.1,
        random_state=seed,
    )  # fmt: skip
    return pd.DataFrame(features, columns=NAMES), np.array(["gentoo", "adelie", "chinstrap"])[truth]


def duel(version: ModelVersion, champion: Any, challenger: Any, frame: Any, truth: Any, **more: Any) -> Comparison:
    """Compare two models."""
    rule = more.pop("rule", BETTER)
    return compare(Contestant(version, champion), Contestant(version, challenger), frame, truth, rule, **more)


def held(comparison: Comparison) -> bool:
    """Return whether the challenger would be promoted."""
    return all(check.held for check in comparison.checks)


def failed(comparison: Comparison) -> list[str]:
    """Return the names of what did not hold."""
    return [check.name for check in comparison.checks if not check.held]


@pytest.mark.parametrize("task", ["classes", "numbers"])
def test_a_challenger_whose_answers_are_not_finite_is_never_promoted(version: ModelVersion, task: str) -> None:
    """NaN coefficients answer a label all the same. A champion that answers NaN cannot be compared either."""
    frame, truth = problem(2)
    wanted = truth if task == "classes" else np.arange(len(truth)) + frame["a"].to_numpy()
    kind = LogisticRegression if task == "classes" else LinearRegression
    good, broken = kind().fit(frame[:600], wanted[:600]), Broken(kind().fit(frame[:600], wanted[:600]))
    for metric in (None, "roc_auc" if task == "classes" else "r2"):
        rule = PromotionRule(metric=metric)
        after = duel(version, good, broken, frame[600:], wanted[600:], rule=rule)
        before = duel(version, broken, good, frame[600:], wanted[600:], rule=rule)

        assert not held(after)
        assert "answers every row" in failed(after)
        for each in (after, before):
            assert all(gain.gain is None for gain in each.gains if None in (gain.champion, gain.challenger))


class Broken:
    """A fitted model whose scores are NaN."""

    def __init__(self, model: Any) -> None:
        self.model = model
        if hasattr(model, "classes_"):
            self.classes_ = model.classes_
            self.predict_proba = lambda rows: model.predict_proba(rows) * np.nan
            self.predict = model.predict
        else:
            self.predict = lambda rows: model.predict(rows) * np.nan


@pytest.mark.parametrize(
    ("classes", "model", "metric"),
    [(2, LogisticRegression, "accuracy"), (3, LogisticRegression, "accuracy"), (2, LinearSVC, "accuracy"),
     (3, DecisionTreeClassifier, "accuracy")],
)  # fmt: skip
def test_a_better_classifier_is_promoted_and_a_worse_one_is_not(
    version: ModelVersion, classes: int, model: Any, metric: str
) -> None:
    """With and without probabilities, two classes and three; the gain has one sign, whichever is which."""
    frame, truth = problem(classes)
    good, poor = model().fit(frame[:600], truth[:600]), DummyClassifier().fit(frame[:600], truth[:600])
    up, down = (duel(version, *pair, frame[600:], truth[600:]) for pair in ((poor, good), (good, poor)))

    assert up.metric == metric
    assert held(up)
    assert not held(down)
    for there, back in zip(up.gains, down.gains, strict=True):
        assert (there.champion, there.challenger) == (back.challenger, back.champion)
        if there.gain is not None and back.gain is not None:
            assert there.gain == pytest.approx(-back.gain)
    assert {gain.metric for gain in up.gains} >= {"accuracy", "f1_macro"}


def test_a_better_regressor_is_promoted(version: ModelVersion) -> None:
    """A smaller error is a gain; the margin is a share of the champion's error."""
    choice = np.random.default_rng(0)
    frame = pd.DataFrame(choice.normal(size=(900, 4)), columns=NAMES)
    truth = frame["a"] * 100 + choice.normal(scale=10, size=900)
    good, poor = LinearRegression().fit(frame[:300], truth[:300]), DummyRegressor().fit(frame[:300], truth[:300])
    same = Ridge(1e-6).fit(frame[:300], truth[:300])
    up, down = (duel(version, *pair, frame[300:], truth[300:]) for pair in ((poor, good), (good, poor)))
    no_worse = duel(version, good, same, frame[300:], truth[300:], rule=PromotionRule("no-worse"))

    assert up.metric == "rmse"
    assert up.gains[0].gain is not None
    assert up.gains[0].gain > 0
    assert (held(up), held(down), held(no_worse)) == (True, False, True)


def test_a_rare_class_is_decided_by_auc(version: ModelVersion) -> None:
    """Accuracy hardly moves there."""
    choice = np.random.default_rng(1)
    frame = pd.DataFrame(choice.normal(size=(4000, 4)), columns=NAMES)
    truth = np.where(frame["a"] + choice.normal(scale=0.5, size=4000) > 2.2, "fraud", "fine")
    good, poor = LogisticRegression().fit(frame[:2000], truth[:2000]), DummyClassifier().fit(frame[:2000], truth[:2000])
    found = duel(version, poor, good, frame[2000:], truth[2000:])

    assert found.metric == "roc_auc"
    assert found.gains[0].method == "DeLong"
    assert held(found)


@pytest.mark.parametrize("rule", ["better", "no-worse"])
def test_a_model_against_itself(version: ModelVersion, rule: Any) -> None:
    """It is not better, and it is no worse."""
    frame, truth = problem(2)
    model = LogisticRegression().fit(frame, truth)
    found = duel(version, model, model, frame, truth, rule=PromotionRule(rule))

    assert found.gains[0].gain == 0
    assert held(found) == (rule == "no-worse")


def test_equal_models_are_promoted_in_one_of_twenty_at_most(version: ModelVersion) -> None:
    """200 pairs from the same kind of data: their differences are noise."""
    promoted, pairs = 0, 200
    for seed in range(pairs):
        frame, truth = problem(2, 1100, seed=1000 + seed)
        models = [
            LogisticRegression().fit(frame[start : start + 300], truth[start : start + 300]) for start in (0, 300)
        ]
        promoted += held(duel(version, models[0], models[1], frame[600:], truth[600:]))

    assert promoted <= 0.05 * pairs


def test_segments_are_compared_one_by_one(version: ModelVersion) -> None:
    """A challenger that is better as a whole and surely worse on an island is kept back; few rows are no segment."""
    choice = np.random.default_rng(2)
    frame = pd.DataFrame(choice.normal(size=(1000, 4)), columns=NAMES)
    truth = np.where(frame["a"] > 0, 1, 0)
    island = np.where(np.arange(1000) % 5 == 0, "Biscoe", "Dream").astype(object)
    island[:10] = "Torgersen"
    frame = frame.assign(d=(island == "Biscoe").astype(float), island=island)

    class Rule:
        """Right but where it is not."""

        def __init__(self, wrong: float) -> None:
            self.classes_, self.wrong = np.array([0, 1]), wrong

        def predict(self, rows: Any) -> Any:
            right = (rows["a"] > 0).astype(int).to_numpy()
            turned = (np.arange(len(rows)) % 3 == 0) if self.wrong < 0 else (rows["d"] == self.wrong).to_numpy()
            return np.where(turned, 1 - right, right)

    found = duel(version, Rule(0.0), Rule(1.0), frame, truth, segments=("island", "nope"))

    assert [each.segment for each in found.segments] == ["island = Dream", "island = Biscoe"]
    assert [each.held for each in found.segments] == [True, False]
    assert failed(found) == ["no segment worse by more than 0.02"]


def test_a_challenger_that_lost_a_class_or_answers_nothing_is_kept_back(version: ModelVersion) -> None:
    """Whatever its score."""
    frame, truth = problem(3)
    whole = LogisticRegression().fit(frame, truth)
    part = truth != "chinstrap"
    blind = LogisticRegression().fit(frame[part], truth[part])

    assert "knows every class" in failed(duel(version, whole, blind, frame, truth))

    class Silent:
        """Answers nothing for some rows."""

        def predict(self, rows: Any) -> Any:
            return np.where(np.arange(len(rows)) % 2 == 0, np.nan, 1.0)

    numbers = frame["a"].to_numpy()
    model = LinearRegression().fit(frame, numbers)

    assert "answers every row" in failed(duel(version, model, Silent(), frame, numbers))


def test_a_challenger_that_is_far_slower_is_kept_back(version: ModelVersion) -> None:
    """Ten times, and a quarter of a second."""
    frame, truth = problem(2)
    model = LogisticRegression().fit(frame, truth)

    class Slow:
        """The same model, late."""

        classes_ = model.classes_

        def predict(self, rows: Any) -> Any:
            time.sleep(0.4)
            return model.predict(rows)

    assert "answers as fast" in failed(duel(version, model, Slow(), frame, truth))


def test_rows_of_one_group_are_kept_together(version: ModelVersion) -> None:
    """The interval is wider where rows are copies."""
    frame, truth = problem(2, 400)
    models = [LogisticRegression(C=c).fit(frame[:200], truth[:200]) for c in (0.001, 10)]
    copies = np.repeat(np.arange(200, 400), 5)
    once = duel(version, *models, frame[200:], truth[200:])
    alone = duel(version, *models, frame.iloc[copies], truth[copies])
    grouped = duel(version, *models, frame.iloc[copies], truth[copies], groups=copies)
    widths = [each.gains[0].upper - each.gains[0].lower for each in (once, alone, grouped)]  # type: ignore[operator]

    assert widths[1] < 0.7 * widths[0]
    assert widths[2] == pytest.approx(widths[0], rel=0.3)
    assert "groups" in grouped.gains[0].method


@pytest.mark.parametrize(
    "metric", ["f1_macro", "roc_auc", "log_loss", "matthews_corrcoef", "neg_log_loss", "cohen_kappa"]
)
def test_another_metric_decides(version: ModelVersion, metric: str) -> None:
    """Any of scikit-learn's names that the package knows; each has an interval."""
    frame, truth = problem(2)
    models = [each.fit(frame[:600], truth[:600]) for each in (LogisticRegression(C=0.0005), LogisticRegression())]
    found = duel(version, *models, frame[600:], truth[600:], rule=PromotionRule(metric=metric))

    assert (found.metric, found.gains[0].decides) == (metric, True)
    assert found.gains[0].lower is not None


def test_truth_that_is_missing_is_left_out(version: ModelVersion) -> None:
    """In both models at once."""
    frame, truth = problem(2)
    gaps = pd.Series(truth).mask(np.arange(len(truth)) % 4 == 0)
    model = LogisticRegression().fit(frame, truth)

    assert duel(version, model, model, frame, gaps).rows == 900


def test_rows_that_a_model_cannot_read_are_one_line(version: ModelVersion) -> None:
    """A column that is not there."""
    frame, truth = problem(2)
    model = LogisticRegression().fit(frame, truth)
    with pytest.raises(InvalidInput, match="lack 'c'"):
        duel(version, model, model, frame.drop(columns="c"), truth)


def test_the_power_is_stated(version: ModelVersion) -> None:
    """How often a gain of two points would be seen with as many rows; more with more rows."""
    frame, truth = problem(2, 6000)
    models = [LogisticRegression().fit(frame[start : start + 300], truth[start : start + 300]) for start in (0, 300)]
    few, many = (duel(version, *models, frame[600:end], truth[600:end]) for end in (900, 6000))

    assert few.power is not None
    assert many.power is not None
    assert few.power_gain == 0.02
    assert few.power < many.power <= 1
    assert stats.norm.cdf(-4) < few.power < 0.9
