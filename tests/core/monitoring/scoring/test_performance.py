"""Performance over time: the right numbers, no period lost, bands that hold, estimates without labels."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics as theirs

from mlops_magics.core.monitoring import performance
from mlops_magics.core.monitoring.scoring.metric_score import PERFORMANCE_COLUMNS
from mlops_magics.errors import InvalidInput, NotFound


@pytest.fixture
def scored() -> pd.DataFrame:
    """Return 1000 rows of a binary classifier over 10 days."""
    numbers = np.random.default_rng(0)
    evidence = numbers.normal(size=1_000)
    truth = (numbers.random(1_000) < 1 / (1 + np.exp(-2 * evidence))).astype(int)
    score = 1 / (1 + np.exp(-3 * evidence))
    times = pd.date_range("2024-03-01", periods=1_000, freq="14min24s")
    return pd.DataFrame({"truth": truth, "guess": (score > 0.5).astype(int), "score": score, "at": times})


def test_columns_are_exactly_the_documented_ones(scored: pd.DataFrame) -> None:
    """The names and their order are a contract."""
    assert tuple(performance(scored, "truth", "guess").columns) == PERFORMANCE_COLUMNS


@pytest.mark.parametrize(
    "name",
    [
        "accuracy",
        "f1",
        "precision",
        "recall",
        "f1_macro",
        "balanced_accuracy",
        "matthews_corrcoef",
        "mcc",
        "cohen_kappa_score",
    ],
)
def test_metrics_of_classes_are_scikit_learns(scored: pd.DataFrame, name: str) -> None:
    """Scorer names, function names and short names give what scikit-learn gives."""
    functions = {"f1_macro": lambda a, b: theirs.f1_score(a, b, average="macro"), "mcc": theirs.matthews_corrcoef}
    known = functions.get(name) or getattr(theirs, name, None) or getattr(theirs, f"{name}_score")

    assert performance(scored, "truth", "guess", name)["score"].iloc[0] == pytest.approx(
        known(scored["truth"], scored["guess"])
    )


def test_probabilities_are_scored(scored: pd.DataFrame) -> None:
    """A column of probabilities is both a score and, at one half, a class."""
    answer = performance(scored, "truth", "score", ["roc_auc", "log_loss", "brier_score", "accuracy"]).set_index(
        "metric"
    )["score"]

    assert answer["roc_auc"] == pytest.approx(theirs.roc_auc_score(scored["truth"], scored["score"]))
    assert answer["log_loss"] == pytest.approx(theirs.log_loss(scored["truth"], scored["score"]))
    assert answer["brier_score"] == pytest.approx(theirs.brier_score_loss(scored["truth"], scored["score"]))
    assert answer["accuracy"] == pytest.approx(theirs.accuracy_score(scored["truth"], scored["guess"]))


def test_regression_and_callables() -> None:
    """Numbers get RMSE, MAE and R²; a callable is called by its name; a neg_ score is negative."""
    numbers = np.random.default_rng(0)
    frame = pd.DataFrame({"y": numbers.normal(size=100)})
    frame["guess"] = frame["y"] + numbers.normal(size=100) / 10

    def bias(truth: np.ndarray, estimate: np.ndarray) -> float:
        return float(np.mean(estimate - truth))

    assert list(performance(frame, "y", "guess")["metric"]) == ["rmse", "mae", "r2"]
    assert performance(frame, "y", "guess", bias)["metric"].iloc[0] == "bias"
    assert performance(frame, "y", "guess", "neg_mean_absolute_error")["score"].iloc[0] < 0


def test_periods_are_whole_and_gaps_are_shown(scored: pd.DataFrame) -> None:
    """The last period is kept though it starts at the last time; a day without rows is a row without a score."""
    days = pd.DataFrame(
        {"at": pd.to_datetime(["2021-01-01", "2021-01-02", "2021-01-04"]), "y": [1, 0, 1], "guess": [1, 0, 0]}
    )
    answer = performance(days, "y", "guess", "accuracy", by="day", timestamp="at")

    assert list(answer["period"]) == ["2021-01-01", "2021-01-02", "2021-01-03", "2021-01-04"]
    assert list(answer["n"]) == [1, 1, 0, 1]
    assert np.isnan(answer["score"].iloc[2])
    assert len(performance(scored, "truth", "guess", "accuracy", by="day")) == 10


def test_bands_cover_what_they_should() -> None:
    """About 95 % of the bands around an accuracy of 0.8 hold it."""
    numbers = np.random.default_rng(0)
    held = 0
    for _ in range(200):
        right = numbers.random(300) < 0.8
        row = performance({"y": np.ones(300, int), "guess": right.astype(int)}, "y", "guess", "accuracy").iloc[0]
        held += row["lower"] <= 0.8 <= row["upper"]

    assert 180 <= held <= 199


def test_missing_truth_is_left_out(scored: pd.DataFrame) -> None:
    """Rows without truth are not scored, and ``n`` says how many were."""
    scored["truth"] = scored["truth"].where(scored.index % 2 == 0)

    assert performance(scored, "truth", "guess", "accuracy")["n"].iloc[0] == 500


def test_what_cannot_be_measured_is_one_clear_line(scored: pd.DataFrame) -> None:
    """An unknown metric, a missing column, probabilities that are not there."""
    with pytest.raises(NotFound, match="did you mean 'accuracy'"):
        performance(scored, "truth", "guess", "acuracy")
    with pytest.raises(InvalidInput, match="No column 'label' of the truth exists"):
        performance(scored, "label", "guess")
    with pytest.raises(InvalidInput, match="needs probabilities"):
        performance(scored, "truth", "guess", "roc_auc")
    with pytest.raises(InvalidInput, match="3 truths for 1000"):
        performance(scored, [1, 0, 1], "guess")
    with pytest.raises(InvalidInput, match="2 truths for 1000 rows"):
        performance(scored, ["truth", "gues"], ["guess", "truths"])


@pytest.mark.parametrize("names", [(0, 1), (("a", "y"), ("a", "p")), (2024, pd.Timestamp("2024-01-01")), (1.5, True)])
@pytest.mark.parametrize("listed", [False, True])
def test_columns_are_named_by_values_of_any_type(names: tuple[Any, Any], listed: bool) -> None:
    """A number, a tuple, a time names its column, as the columns of an array and of several levels are named."""
    frame = pd.DataFrame({"y": [1, 0, 1, 1], "p": [1, 0, 0, 1]}).set_axis(pd.Index(names, tupleize_cols=False), axis=1)
    truth, estimate = ([name] for name in names) if listed else names

    assert performance(frame, truth, estimate, "accuracy")["score"].tolist() == [0.75]


@pytest.mark.parametrize(
    ("truth", "guess", "note"),
    [
        ([1, 0, 1, 0], pd.array([1, None, 1, None], dtype="Int64"), "2 of 4 rows with a truth have no prediction"),
        ([1.5, 2.5, 3.5], [1.0, np.inf, np.nan], "2 of 3 rows with a truth have no finite prediction"),
        ([1.5, -np.inf, 3.5], [1.0, 2.0, 3.0], "1 of 3 truths are infinite"),
        ([1, 0], [None, None], "no row has both a truth and a prediction"),
        ([np.nan, np.nan], [0, 1], "no row has both a truth and a prediction"),
    ],
)
def test_rows_that_are_not_scored_are_counted(truth: Any, guess: Any, note: str) -> None:
    """A prediction that is missing or infinite leaves its row out, and a note says how many."""
    found = performance(pd.DataFrame({"y": truth, "guess": guess}), "y", "guess")

    assert [each for each in found.attrs["notes"] if note in each], found.attrs["notes"]


@pytest.mark.parametrize("classes", [("no", "yes"), (0, 1), (False, True), ("1", "2")])
def test_one_column_of_probabilities_is_that_of_the_second_class(classes: tuple[object, object]) -> None:
    """Whatever the classes are called; scikit-learn gives the same AUC."""
    from sklearn.metrics import roc_auc_score

    numbers = np.random.default_rng(0)
    happened = numbers.random(400) < 0.4
    chance = np.clip(happened * 0.3 + numbers.random(400) * 0.7, 0, 1)
    frame = pd.DataFrame(
        {
            "y": [classes[int(each)] for each in happened],
            "guess": [classes[int(each >= 0.5)] for each in chance],
            "chance": chance,
        }
    )
    answer = performance(frame, "y", "guess", ["auc", "log_loss"], probabilities="chance").set_index("metric")

    assert answer.loc["auc", "score"] == pytest.approx(roc_auc_score(happened, chance), abs=1e-12)
    assert answer.loc["log_loss", "score"] > 0


def test_one_class_only_is_a_row_without_a_score() -> None:
    """AUC is not defined there, and the other metrics still are."""
    frame = pd.DataFrame({"y": ["a"] * 20, "guess": ["a"] * 20, "chance": [0.5] * 20})
    answer = performance(frame, "y", "guess", ["auc", "accuracy"], probabilities="chance").set_index("metric")

    assert np.isnan(answer.loc["auc", "score"])
    assert answer.loc["accuracy", "score"] == 1.0


def test_one_column_of_probabilities_for_three_classes_is_refused() -> None:
    """The line shows what to pass."""
    frame = pd.DataFrame({"y": list("abc"), "guess": list("abc"), "chance": [0.1, 0.2, 0.3]})
    with pytest.raises(InvalidInput, match="a column for each"):
        performance(frame, "y", "guess", "auc", probabilities="chance")


def test_scores_that_are_not_probabilities_have_no_loss() -> None:
    """Logits, per cent and columns that do not sum to 1 have an AUC, but no log loss and no Brier score."""
    frame = pd.DataFrame({"y": [0, 1, 1, 0, 1], "guess": [0, 1, 0, 0, 1]})
    score = np.array([0.2, 0.9, 0.4, 0.3, 0.8])
    for given, reason in (
        (100 * score, "between 20 and 90"),
        (np.log(score / (1 - score)), "between -1.39 and 2.2"),
        (np.column_stack([score, score]), "do not sum to 1"),
    ):
        found = performance(frame, "y", "guess", ["roc_auc", "log_loss", "brier_score"], probabilities=given)
        assert found["score"][0] == 1.0
        assert found["score"][1:].isna().all()
        assert [reason in note for note in found.attrs["notes"]] == [True, True]


def test_probabilities_may_be_a_list_of_columns_and_are_numbers() -> None:
    """Names that end with the class. Words are refused in one line."""
    frame = pd.DataFrame({"y": [0, 1, 1], "guess": [0, 1, 0], "p_0": [0.9, 0.2, 0.6], "p_1": [0.1, 0.8, 0.4]})

    found = performance(frame, "y", "guess", "log_loss", probabilities=["p_1", "p_0"])
    assert found["score"][0] == pytest.approx(-np.log([0.9, 0.8, 0.4]).mean())
    with pytest.raises(InvalidInput, match="are not numbers"):
        performance(frame, "y", "guess", "log_loss", probabilities=["high", "low", "high"])


def test_numbers_that_are_written_as_text_are_a_regression() -> None:
    """Text of fractions, or beside fractions, unless there are few of them."""
    numbers = np.random.default_rng(3).normal(50, 9, 60)
    whole = numbers.round().astype(int)

    for truth in (numbers.astype(str), whole.astype(str), pd.Categorical(numbers)):
        found = performance({"y": truth, "guess": numbers + 1}, "y", "guess", "rmse")
        assert found.attrs["task"]["kind"] == "regression"
    assert performance({"y": ["1", "0"] * 30, "guess": [0.7, 0.2] * 30}, "y", "guess").attrs["task"]["positive"] == "1"


@pytest.mark.parametrize("chance", [1.0, 1 - 1e-16, 1 - 1e-12, 0.999])
@pytest.mark.parametrize("rare", [0, 1, 5])
def test_the_band_of_log_loss_is_finite_where_a_rare_class_is_always_certain(chance: float, rare: int) -> None:
    """Losses of nearly zero say little of their spread: the band ends at the largest possible loss."""
    truth = np.array(["b"] * rare + ["a"] * (60 - rare))
    frame = pd.DataFrame({"y": truth, "guess": truth})
    certain = np.where(truth[:, None] == np.array([["a", "b"]]), chance, 1 - chance)
    for chances in (certain, np.column_stack([1 - np.full(60, chance), np.full(60, chance)])):
        given = pd.DataFrame(chances, columns=["a", "b"])
        found = performance(frame, "y", "guess", ["log_loss"], probabilities=given).set_index("metric").loc["log_loss"]

        assert 0 <= found["lower"] <= found["score"] + 1e-9
        assert found["score"] <= found["upper"] < 80
