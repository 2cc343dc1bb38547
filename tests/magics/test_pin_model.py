"""`%%pin_model` and `%pin_model`: what the cell made becomes a version, and every inference is shown."""

from __future__ import annotations

from typing import Any

import pytest
from IPython.core.error import UsageError

from mlops_magics.magics.cell.note import with_note

CELL = "model = LogisticRegression().fit(X, y)"


def test_a_cell_becomes_a_version_with_lineage(birds: Any) -> None:
    """Source, time, data and truth need not be said, and the record says from which names they came."""
    version = birds.run(f"%%pin_model penguins\n{CELL}")

    assert version.name == "penguins"
    assert [column.name for column in version.prototype.columns] == ["bill", "flipper", "mass"]
    assert version.lineage.source.strip() == CELL
    assert version.lineage.training_seconds > 0
    assert version.metadata["inferred"] == {"model": "model", "data": "X", "truth": "y"}
    assert list(birds.session.load("penguins").predict(birds["X_test"])) == list(
        birds["model"].predict(birds["X_test"])
    )


def test_every_inference_is_shown(birds: Any) -> None:
    """In the terminal's text as in the notebook's HTML; also that data were not found, and what that means."""
    version = birds.run(f"%%pin_model penguins\n{CELL}")
    blind = birds.run("%%pin_model penguins\nfit = LogisticRegression().fit\nmodel = fit(X, y)")
    birds.run("%pin_model penguins model --data X --truth y")
    plain = birds.ip.display_formatter.formatters["text/plain"]

    assert "Found in the cell: model = model, data = X, truth = y." in plain(version)
    assert "without `--data X`" in plain(blind)
    assert "Found" not in plain(birds.session.version("penguins"))
    assert "data = X" in with_note(version, {"text/html": "<b>x</b>"}, str)["text/html"]


def test_an_option_beats_an_inference(birds: Any) -> None:
    """And is not reported as one."""
    birds.give(subset=birds["X"][["bill"]])
    cell = "a = LogisticRegression().fit(X, y)\nb = LogisticRegression().fit(X[['bill']], y)"
    version = birds.run(f"%%pin_model penguins --model b --data subset --no-source\n{cell}")

    assert [column.name for column in version.prototype.columns] == ["bill"]
    assert version.lineage.source is None
    assert version.metadata["inferred"] == {"truth": "y"}


def test_metrics_are_computed_on_the_test_data(birds: Any) -> None:
    """A classifier's: accuracy, macro F1, AUC and log loss; what is said is added and wins."""
    birds.give(scores={"auc_of_mine": 0.5})
    version = birds.run(f"%%pin_model penguins --test X_test y_test --metrics scores log_loss=9 brier=0.1\n{CELL}")

    assert version.metrics["accuracy"] == birds["model"].score(birds["X_test"], birds["y_test"])
    assert {"f1_macro", "roc_auc"} <= set(version.metrics)
    assert version.metrics["log_loss"] == 9
    assert (version.metrics["auc_of_mine"], version.metrics["brier"]) == (0.5, 0.1)


def test_what_is_said_about_a_version_is_kept(birds: Any) -> None:
    """Description, tags, metadata, format and alias."""
    birds.give(owner={"team": "ice"})
    line = "--description 'of the islands' --tag eu --tag small --metadata owner --format joblib --alias challenger"
    version = birds.run(f"%%pin_model penguins {line}\n{CELL}")

    assert version.description == "of the islands"
    assert version.tags == ("eu", "small")
    assert version.metadata["team"] == "ice"
    assert version.format == "joblib"
    assert birds.session.version("penguins@challenger").version == version.version


def test_the_line_form_pins_a_variable(birds: Any) -> None:
    """No cell, no inference: data are named."""
    birds.run(CELL)
    version = birds.run("%pin_model penguins model --data X --truth y")

    assert len(version.prototype.columns) == 3
    assert "inferred" not in version.metadata


def test_truth_can_be_a_column_of_the_data(birds: Any) -> None:
    """It is then no feature."""
    birds.run(CELL + "\nframe = X.assign(species=y)")
    version = birds.run("%pin_model penguins model --data frame --truth species")

    assert [column.name for column in version.prototype.columns] == ["bill", "flipper", "mass"]


def test_the_notebook_becomes_lineage(birds: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    """As far as the front end tells where it lies."""
    monkeypatch.setenv("JPY_SESSION_NAME", str(tmp_path / "birds.ipynb"))

    assert birds.run(f"%%pin_model penguins\n{CELL}").lineage.notebook == str(tmp_path / "birds.ipynb")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("../x", "is not a valid name of a model"),
        ("a\\b", "is not a valid name of a model"),
        ("x" * 300, "is not a valid name of a model"),
        ("🐧", "is not a valid name of a model"),
        ("penguins@champion", "gets its own name"),
        ("penguins --alias latest", "is not a valid alias|reserved"),
    ],
)
def test_a_bad_name_is_refused_before_the_training(birds: Any, line: str, words: str) -> None:
    """An hour of training must not end in a spelling fault."""
    with pytest.raises(UsageError, match=words) as refused:
        birds.run(f"%%pin_model {line}\ntrained = True\n{CELL}")

    assert "\n" not in str(refused.value)
    assert "trained" not in birds.ip.user_ns


@pytest.mark.parametrize(
    ("line", "cell", "words"),
    [
        ("penguins", "nothing = 1", "made no fitted model"),
        ("penguins", "a = LogisticRegression().fit(X, y)\nb = LogisticRegression(C=2).fit(X, y)", "2 models: a .*, b "),
        ("penguins --data Xs", CELL, "No variable 'Xs'; did you mean 'X'"),
        ("penguins --metrics accuracy=high", CELL, "No variable 'high'"),
        ("penguins --metrics X", CELL, "name=number or a mapping"),
        ("penguins --metadata X", CELL, "metadata is a mapping"),
        ("penguins --test X_test y", CELL, "100 rows, 300 truths"),
        ("penguins --format paper", CELL, "paper"),
        ("penguins", CELL + "\nmodel.hook = (value for value in ())", "."),
    ],
)
def test_a_refused_pin_loses_nothing_of_the_training(birds: Any, line: str, cell: str, words: str) -> None:
    """One line with the next step; the cell's names are there, and the board is as it was."""
    with pytest.raises(UsageError, match=words) as refused:
        birds.run(f"%%pin_model {line}\n{cell}")

    assert "pins without training again" in str(refused.value)
    assert "\n" not in str(refused.value)
    assert len(birds.run("%models")) == 0


def test_a_model_without_a_cell_or_a_variable_is_asked_for(shell: Any) -> None:
    """`%pin_model NAME` alone says what is missing."""
    with pytest.raises(UsageError, match="Which model"):
        shell.run("%pin_model penguins")


def test_a_board_that_cannot_be_written_is_told_before_the_training(birds: Any) -> None:
    """A board behind plain http is for reading only; nothing is asked of it."""
    birds.session.use("http://127.0.0.1:9/models")
    with pytest.raises(UsageError, match=r"cannot be written. To fix it: `%board"):
        birds.run("%%pin_model penguins\ntrained = True")

    assert "trained" not in birds.ip.user_ns
