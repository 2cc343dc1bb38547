"""The names that a line behind a magic sees: those of the notebook, of a function, and files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from IPython.core.error import UsageError

PIN = "model = LogisticRegression().fit(X, y)"


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("%pin_model inner model --data X --truth y", "version.lineage.data_fingerprint"),
        ("%predict outer X", "len(version)"),
        ("%predict outer X[[c for c in columns]]", "len(version)"),
        ("%monitor outer --data X", "version.rows"),
        ("%compare outer outer --data X", "version.predictions.rows"),
        ("%pin_model inner model --data X --truth y --metrics score=score", "version.metrics"),
    ],
)
def test_a_line_in_a_function_takes_the_function_s_own_variables(birds: Any, line: str, found: str) -> None:
    """A global of the same name is neither pinned nor read."""
    birds.run(f"%%pin_model outer\n{PIN}")
    body = "columns = list(X)\n    score = len(X) / 100\n    version = "
    birds.run(f"def act(X, y, model):\n    {body}{line}\n    return {found}")
    birds.run("score, columns = 99, ['no']\nown = LogisticRegression(C=0.01).fit(X_test, y_test)")
    inner = birds.run("act(X_test, y_test, own)")
    birds.run("X, y, model, score, columns = X_test, y_test, own, len(X_test) / 100, list(X_test)")

    outside = line.replace("inner", "second")
    assert repr(inner) == repr(birds.run(f"version = {outside}\n{found}"))


def test_a_line_in_an_inner_function_takes_the_variables_around_it(birds: Any) -> None:
    """Also those that the inner function does not name itself, and not those of a caller that is written elsewhere."""
    birds.run(f"%%pin_model outer\n{PIN}")
    birds.run(
        "def around():\n"
        "    rows = X_test\n"
        "    def within():\n"
        "        report = %monitor outer --data rows\n"
        "        return report.rows\n"
        "    return within()"
    )
    birds.run("def alone():\n    report = %monitor outer --data rows\ndef caller():\n    rows = X_test\n    alone()")

    assert birds.run("around()") == birds.run("len(X_test)")
    with pytest.raises(UsageError, match="No variable 'rows'"):
        birds.run("caller()")


def test_a_loop_over_models_names_them_by_expansion(birds: Any) -> None:
    """`{name}` and `$name` expand as in IPython's own magics."""
    birds.run(
        "for i, C in enumerate([0.1, 1.0]):\n"
        "    name, note, fitted = f'bird_{i}', f'C is {C}', LogisticRegression(C=C).fit(X, y)\n"
        "    %pin_model {name} fitted --data X --truth y --metrics c={C} --description {note}\n"
        "    %promote $name champion --note '{note}'\n"
    )
    session = birds.session

    assert [session.version(f"bird_{i}@champion").metrics["c"] for i in (0, 1)] == [0.1, 1.0]
    assert session.version("bird_1").description == "C is 1.0"


def test_a_file_stands_where_a_frame_is_wanted(birds: Any, tmp_path: Path) -> None:
    """A variable of the same spelling comes first; a truth may be a column of the file."""
    rows = pd.concat([birds["X_test"], birds["y_test"]], axis=1)
    rows.to_parquet("visits.parquet")
    rows.to_csv("my visits.csv", index=False)
    rows.to_json("visits.json", orient="records")
    birds.run(f"%%pin_model penguins\n{PIN}")
    birds.run("species = None")
    reports = [
        birds.run(f"%monitor penguins --data {words} --truth species")
        for words in ("visits.parquet", "'my visits.csv'", "visits.json", "X_test.assign(species=y_test)")
    ]

    assert len({round(report.performance["score"].iloc[0], 9) for report in reports}) == 1
    assert len(birds.run("%predict penguins visits.parquet")) == len(rows)
    birds.give(visits=type("Frames", (), {"parquet": birds["X_test"][:7]}))
    assert len(birds.run("%predict penguins visits.parquet")) == 7


@pytest.mark.parametrize(
    ("word", "words"),
    [("nowhere.parquet", "neither a variable of the notebook nor a file"), ("Xs", "did you mean 'X'")],
)
def test_a_word_that_names_nothing_is_one_line(birds: Any, word: str, words: str) -> None:
    """With the nearest name, or that there is no such file."""
    birds.run(f"%%pin_model penguins\n{PIN}")
    with pytest.raises(UsageError, match=words):
        birds.run(f"%monitor penguins --data {word}")


NAMED = ["body mass (g)", "temp [°C]", "a|b", "x<=y", "it's", "plain"]


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        ("'body mass (g)<=0.25'", "body mass (g)<=0.25"),
        ("'body mass (g) <= 0.25'", "body mass (g)<=0.25"),
        ("'temp [°C]|north (a)<=0.2'", "temp [°C]|north (a)<=0.2"),
        ("'a|b<=0.3'", "a|b<=0.3"),
        ("'a|b|c<=0.3'", "a|b|c<=0.3"),
        ("x<=y<=0.1", "x<=y<=0.1"),
        ('"it\'s<=0.4"', "it's<=0.4"),
        ("'accuracy|north east (2)>=0.6'", "accuracy|north east (2)>=0.6"),
        ("plain<=0.2 --ignore 'body mass (g)' 'temp [°C]'", "plain<=0.2, body mass (g) ignored, temp [°C] ignored"),
    ],
)
def test_thresholds_take_names_with_blanks_brackets_and_signs(birds: Any, words: str, kept: str) -> None:
    """The name of a feature is any text; between quotes it is one word."""
    birds.give(wide=pd.DataFrame(0.0, range(10), NAMED) + pd.Series(range(10)).to_numpy()[:, None], z=[0, 1] * 5)
    birds.run("%pin_model wide LogisticRegression().fit(wide,z) --data wide z")

    assert repr(birds.run(f"%thresholds wide {words}")) == kept
