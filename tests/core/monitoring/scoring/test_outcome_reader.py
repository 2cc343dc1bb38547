"""Labels are compared as what they mean, the kind of task is known, and the positive class is named."""

from __future__ import annotations

import enum
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import polars
import pyarrow as pa
import pytest
from sklearn import metrics as theirs
from sklearn.metrics import accuracy_score, f1_score, precision_score, recall_score, roc_auc_score

import mlops_magics as mm
from mlops_magics.core.monitoring import monitor, performance, profile
from mlops_magics.errors import InvalidInput


class Answer(enum.Enum):
    """A label that is a member of an enumeration."""

    NO = False
    YES = True


class Word(enum.StrEnum):
    """The same as a text."""

    NO = "no"
    YES = "yes"


HAPPENED = np.random.default_rng(0).random(200) < 0.4
GUESSED = np.where(np.random.default_rng(1).random(200) < 0.2, ~HAPPENED, HAPPENED)
SPELLINGS: dict[str, Callable[[np.ndarray], Any]] = {
    "bool": lambda flags: flags,
    "int": lambda flags: flags.astype(int),
    "uint8": lambda flags: flags.astype(np.uint8),
    "float": lambda flags: flags.astype(float),
    "float32": lambda flags: flags.astype(np.float32),
    "text of ints": lambda flags: flags.astype(int).astype(str),
    "text of floats": lambda flags: flags.astype(float).astype(str),
    "words": lambda flags: np.where(flags, "true", "false"),
    "Words": lambda flags: np.where(flags, "True", "False"),
    "nullable boolean": lambda flags: pd.array(flags, dtype="boolean"),
    "nullable integer": lambda flags: pd.array(flags.astype(int), dtype="Int64"),
    "categories": lambda flags: pd.Categorical(flags.astype(int)),
    "categories of words": lambda flags: pd.Categorical(np.where(flags, "true", "false")),
    "objects": lambda flags: np.array([bool(flag) for flag in flags], dtype=object),
    "arrow boolean": lambda flags: pd.array(flags, dtype=pd.ArrowDtype(pa.bool_())),
    "numpy booleans": lambda flags: np.array(list(flags), dtype=object),
    "decimals": lambda flags: np.array([Decimal(int(flag)) for flag in flags], dtype=object),
    "enumeration": lambda flags: np.array([Answer(bool(flag)) for flag in flags], dtype=object),
    "bytes": lambda flags: np.where(flags, b"true", b"false"),
}


@pytest.mark.parametrize("told", SPELLINGS)
@pytest.mark.parametrize("guessed", SPELLINGS)
def test_spellings_of_yes_and_no_are_one_label(told: str, guessed: str) -> None:
    """True, 1, 1.0, "1", "1.0" and "true" in any column; the scores are scikit-learn's."""
    frame = pd.DataFrame({"y": SPELLINGS[told](HAPPENED), "guess": SPELLINGS[guessed](GUESSED)})
    scores = performance(frame, "y", "guess", ["accuracy", "f1", "precision", "recall", "f1_macro"])

    expected = [
        accuracy_score(HAPPENED, GUESSED),
        *(score(HAPPENED, GUESSED) for score in (f1_score, precision_score, recall_score)),
        f1_score(HAPPENED, GUESSED, average="macro"),
    ]
    assert scores["score"].tolist() == pytest.approx(expected)
    assert scores.attrs["task"]["kind"] == "classification"


@pytest.mark.parametrize(
    ("truth", "guess"),
    [
        ([0.1, 0.2, 0.1, 0.2], np.array([0.1, 0.2, 0.1, 0.1], dtype=np.float32)),
        ([1, 2, 3, 1], ["1", "2.0", "3", "2"]),
        (["01", "1", "01", "1"], ["01", "1", "01", "01"]),
    ],
    ids=["float32", "three ints as text", "codes with a leading zero"],
)
def test_other_labels_keep_their_meaning(truth: list[Any], guess: Any) -> None:
    """Three of four are right, whatever the types; 01 is a code and not the number 1."""
    frame = pd.DataFrame({"y": pd.Series(truth), "guess": pd.Series(guess)})

    assert performance(frame, "y", "guess", "accuracy", kind="classification")["score"].item() == 0.75


@pytest.mark.parametrize(
    ("truth", "guess"),
    [(["a", "b"] * 5, ["x", "y"] * 5), (["cat", "dog"] * 5, [0, 1] * 5), ([3, 4] * 5, ["c", "d"] * 5)],
)
def test_labels_that_have_nothing_in_common_are_refused(truth: list[Any], guess: list[Any]) -> None:
    """A score of 0 would be about their spelling; the line names both."""
    with pytest.raises(InvalidInput, match=r"no label in common.*truth has .*predictions have"):
        performance({"y": truth, "guess": guess}, "y", "guess", "accuracy")


@pytest.mark.parametrize("metric", ["adjusted_rand_score", "v_measure", "mutual_info_score", "fowlkes_mallows_score"])
def test_metrics_of_clusters_need_no_common_label(metric: str) -> None:
    """They compare how the rows are grouped. Beside a metric that compares labels the spelling matters again."""
    truth, guess = ["cat", "dog", "cat", "eel"] * 10, [2, 0, 2, 0] * 10
    function = getattr(theirs, metric, None) or getattr(theirs, f"{metric}_score")
    found = performance({"y": truth, "guess": guess}, "y", "guess", [metric])

    assert found["score"].item() == pytest.approx(function(truth, guess))
    assert not found.attrs["notes"]
    with pytest.raises(InvalidInput, match="no label in common"):
        performance({"y": truth, "guess": guess}, "y", "guess", [metric, "accuracy"])


@pytest.mark.parametrize("told", [[Word.YES, Word.NO], [b"yes", b"no"], [np.str_("yes"), np.str_("no")]])
def test_words_are_equal_whatever_holds_them(told: list[Any]) -> None:
    """Members of an enumeration, bytes and numpy's text, as a list without a frame."""
    found = performance({"x": range(20)}, told * 10, ["yes", "no", "yes", "yes"] * 5, "accuracy")

    assert found["score"].item() == 0.75


@pytest.mark.parametrize(("negative", "others"), [(0, -1), (False, -1), ("no", "never")])
def test_a_class_of_two_spellings_is_noted(negative: Any, others: Any) -> None:
    """Truth and predictions share one label of two, and the other one has a name of its own on each side."""
    positive = {0: 1}.get(negative, "yes")
    truth = np.array([positive if flag else negative for flag in HAPPENED], dtype=object)
    guess = np.array([positive if flag else others for flag in GUESSED], dtype=object)
    found = performance({"y": truth, "guess": guess}, "y", "guess", "accuracy", kind="classification")

    assert found.attrs["notes"][0].startswith(f"the predictions never have {str(negative)!r}")
    assert "map one to the other" in found.attrs["notes"][0]


def test_all_wrong_is_zero_where_the_classes_are_known() -> None:
    """Zeros for ones; and words whose classes the probabilities name."""
    chances = {"a": np.full(6, 0.2), "b": np.full(6, 0.8)}

    assert performance({"y": [1] * 6, "guess": [0] * 6}, "y", "guess", "accuracy")["score"].item() == 0.0
    words = performance({"y": ["a"] * 6, "guess": ["b"] * 6}, "y", "guess", "accuracy", probabilities=chances)
    assert words["score"].item() == 0.0


@pytest.mark.parametrize(
    ("truth", "guess", "options", "kind"),
    [
        ([5, 6, 7], [5.0, 6.0, 7.5], {}, "regression"),
        ([5, 6, 7], [5.0, 6.0, 7.0], {}, "regression"),
        ([10, 20, 30], [15, 25, 35], {"metrics": "rmse"}, "regression"),
        ([5.0, 6.0, 7.0], [5.0, 6.0, 8.0], {}, "regression"),
        ([5, 6, 7], [5, 6, 8], {}, "classification"),
        ([5, 6, 7], [5, 6, 8], {"kind": "regression"}, "regression"),
        ([5, 6, 7], [5, 6, 8], {"metrics": "mae"}, "regression"),
        ([5.0, 6.0, 7.0], [5.0, 6.0, 8.0], {"kind": "classification"}, "classification"),
        ([5.0, 6.0, 7.0], [5.0, 6.0, 8.0], {"metrics": "accuracy"}, "classification"),
        ([0.0, 1.0, np.nan], [0.0, 1.0, 1.0], {}, "classification"),
        ([0, 1, 1], [0.2, 0.9, 0.4], {}, "classification"),
        (["5", "6"], [5, 6], {}, "classification"),
        (["5.5", "6.5"], [5.0, 6.0], {"kind": "regression"}, "regression"),
        (list(range(30)), list(range(30)), {}, "regression"),
        ([True, False], [1, 0], {}, "classification"),
        ([-1.0, 1.0, 1.0], [-1.0, -1.0, 1.0], {}, "classification"),
        ([-1.0, 1.0, 0.0], [-1.0, -1.0, 1.0], {}, "regression"),
    ],
)
def test_without_a_model_the_kind_follows_a_stated_rule(
    truth: list[Any], guess: list[Any], options: dict[str, Any], kind: str
) -> None:
    """Words, booleans, integer types with few values and zeros and ones are classes; an option and a metric decide."""
    found = performance(pd.DataFrame({"y": truth, "guess": guess}), "y", "guess", **options)

    assert found.attrs["task"]["kind"] == kind
    assert found["score"].notna().all()


def test_errors_are_of_numbers_and_not_of_codes() -> None:
    """An RMSE of whole numbers with few values is in their unit."""
    frame = {"y": [10, 20, 30, 40], "guess": [15, 25, 35, 45]}

    scores = performance(frame, "y", "guess", ["rmse", "mae", "mape"]).set_index("metric")["score"]

    assert scores.tolist() == pytest.approx([5.0, 5.0, np.mean([5 / 10, 5 / 20, 5 / 30, 5 / 40])])


@pytest.mark.parametrize(
    ("labels", "positive"),
    [
        (("ok", "fraud"), "fraud"),
        (("ham", "spam"), "spam"),
        (("no", "yes"), "yes"),
        (("stayed", "churned"), "churned"),
        (("not churn", "churn"), "churn"),
        (("legit", "scam"), "scam"),
        ((9, 10), "10"),
        ((-1, 1), "1"),
        (("9", "10"), "10"),
        (("nein", "ja"), "ja"),
        (("non", "oui"), "oui"),
        (("no", "sí"), "sí"),
        (("нет", "да"), "да"),
        (("否", "是"), "是"),
        (("kein Betrug", "Betrug"), "Betrug"),
        (("1", "2"), "2"),
        ((False, True), "True"),
    ],
)
@pytest.mark.parametrize("flipped", [False, True])
def test_the_positive_class_is_the_one_whose_word_or_value_says_so(
    labels: tuple[Any, Any], positive: str, flipped: bool
) -> None:
    """Whichever comes first in the data; measured and named."""
    negative_first = labels if str(labels[1]) == positive else labels[::-1]
    spelled = [negative_first[int(flag)] for flag in HAPPENED], [negative_first[int(flag)] for flag in GUESSED]
    frame = pd.DataFrame({"y": spelled[0], "guess": spelled[1]}).iloc[:: -1 if flipped else 1]
    found = performance(frame, "y", "guess", ["precision", "recall"])

    assert found.attrs["task"]["positive"] == positive
    assert found["score"].tolist() == pytest.approx(
        [precision_score(HAPPENED, GUESSED), recall_score(HAPPENED, GUESSED)]
    )


def test_a_positive_class_that_no_rule_names_is_asked_for() -> None:
    """What does not need it is scored; the line shows how to name it."""
    frame = pd.DataFrame({"y": np.where(HAPPENED, "cat", "dog"), "guess": np.where(GUESSED, "cat", "dog")})

    assert performance(frame, "y", "guess")["score"].notna().all()
    with pytest.raises(InvalidInput, match="positive='dog'"):
        performance(frame, "y", "guess", "recall")
    named = performance(frame, "y", "guess", "recall", positive="cat")
    assert named["score"].item() == pytest.approx(recall_score(HAPPENED, GUESSED))
    with pytest.raises(InvalidInput, match="not one of the classes: 'cat', 'dog'"):
        performance(frame, "y", "guess", "recall", positive="cow")


CHANCE = np.clip(HAPPENED * 0.3 + np.random.default_rng(2).random(200) * 0.7, 0, 1)


@pytest.mark.parametrize(
    "given",
    [
        CHANCE,
        np.column_stack((1 - CHANCE, CHANCE)),
        pd.DataFrame({False: 1 - CHANCE, True: CHANCE}),
        pd.DataFrame({"0": 1 - CHANCE, "1": CHANCE}),
        {True: CHANCE, False: 1 - CHANCE},
        {1: CHANCE},
        {np.int64(1): "p", np.int64(0): "q"},
        {"true": "p"},
        {1.0: "p"},
        "p",
        np.column_stack((1 - CHANCE, CHANCE)).tolist(),
        pd.DataFrame({"1": CHANCE, "0": 1 - CHANCE}),
        pa.table({"1": CHANCE, "0": 1 - CHANCE}),
        polars.DataFrame({"1": CHANCE, "0": 1 - CHANCE}),
        pd.DataFrame({"proba_0": 1 - CHANCE, "proba_1": CHANCE}),
        "proba_0",
        "model_0",
        pd.Series(1 - CHANCE, name="p_false"),
    ],
    ids="array matrix frame text dict one numpy word float column lists swapped arrow polars prefixed zero model "
    "series".split(),
)
def test_probabilities_come_in_any_shape(given: Any) -> None:
    """Keys of any type name the class; scikit-learn has the same AUC."""
    frame = pd.DataFrame({"y": HAPPENED, "guess": GUESSED.astype(int), "p": CHANCE, "q": 1 - CHANCE})
    frame = frame.assign(proba_0=1 - CHANCE, model_0=CHANCE)
    found = performance(frame, "y", "guess", ["roc_auc", "log_loss"], probabilities=given)

    assert found["score"].iloc[0] == pytest.approx(roc_auc_score(HAPPENED, CHANCE))


def test_columns_of_probabilities_without_names_have_the_order_of_the_classes() -> None:
    """A frame of ``predict_proba`` is read as its array is, also where the classes are words."""
    words = {"y": np.where(HAPPENED, "fraud", "ok"), "guess": np.where(GUESSED, "fraud", "ok")}
    chances = np.column_stack((CHANCE, 1 - CHANCE))

    for given in (chances, pd.DataFrame(chances), pd.DataFrame(chances, columns=["0", "1"])):
        found = performance(words, "y", "guess", "roc_auc", probabilities=given)
        assert found["score"].item() == pytest.approx(roc_auc_score(HAPPENED, CHANCE))


@pytest.mark.parametrize("given", ["nope", ["p", "nope"], {"1": "nope"}, {0: "p", 1: "nope"}, 7])
def test_a_column_of_probabilities_that_does_not_exist_is_refused(given: Any) -> None:
    """By the report too, whose other parts could be made without it."""
    rows = pd.DataFrame({"x": np.arange(50.0), "y": [0, 1] * 25, "guess": [0, 1] * 25, "p": 0.5})

    with pytest.raises(InvalidInput, match="of the probability exists"):
        monitor(profile(rows[["x"]]), rows, truth="y", prediction="guess", probabilities=given)


def test_a_class_that_the_model_does_not_know_has_the_probability_0() -> None:
    """The columns of all known classes sum to 1. Columns that leave something do not say enough."""
    numbers = np.random.default_rng(3)
    chances = pd.DataFrame(numbers.dirichlet([1, 1, 1], 60), columns=list("abc"))
    guess = chances.idxmax(axis=1)
    rows = {"y": [*"ddd", *guess[3:]], "guess": guess}
    found = performance(rows, "y", "guess", ["accuracy", "log_loss"], probabilities=chances)

    assert found["score"].notna().all()
    with pytest.raises(InvalidInput, match="needs probabilities of all classes"):
        performance(rows, "y", "guess", "log_loss", probabilities=chances[["a", "b"]])


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (CHANCE[:5], "5 probabilities for 200 rows"),
        ({1: CHANCE[:5]}, "5 probabilities for 200 rows"),
        (pd.DataFrame({"a": 1 - CHANCE, "b": CHANCE}), r"'a', 'b', and the classes are 0, 1: name the class of each"),
    ],
)
def test_probabilities_of_other_rows_or_classes_are_refused(given: Any, said: str) -> None:
    """The line has both counts, or the names and the classes."""
    with pytest.raises(InvalidInput, match=said):
        performance({"y": HAPPENED.astype(int), "guess": GUESSED.astype(int)}, "y", "guess", probabilities=given)


def test_more_columns_of_probabilities_than_classes_are_refused() -> None:
    """The line shows how to name them."""
    with pytest.raises(InvalidInput, match="3 columns of probabilities for 2 classes"):
        performance({"y": [0, 1], "guess": [0, 1]}, "y", "guess", "roc_auc", probabilities=np.full((2, 3), 1 / 3))


def test_labels_that_are_times_are_written_as_dates() -> None:
    """Dates as times, as Python's dates and as text are one label, and messages show them as dates."""
    days = pd.to_datetime(["2024-01-01", "2024-01-02", "2024-01-02"])
    for truth in (days, [day.date() for day in days]):
        for guess in (days.strftime("%Y-%m-%d"), days):
            found = mm.performance({"y": truth, "guess": guess}, "y", "guess", "accuracy")
            assert found["score"].tolist() == [1.0]
            assert found.attrs["task"]["classes"] == ["2024-01-01", "2024-01-02"]
    with pytest.raises(InvalidInput, match="'2024-01-01T06:00:00'"):
        mm.performance({"y": days + pd.Timedelta("6h"), "guess": days}, "y", "guess", "accuracy")


def test_rows_without_a_probability_are_in_a_note() -> None:
    """Their labels count, and their scores do not."""
    found = mm.performance(
        {"y": [1, 0, 1, 0], "guess": [1, 0, 1, 1]},
        "y",
        "guess",
        ["accuracy", "roc_auc"],
        probabilities=[np.nan, 0.1, 0.9, 0.6],
    )

    assert found["score"].tolist() == [0.75, 1.0]
    assert found.attrs["notes"] == ["1 of 4 rows have no probability: left out of metrics of it"]


def test_a_metric_of_numbers_reads_few_numbers_that_are_text() -> None:
    """A metric that is defined for one kind decides for text too."""
    rows = {"y": ["1.5", "2.25"], "guess": ["1.5", "2.0"]}

    assert mm.performance(rows, "y", "guess", "mae")["score"].tolist() == [0.125]
    with pytest.raises(InvalidInput, match="regression"):
        mm.performance({"y": ["1,5", "2"], "guess": ["1,5", "2"]}, "y", "guess", "mae")


@pytest.mark.parametrize(("rows", "parts"), [(2, 10), (3, 7), (5, 5), (7, 3), (1, 4)])
def test_more_parts_than_rows_are_as_many_as_rows(rows: int, parts: int) -> None:
    """No row is left out, and no period is empty."""
    found = mm.performance({"y": [1] * rows, "guess": [1] * rows}, "y", "guess", "accuracy", by=f"{parts} parts")

    assert (len(found), found["n"].sum(), found["n"].min() > 0) == (min(rows, parts), rows, True)


def test_a_word_among_the_truths_of_a_regression_is_left_out() -> None:
    """One typing error of a client does not end the measurement. More words than numbers do."""
    rows = {"y": ["1.5", "n/a", "2", "x", "4.5"], "guess": [1.0, 2.0, 2.0, 3.0, 4.0]}
    found = performance(rows, "y", "guess", "mae", kind="regression")

    assert (found["score"].item(), found["n"].item()) == (pytest.approx(1 / 3), 3)
    assert found.attrs["notes"][0] == "2 values of 'y' are not numbers (such as 'n/a'). They are left out"
    with pytest.raises(InvalidInput, match="holds the word 'n/a'"):
        performance(rows | {"y": ["1.5", "n/a", "x", "x", "4.5"]}, "y", "guess", "mae", kind="regression")
