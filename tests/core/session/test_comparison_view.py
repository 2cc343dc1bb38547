"""Two versions beside each other: the sentence for a manager, and what only differs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import Lasso, LogisticRegression, Ridge
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from mlops_magics import Session
from mlops_magics.core.session import comparison_view
from mlops_magics.core.wire.comparison_record import Comparison


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Session:
    """A board with versions of known metrics."""
    opened = Session(board=tmp_path_factory.mktemp("compared") / "models")
    numbers = np.random.default_rng(0)
    data = pd.DataFrame({"a": numbers.normal(size=100), "b": numbers.normal(size=100)})
    truth = data["a"] > 0
    for metrics, strength in (
        ({"auc": 0.9, "log_loss": 0.4, "slope": 1.0}, 0.001),
        ({"auc": 0.95, "log_loss": 0.3, "slope": 2.0}, 1.0),
        ({"auc": 0.85, "log_loss": 0.5, "slope": 3.0}, 1.0),
    ):
        opened.pin(LogisticRegression(C=strength).fit(data, truth), "line", data=data, truth=truth, metrics=metrics)
    return opened


def compared(session: Session, a: str, b: str) -> Comparison:
    """Return the comparison as views read it."""
    return comparison_view.of(session.compare(f"line@{a}", f"line@{b}"))


@pytest.mark.parametrize(
    ("a", "b", "sentence", "meaning"),
    [
        ("v1", "v2", "v2 is better on both metrics.", "good"),
        ("v2", "v3", "v3 is worse on both metrics.", "alert"),
        ("v1", "v1", "These two are the same.", "info"),
    ],
)
def test_the_sentence_says_which_is_better(session: Session, a: str, b: str, sentence: str, meaning: str) -> None:
    """A metric whose direction is not known changes, and is neither better nor worse."""
    found = compared(session, a, b)

    assert (found.sentence, found.meaning) == (sentence, meaning)
    slope = {each.name: each.verdict for each in found.metrics}.get("slope", "changed")
    assert slope == ("same" if a == b else "changed")


def test_the_name_of_a_metric_keeps_its_letters(session: Session) -> None:
    """A sentence may begin with one."""
    assert compared(session, "v1", "v2").paragraph.startswith("log_loss falls from 0.400 to 0.300 and auc rises")


def test_a_change_is_said_as_a_factor_where_a_percentage_is_no_help(session: Session) -> None:
    """And not at all where it rounds to nothing."""
    notes = {row.name: row.note for row in compared(session, "v1", "v2").parameters.differ}

    assert notes["C"] == "× 1,000"
    assert "0%" not in notes.values()


def test_what_is_the_same_is_counted(session: Session) -> None:
    """Parameters that both have, and features whose training data did not change."""
    found = compared(session, "v2", "v3")

    assert not found.parameters.differ
    assert {row.name for row in found.parameters.same} >= {"C", "max_iter"}
    assert set(found.same_features) == {"a", "b"}


def test_a_parameter_that_one_kind_of_model_lacks_is_compared(session: Session) -> None:
    """Also one whose value is None: it is neither a difference nor the same."""
    data = pd.DataFrame({"a": np.arange(40.0), "b": np.arange(40) % 7})
    for made in (DecisionTreeClassifier(max_depth=2), GaussianNB()):
        session.pin(made.fit(data, data["a"] > 20), "kinds", data=data, truth=data["a"] > 20)
    for a, b in (("v1", "v2"), ("v2", "v1")):
        found = comparison_view.of(session.compare(f"kinds@{a}", f"kinds@{b}"))
        assert {"max_depth", "var_smoothing"} <= {each.name for each in found.parameters.differ}


def test_a_step_of_a_pipeline_is_shown_by_the_parameters_that_differ(tmp_path: Path) -> None:
    """Its own long text is left out, unless it is another estimator; a number is not the version of a package."""
    opened = Session(board=tmp_path / "models")
    data = pd.DataFrame({"a": np.arange(20.0), "b": np.arange(20.0) % 3})
    for model in (Ridge(0.0), Ridge(2.0, tol=0.01), Lasso(2.0)):
        opened.pin(make_pipeline(StandardScaler(), model).fit(data, data["a"]), "line", data=data)

    def changes(a: str, b: str) -> dict[str, str]:
        rows = comparison_view.of(opened.compare(f"line@{a}", f"line@{b}")).parameters.differ
        return {row.name: row.note for row in rows}

    assert changes("v1", "v2") == {"ridge__alpha": "", "ridge__tol": "× 100"}
    assert {"ridge", "lasso"} <= changes("v2", "v3").keys()
    assert "steps" not in changes("v2", "v3")
    rows = comparison_view.of(opened.compare("line@v2", "line@v3")).parameters.differ
    assert {row.step for row in rows if row.name.startswith(("ridge__", "lasso__"))} == {"ridge", "lasso"}
    assert {row.step for row in rows if "__" not in row.name} == {""}
