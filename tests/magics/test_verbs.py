"""The line magics on a real board and real endpoints: each is one call on the session and returns its record."""

from __future__ import annotations

import io
from contextlib import redirect_stdout
from datetime import timedelta
from typing import Any

import pytest
from IPython.core.error import UsageError

from mlops_magics.core.versioning import clock


@pytest.fixture
def pinned(birds: Any) -> Any:
    """A notebook with two versions of one model."""
    for strength in (1, 2):
        birds.run(f"%%pin_model penguins --test X_test y_test\nmodel = LogisticRegression(C={strength}).fit(X, y)")
    return birds


def test_models_and_versions_are_listed(pinned: Any) -> None:
    """Newest first; a query narrows the models."""
    versions = pinned.run("%versions penguins")

    assert list(pinned.run("%models")["name"]) == ["penguins"]
    assert list(versions["version"]) == sorted(versions["version"], reverse=True)
    none = pinned.run("%models accuracy>1")
    assert len(none) == 0
    words, _ = pinned.ip.display_formatter.format(none)
    assert "fits accuracy>1: `%models` lists all" in words["text/plain"]
    assert ": accuracy&gt;1" in words["text/html"]
    assert "pin" in " ".join(map(str, pinned.run("%versions penguins --history")["event"]))


def test_an_alias_moves_and_moves_back(pinned: Any) -> None:
    """Promote and rollback are each other's undoing."""
    new, old = pinned.run("%versions penguins")["version"]
    pinned.run(f"%promote penguins@{old} champion")
    pinned.run(f"%promote penguins@{new} champion --note 'a better one' --force")
    assert pinned.session.version("penguins@champion").version == new

    pinned.run("%rollback penguins")
    assert pinned.session.version("penguins@champion").version == old


def test_versions_are_compared(pinned: Any) -> None:
    """The record is returned."""
    new, old = pinned.run("%versions penguins")["version"]

    assert type(pinned.run(f"%compare penguins@{old} penguins@{new} --data X_test")).__name__ == "VersionDiff"


def test_a_version_is_copied_to_another_board(pinned: Any) -> None:
    """`--board` looks there without leaving the current board."""
    here = pinned.run("%board").url
    pinned.run("%copy penguins other --name birds")

    assert list(pinned.run("%models --board other")["name"]) == ["birds"]
    same = pinned.run("%compare penguins other:birds")
    assert (same.metrics, same.profile, same.notes) == ((), (), ())
    assert pinned.run("%board").url == here


def test_a_board_is_chosen_and_named(shell: Any) -> None:
    """References say the name that it was given."""
    shell.run("%board first --name one")
    shell.run("%board second --name two")

    assert set(shell.session.boards) >= {"one", "two"}
    assert shell.run("%board").url.endswith("second")


def test_the_board_is_verified_and_swept(pinned: Any) -> None:
    """Both return their record."""
    assert pinned.run("%verify") is not None
    pinned.run("%gc")
    assert len(pinned.run("%versions penguins")) == 2


def test_a_version_is_packaged_as_onnx(pinned: Any, tmp_path: Any) -> None:
    """The graph's answers are compared with the model's; an existing file, or a model that does not convert, stays."""
    pytest.importorskip("skl2onnx")
    copy = pinned.run("%package penguins --to onnx --output birds.onnx --data X_test")
    assert copy.rows == 100
    assert copy.largest == 0
    assert 0 <= copy.probabilities < 1e-6
    written = (tmp_path / "birds.onnx").read_bytes()

    with pytest.raises(UsageError, match="exists already"):
        pinned.run("%package penguins --output birds.onnx")
    assert (tmp_path / "birds.onnx").read_bytes() == written

    pinned.run("%%pin_model odd --data X\nclass Odd:\n    def predict(self, X): return [1] * len(X)\nmodel = Odd()")
    with pytest.raises(UsageError, match="does not convert"):
        pinned.run("%package odd --output odd.onnx")
    assert not (tmp_path / "odd.onnx").exists()


def test_a_version_is_deleted(pinned: Any) -> None:
    """It is gone from the list, and the history says so."""
    _, old = pinned.run("%versions penguins")["version"]
    pinned.run(f"%delete penguins@{old} --note 'too old'")

    assert old not in list(pinned.run("%versions penguins")["version"])


def test_a_deleted_version_is_restored_by_its_name(pinned: Any) -> None:
    """`%delete` answers with a place in the trash; the name does as well."""
    new, old = pinned.run("%versions penguins")["version"]
    place = pinned.run(f"%delete penguins@{old}")
    assert pinned.run(f"%restore penguins@{old} --note 'still needed'").version == old
    with pytest.raises(UsageError, match="deleted version"):
        pinned.run(f"%restore penguins@{new}")
    place = pinned.run(f"%delete penguins@{old}")

    assert pinned.run(f"%restore {place}").version == old


def test_metadata_change_without_a_new_version(pinned: Any) -> None:
    """Found by what was said last; the history keeps why."""
    count = len(pinned.run("%versions penguins"))
    pinned.run("%annotate penguins --tag audited --metrics auc=0.97 --metadata {'owner': 'risk'} --note 'the audit'")

    assert list(pinned.run("%models auc>0.9 tag:audited owner=risk")["name"]) == ["penguins"]
    assert len(pinned.run("%versions penguins")) == count
    assert "the audit" in set(pinned.session.history("penguins")["note"])
    with pytest.raises(UsageError, match="Nothing to change"):
        pinned.run("%annotate penguins")


def test_a_protected_alias_moves_with_force_only(pinned: Any) -> None:
    """By promoting and by rolling back alike."""
    new, old = pinned.run("%versions penguins")["version"]
    pinned.run(f"%promote penguins@{old} champion")
    pinned.run("%protect penguins champion")
    for line in (f"%promote penguins@{new} champion", "%rollback penguins --alias champion"):
        with pytest.raises(UsageError, match="--force"):
            pinned.run(line)
        pinned.run(f"{line} --force")
    pinned.run("%protect penguins champion --off")

    assert pinned.run(f"%promote penguins@{new} champion").version == new


def test_predictions_come_from_the_board_when_nothing_runs(pinned: Any) -> None:
    """Expressions are frames too."""
    answers = pinned.run("%predict penguins X_test[X_test['bill'] > 0].head(3)")

    assert list(answers) == ["gentoo"] * 3 or len(answers) == 3


def test_data_that_do_not_fit_are_refused_without_an_endpoint_too(pinned: Any) -> None:
    """The board's model is checked as its endpoint would check: column, expected, got; no traceback of its library."""
    with pytest.raises(UsageError, match="mass"):
        pinned.run("%predict penguins X_test.drop(columns='mass')")
    with pytest.raises(UsageError, match="bill"):
        pinned.run("%predict penguins X_test.assign(bill='long')")
    reordered = pinned.run("%predict penguins X_test[['mass', 'flipper', 'bill']].assign(more=1)")
    assert list(reordered) == list(pinned["model"].predict(pinned["X_test"]))


def test_a_pin_readies_a_process_for_the_deployment(birds: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The endpoint is made of the process that waited; unloading ends one that nobody needed."""
    from mlops_magics.core.deploying.endpoints import warm_spare

    birds.run("%config MLOpsMagics.warm_spare = True")
    birds.run("%%pin_model penguins\nmodel = LogisticRegression().fit(X, y)")
    waiting = warm_spare._waiting[0].child
    endpoint = birds.run("endpoint = %deploy penguins\nendpoint")
    assert endpoint.pid == waiting.pid
    assert not warm_spare._waiting

    birds.run("%%pin_model penguins\nmodel = LogisticRegression(C=2).fit(X, y)")
    unneeded = warm_spare._waiting[0].child
    birds.run("%unload_ext mlops_magics")
    assert unneeded.poll() is not None
    endpoint.stop()


def test_a_board_of_another_session_is_known_by_its_label(pinned: Any) -> None:
    """What another notebook or shell opened answers to its name here."""
    from mlops_magics.core.session import Session

    Session(pinned.session.board.url).use(pinned.session.board.url, name="birds")
    assert Session(board="elsewhere").version("birds:penguins") == pinned.session.version("penguins")


def test_a_label_that_no_reference_could_hold_is_refused(pinned: Any) -> None:
    """At once, and the board before stays the current one."""
    from mlops_magics.errors import InvalidName

    before = pinned.session.board
    with pytest.raises(InvalidName, match="'one two' is not a valid label of a board"):
        pinned.session.use("elsewhere", name="one two")
    assert pinned.session.board is before


def test_an_endpoint_starts_answers_and_stops(pinned: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Deploy, list, ask, stop; while it answers, no sweep takes its version out of the trash."""
    endpoint = pinned.run("endpoint = %deploy penguins --no-token\nendpoint")
    listed = pinned.run("%endpoints")
    answers = pinned.run("%predict penguins X_test")

    assert endpoint.token is None
    assert list(listed["name"]) == ["penguins"]
    assert list(answers) == list(pinned["model"].predict(pinned["X_test"]))
    place = pinned.run(f"%delete penguins@{endpoint.version}")
    in_a_year = clock.wall_ns() + int(timedelta(days=365).total_seconds() * 1e9)
    monkeypatch.setattr(clock, "wall_ns", lambda: in_a_year)
    assert pinned.run("%gc").kept == (place,)
    assert pinned.run("%stop penguins").state == "stopped"
    assert len(pinned.run("%endpoints")) == 0
    assert pinned.run("%gc").trash == (place,)


def test_a_record_is_returned_and_nothing_is_printed(pinned: Any) -> None:
    """`table = %versions …` works, and prints nothing."""
    shown = io.StringIO()
    with redirect_stdout(shown):
        pinned.run("table = %versions penguins")

    assert shown.getvalue() == ""
    assert len(pinned["table"]) == 2


def test_a_semicolon_silences(pinned: Any) -> None:
    """As everywhere in a notebook."""
    assert pinned.run("%versions penguins;") is None
    assert pinned.run("%%pin_model penguins\nmodel = LogisticRegression().fit(X, y);") is None
    assert len(pinned.run("%versions penguins")) == 3


def test_braces_and_dollars_that_name_nothing_are_taken_as_they_are(birds: Any) -> None:
    """T15: A description expands as in IPython's own magics, and keeps what is not a variable."""
    birds.run("%%pin_model penguins --description 'costs $nothing {of}'\nmodel = LogisticRegression().fit(X, y)")

    assert birds.session.version("penguins").description == "costs $nothing {of}"


@pytest.mark.parametrize("line", ["%deploy penguin", "%versions penguin", "%promote penguin x", "%monitor penguin"])
def test_an_unknown_model_is_refused_with_the_nearest_one(pinned: Any, line: str) -> None:
    """One line that names what exists."""
    with pytest.raises(UsageError, match="penguins") as refused:
        pinned.run(line)

    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("%board http://127.0.0.1:9/models", "could not be read"),
        ("%delete penguins", r"such as `%delete penguins@v2`"),
        ("%pin_model loose LogisticRegression()", r"LogisticRegression is not fitted yet.*`\.fit\(X, y\)` comes first"),
        ("%pin_model loose --data X y", r"A Series is data, and not a model: `%pin_model loose MODEL --data X y`"),
    ],
)
def test_what_was_not_meant_is_refused_and_changes_nothing(pinned: Any, line: str, words: str) -> None:
    """A board that does not answer is not chosen, a version is deleted by name, an unfitted model is not pinned."""
    board = pinned.run("%board").url
    with pytest.raises(UsageError, match=words):
        pinned.run(line)

    assert pinned.run("%board").url == board
    assert list(pinned.run("%models")["name"]) == ["penguins"]
    assert len(pinned.run("%versions penguins")) == 2


def test_the_text_of_an_answer_has_all_of_it(pinned: Any) -> None:
    """A protection names the way back, and a report its notes."""
    assert "`%protect penguins champion --off` ends that" in repr(pinned.run("%protect penguins champion"))
    assert "moves freely again" in repr(pinned.run("%protect penguins champion --off"))
    pinned.run("import pandas")
    again = pinned.run("%monitor penguins --data pandas.concat([X_test[:3]] * 4)")
    shown, _ = pinned.ip.display_formatter.format(again)

    assert "9 of the 12 rows are copies of another row" in shown["text/plain"]
