"""What a cell tells without being asked: which model, which data, which truth."""

from __future__ import annotations

from typing import Any

import pytest

from mlops_magics.errors import Ambiguous, InvalidInput
from mlops_magics.magics.cell import pinning, running
from mlops_magics.magics.cell.candidates import the_model

PIPELINE = "from sklearn.pipeline import make_pipeline\nfrom sklearn.preprocessing import StandardScaler\n"
SEARCH = (
    "from sklearn.model_selection import GridSearchCV\nsearch = GridSearchCV(LogisticRegression(), {'C': [1, 2]}, cv=2)"
)


def ran(shell: Any, cell: str) -> running.Ran:
    """Run a cell as the magic does."""
    return running.run(shell.ip, running.prepare(shell.ip, cell))


def told(shell: Any, cell: str) -> dict[str, str]:
    """Return what the magic would say that it inferred."""
    words = dict.fromkeys(("model", "chosen", "data", "truth", "metadata"))
    return pinning.completed(dict(words), ran(shell, cell), words)["metadata"]["inferred"]


@pytest.mark.parametrize(
    ("cell", "model", "data", "truth"),
    [
        ("model = LogisticRegression().fit(X, y)", "model", "X", "y"),
        ("model = LogisticRegression()\nmodel.fit(X, y)", "model", "X", "y"),
        ("model = LogisticRegression()\nmodel.fit(y=y, X=X)", "model", "X", "y"),
        ("LogisticRegression().fit(X, y)", "the last line", "X", "y"),
        ("model = LogisticRegression().fit(X[['bill', 'mass']], y)", "model", "X[['bill', 'mass']]", "y"),
        ("m = LogisticRegression().fit(X.abs(), y.to_list())", "m", "X.abs()", "y.to_list()"),
        (PIPELINE + "model = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, y)", "model", "X", "y"),
        ("for strength in (1, 2):\n    model = LogisticRegression(C=strength).fit(X, y)", "model", "X", "y"),
        ("if (model := LogisticRegression().fit(X, y)).classes_.size:\n    pass", "model", "X", "y"),
        ("from sklearn.cluster import KMeans\ngroups = KMeans(2, n_init=1).fit(X)", "groups", "X", None),
        ("def train():\n    global model\n    model = LogisticRegression().fit(X, y)\ntrain()", "model", None, None),
    ],
)  # fmt: skip
def test_the_model_and_its_data_are_found(
    birds: Any, cell: str, model: str, data: str | None, truth: str | None
) -> None:
    """However the user writes it, the last fit of the model that the cell made tells the data."""
    found = told(birds, cell)

    assert (found["model"], found.get("data"), found.get("truth")) == (model, data, truth)


def test_data_are_those_at_the_time_of_the_fit(birds: Any) -> None:
    """A name that is bound again afterwards does not mislead."""
    words = dict.fromkeys(("model", "chosen", "data", "truth", "metadata"))
    cell = ran(birds, "model = LogisticRegression().fit(X, y)\nX, y = None, None")

    found = pinning.completed(dict(words), cell, words)

    assert found["data"].shape == (300, 3)
    assert len(found["truth"]) == 300


def test_nothing_is_evaluated_twice(birds: Any) -> None:
    """Arguments with effects, such as reading from a stream, are noted when the cell evaluates them."""
    ran(birds, "calls = []\nmodel = LogisticRegression().fit(calls.append(1) or X, y)")

    assert birds["calls"] == [1]


def test_a_model_of_an_earlier_cell_counts_when_it_is_fitted_again(birds: Any) -> None:
    """Refitting makes a new state of it."""
    birds.run("model = LogisticRegression()")

    assert told(birds, "model.fit(X, y);")["model"] == "model"


def test_a_model_that_the_cell_did_not_touch_does_not_count(birds: Any) -> None:
    """What an earlier cell made is not this cell's model."""
    birds.run("earlier = LogisticRegression().fit(X, y)")

    assert told(birds, "model = LogisticRegression().fit(X, y)")["model"] == "model"
    with pytest.raises(InvalidInput, match="made no fitted model"):
        the_model(ran(birds, "nothing = 1"))


def test_several_models_are_refused_and_listed(birds: Any) -> None:
    """Guessing would pin the wrong one."""
    with pytest.raises(
        Ambiguous, match=r"2 models: a .LogisticRegression., b .LogisticRegression.*--model a"
    ) as refused:
        the_model(ran(birds, "a = LogisticRegression().fit(X, y)\nb = LogisticRegression(C=2).fit(X, y)"))

    assert refused.value.choices == ["a", "b"]


def test_a_cell_that_ends_with_the_name_of_a_model_has_chosen(birds: Any) -> None:
    """The last line, where it is nothing but a name, is the user's own answer."""
    cell = "a = LogisticRegression().fit(X, y)\nb = LogisticRegression(C=2).fit(X, y)\nb"

    assert told(birds, cell)["model"] == "b"


def test_two_names_for_one_model_are_one_model(birds: Any) -> None:
    """What counts is the object."""
    assert told(birds, "a = b = LogisticRegression().fit(X, y)")["model"] == "a"


def test_a_part_steps_back_behind_the_whole(birds: Any) -> None:
    """The step of a pipeline and the best estimator of a search are fitted with it."""
    whole = PIPELINE + "step = LogisticRegression()\nmodel = make_pipeline(StandardScaler(), step).fit(X, y)"

    assert told(birds, whole)["model"] == "model"
    assert told(birds, SEARCH + ".fit(X, y)\nbest = search.best_estimator_")["model"] == "search"


def test_a_part_that_the_cell_ends_with_is_what_was_meant(birds: Any) -> None:
    """Its data are those of the search that fitted it."""
    found = told(birds, SEARCH + ".fit(X, y)\nbest = search.best_estimator_\nbest")

    assert found == {"model": "best", "data": "X", "truth": "y"}


def test_classes_modules_and_unfitted_models_are_no_candidates(birds: Any) -> None:
    """Importing an estimator's class binds a name that has `predict`."""
    with pytest.raises(InvalidInput, match=r"made no fitted model .draft is not fitted"):
        the_model(ran(birds, "from sklearn.tree import DecisionTreeClassifier\ndraft = LogisticRegression()"))


def test_statsmodels_results_are_found_behind_their_model(birds: Any) -> None:
    """The specification has `predict` too; the results hold it."""
    cell = "import statsmodels.api as sm\nols = sm.OLS(X['mass'], X[['bill']])\nresults = ols.fit()"

    assert the_model(ran(birds, cell)).name == "results"
