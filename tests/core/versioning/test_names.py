"""Names: what a board accepts, and that nothing else reaches a disk."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from mlops_magics.core.session import Session
from mlops_magics.core.versioning import AliasName, Board, Facts, FileName, ModelName, ModelRef, VersionName, open_board
from mlops_magics.core.versioning.names import timed
from mlops_magics.errors import InvalidName, MlopsError

HOSTILE = [
    "", ".", "..", "../x", "..\\x", "a/b", "a\\b", "/etc/passwd", "a\0b", "a\nb", " a", "a ", "-rf", "$(id)",
    "*", "CON", "con.txt", "LPT1", "data.txt", "mlops-magics-log", "_pins.yaml", "a" * 300,
    "é", "e\u0301", "😀", "%2e%2e", "file://x", "a:b:c@d@e", "x.", "~", "@", ":",
]  # fmt: skip
WORDS = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=40), st.text("./\\%0a~$-@:", max_size=12))


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_are_no_model_names(text: str) -> None:
    """A word that could leave its place, or read differently elsewhere, is refused with one line."""
    with pytest.raises(InvalidName) as refused:
        ModelName(text)

    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("kind", [ModelName, VersionName, AliasName, FileName])
@given(text=WORDS)
@example(text="CON")
def test_an_accepted_name_is_one_safe_path_component(kind: Any, text: str) -> None:
    """Whatever is accepted, for any kind of name, stays directly below its folder."""
    try:
        name = kind(text)
    except InvalidName:
        return

    assert name == text
    assert Path("/board", name).parent == Path("/board")
    assert name.isascii()
    assert name.isprintable()


@given(text=WORDS)
def test_a_reference_reads_back_as_it_is_written(text: str) -> None:
    """`str` of a reference parses to the same reference."""
    try:
        ref = ModelRef.parse(text)
    except InvalidName:
        return

    assert ModelRef.parse(str(ref)) == ref


ENTRIES: list[Callable[[Board, str], Any]] = [
    lambda board, text: board.publish(len, text),
    lambda board, text: board.publish(len, "fine", Facts(files={text: b"x"})),
    lambda board, text: board.version(text),
    lambda board, text: board.version("penguins", text),
    lambda board, text: board.load(text),
    lambda board, text: board.read_file("penguins", text),
    lambda board, text: board.versions(text),
    lambda board, text: board.history(text),
    lambda board, text: board.aliases(text),
    lambda board, text: board.promote(text, to="champion"),
    lambda board, text: board.promote("penguins", to=text),
    lambda board, text: board.rollback(text),
    lambda board, text: board.rollback("penguins", alias=text),
    lambda board, text: board.protect("penguins", text),
    lambda board, text: board.annotate(text, description="x"),
    lambda board, text: board.delete(text),
    lambda board, text: board.delete(f"penguins@{text}"),
    lambda board, text: board.restore(text),
    lambda board, text: board.copy("penguins", board, name=text),
    lambda board, text: board.side(board.version(text)),
    lambda board, text: board.models(text),
]


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Board:
    """A board with a canary on every side."""
    around = tmp_path_factory.mktemp("around")
    (around / "canary.txt").write_text("alive")
    (around / "canary").mkdir()
    (around / "canary" / "data.txt").write_text("alive")
    board = open_board(around / "board")
    board.publish(len, "penguins")
    return board


WHOLE = "20250101T000000Z-abcde"


@given(st.lists(st.one_of(st.sampled_from([WHOLE, f"{WHOLE}\n", f"x\n{WHOLE}", f"{WHOLE}\n{WHOLE}", "", "\n"]), WORDS)))
def test_versions_are_found_among_whatever_lies_beside_them(entries: list[str]) -> None:
    """All at once or one by one: the same names, and none that is only a line of another entry."""
    assert timed(entries) == timed(entries, {"proven before"}) == [each for each in entries if each == WHOLE]


SESSION_ENTRIES: list[Callable[[Session, str], Any]] = [
    lambda session, text: session.pin(len, text),
    lambda session, text: session.version(text),
    lambda session, text: session.load(text),
    lambda session, text: session.versions(text),
    lambda session, text: session.history(text),
    lambda session, text: session.promote(text, to="champion"),
    lambda session, text: session.rollback(text),
    lambda session, text: session.protect(text, "champion"),
    lambda session, text: session.protect("penguins", text),
    lambda session, text: session.annotate(text, description="x"),
    lambda session, text: session.compare("penguins", text),
    lambda session, text: session.copy(text, session.board),
    lambda session, text: session.copy("penguins", session.board, name=text),
    lambda session, text: session.package(text),
    lambda session, text: session.delete(text),
    lambda session, text: session.restore(text),
    lambda session, text: session.stop(text),
    lambda session, text: session.models(text),
]


def _stays_inside(guarded: Board, act: Callable[[], Any]) -> None:
    """Act: it works inside the board or refuses with our own error in one line; what lies around is untouched."""
    around = Path(guarded.url).parent
    message = ""
    try:
        act()
    except MlopsError as refused:
        message = str(refused)

    assert "\n" not in message
    assert sorted(path.name for path in around.iterdir()) == ["board", "canary", "canary.txt"]
    assert (around / "canary.txt").read_text() == (around / "canary" / "data.txt").read_text() == "alive"
    assert guarded.versions("penguins").shape[0] >= 1


@pytest.mark.parametrize("entry", ENTRIES)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(text=WORDS)
def test_no_public_entry_point_lets_a_hostile_word_out(
    guarded: Board, entry: Callable[[Board, str], Any], text: str
) -> None:
    """T5: Every way into a board."""
    _stays_inside(guarded, lambda: entry(guarded, text))


@pytest.mark.parametrize("entry", SESSION_ENTRIES)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(text=WORDS)
def test_no_verb_lets_a_hostile_word_out(guarded: Board, entry: Callable[[Session, str], Any], text: str) -> None:
    """The same through a session, where references also name boards."""
    _stays_inside(guarded, lambda: entry(Session(board=guarded), text))
