"""Completion behind a magic: what may follow, and what exists."""

from __future__ import annotations

from typing import Any

import pytest
from IPython.core.completer import provisionalcompleter

from mlops_magics.magics import offers, tokens
from mlops_magics.magics.verbs import VERBS


def completed(shell: Any, line: str) -> list[str]:
    """Return the whole words that IPython offers at the end of a line."""
    with provisionalcompleter():
        found = list(shell.ip.Completer.completions(line, len(line)))
    return [f"{line[: each.start]}{each.text}".split(" ")[-1] for each in found]


@pytest.fixture
def pinned(birds: Any) -> Any:
    """A notebook with one model, two versions, and an alias."""
    for strength in (1, 2):
        birds.run(f"%%pin_model penguins\nmodel = LogisticRegression(C={strength}).fit(X, y)")
    birds.run("%promote penguins winner")
    return birds


@pytest.mark.parametrize("verb", VERBS.values(), ids=list(VERBS))
def test_every_option_of_every_verb_is_offered(shell: Any, verb: Any) -> None:
    """Options are read from the declaration."""
    assert set(completed(shell, f"%{verb.name} --")) == {*verb.options, "--help"}


def test_an_option_that_was_said_is_not_offered_again(shell: Any) -> None:
    """It would do nothing."""
    assert "--port" not in completed(shell, "%deploy penguins --port 80 --")


def test_models_versions_and_aliases_are_offered(pinned: Any) -> None:
    """Names first; behind the @ what that model has."""
    versions = list(pinned.run("%versions penguins")["version"])

    assert completed(pinned, "%deploy pe") == ["penguins"]
    assert completed(pinned, "endpoint = %deploy pe") == ["penguins"]
    assert completed(pinned, "%deploy penguins@wi") == ["penguins@winner"]
    assert set(completed(pinned, "%compare penguins@winner penguins@")) >= {
        f"penguins@{version}" for version in versions
    }
    assert completed(pinned, "%promote penguins ") [:1] == ["winner"]  # fmt: skip


def test_a_version_is_offered_by_number_alias_and_both_ends_of_its_id(pinned: Any) -> None:
    """In every place of every verb that takes one; `%restore` offers those in the trash."""
    gone, kept = sorted(pinned.run("%versions penguins")["version"])[:1], pinned.session.version("penguins").version
    pinned.run("%delete penguins@v1")
    for verb in VERBS.values():
        for argument in (each for each in verb.arguments if each.kind in ("version", "deleted")):
            first = "penguins@v2 " if argument.name == "b" else f"penguins {argument.flags[0]} " * argument.optional
            deleted = argument.kind == "deleted"
            version, shown = (gone[0], {"penguins@v1"}) if deleted else (kept, {"penguins@v2", "penguins@winner"})
            started = {f"penguins@{part}" for part in ("v", "w", version[:-2], version[-5:], version[-4:])}
            offered = {word for each in started for word in completed(pinned, f"%{verb.name} {first}{each}")}

            assert offered >= {*shown, f"penguins@{version}"}, verb.name
            assert completed(pinned, f"%{verb.name} {first}penguins@{version[-4:]}") == [f"penguins@{version}"]


def test_an_at_alone_means_the_first_model_of_a_comparison(pinned: Any) -> None:
    """As it does when the line is run."""
    version = pinned.session.version("penguins@v1").version

    assert completed(pinned, "%compare penguins@v1 @wi") == ["@winner"]
    assert completed(pinned, f"%compare penguins@v2 @{version[-5:]}") == [f"@{version}"]


def test_python_is_completed_after_a_line_of_ours_as_before(pinned: Any) -> None:
    """IPython writes into what a matcher returns, so that no result is returned twice."""
    pinned.ip.user_ns["abcde"] = 1
    for line, offered in (("abcd", ["abcde"]), ("X.colum", ["X.columns"]), ("%deploy zz", []), ("abcd", ["abcde"])):
        assert completed(pinned, line) == offered


def test_variables_columns_and_choices_are_offered(pinned: Any) -> None:
    """Frames come first where a frame is wanted; columns are those of --data, else the features."""
    assert completed(pinned, "%predict penguins X_") == ["X_test"]
    assert completed(pinned, "%monitor penguins --data ")[:2] == ["X", "X_test"]
    assert completed(pinned, "%monitor penguins --data X_test --timestamp fl") == ["flipper"]
    assert completed(pinned, "%deploy penguins --drop bi") == ["bill"]
    assert completed(pinned, "%deploy penguins --engine ") == ["native", "onnx"]


@pytest.mark.parametrize(
    ("started", "offered"),
    [
        ("late", "'late min'"),
        ('"late', '"late min"'),
        ("'late m", "'late min'"),
        ("grö", "größe"),
        ("it", "it's"),
        ("'it", None),
        ("#", "'# of'"),
        ("x(", "'x(1'"),
        ("z" * 70, "z" * 80),
    ],
)
def test_names_are_offered_as_they_have_to_be_typed(pinned: Any, started: str, offered: str | None) -> None:
    """With quotes around blanks and what begins a comment or a bracket. A quote that is typed is used."""
    names = ["late min", "größe", "it's", "# of", "x(1", "z" * 80]
    pinned.give(rows=pinned["X"].head(2).assign(**dict.fromkeys(names, 1)))
    line = f"%monitor penguins --data rows --segment {started}"
    with provisionalcompleter():
        found = list(pinned.ip.Completer.completions(line, len(line)))
    typed = [f"{line[: each.start]}{each.text}" for each in found]

    if offered is not None:
        assert typed == [f"%monitor penguins --data rows --segment {offered}"]
        assert tokens.split(typed[0])[-1] in names


def test_other_boards_are_offered_and_so_is_what_lies_on_them(pinned: Any, tmp_path: Any) -> None:
    """Behind a label and a colon, and behind --board."""
    version = pinned.run("%versions penguins")["version"].iloc[0]
    pinned.run(f"%board {tmp_path / 'elsewhere'} --name team")
    pinned.run("model = LogisticRegression().fit(X, y)")
    pinned.run("%pin_model swans model --data X --truth y")
    pinned.run("%board models")

    assert "team" in completed(pinned, "%copy penguins te")
    assert completed(pinned, "%deploy team:s") == ["team:swans"]
    assert completed(pinned, "%models --board te") == ["team"]
    assert completed(pinned, "%versions --board team s") == ["swans"]
    assert completed(pinned, "%rollback sw") == []
    assert f"penguins@{version}" in completed(pinned, "%delete penguins@")


def test_words_of_an_option_are_offered(shell: Any) -> None:
    """Statistics, formats, periods and references have names."""
    assert completed(shell, "%monitor penguins --statistics ks ps") == ["psi"]
    assert completed(shell, "%monitor penguins --by ") == ["day", "week", "month"]
    assert "previous" in completed(shell, "%monitor penguins --reference ")
    assert {"auto", "skops", "joblib"} <= set(completed(shell, "%pin_model penguins model --format "))


def test_the_first_line_of_a_cell_magic_is_completed(pinned: Any) -> None:
    """`%%pin_model` knows the models that are there."""
    assert completed(pinned, "%%pin_model pen") == ["penguins"]


def test_nothing_is_offered_elsewhere(shell: Any) -> None:
    """Python and other people's magics complete as ever."""
    assert offers.place_of("X.he", VERBS) is None
    assert offers.place_of("%timeit deploy ", VERBS) is None
    assert offers.place_of("%depl", VERBS) is None


def test_a_board_that_cannot_be_read_does_not_disturb_typing(shell: Any, tmp_path: Any) -> None:
    """Completion never raises."""
    (tmp_path / "models").write_text("a file where the board should be")

    place = offers.place_of("%deploy x", VERBS)
    assert shell.ip._mlops_magics_extension.completion.choices(place) == []
