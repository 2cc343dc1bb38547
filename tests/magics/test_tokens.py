"""The line behind a magic, cut into words."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_magics.errors import InvalidInput
from mlops_magics.magics.tokens import split


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("", []),
        ("  penguins   X ", ["penguins", "X"]),
        ("penguins X[['a', 'b c']]", ["penguins", "X[['a', 'b c']]"]),
        ("p X[X.island == 'Biscoe'].head(3)", ["p", "X[X.island == 'Biscoe'].head(3)"]),
        ('p --description "it\'s late"', ["p", "--description", "it's late"]),
        ("p --note='two words'", ["p", "--note=two words"]),
        ("p --truth df['y']", ["p", "--truth", "df['y']"]),
        ("p it's", ["p", "it's"]),
        (r"C:\models\new", [r"C:\models\new"]),
        ("'a' + 'b'", ["a", "+", "b"]),
        ("p --port 0   # don't (see below", ["p", "--port", "0"]),
        ("#1", []),
        ("p '# not one' a#b X['# c']", ["p", "# not one", "a#b", "X['# c']"]),
    ],
)
def test_words_are_cut_as_in_a_shell_and_expressions_stay_whole(line: str, words: list[str]) -> None:
    """Blanks separate, unless they are quoted or in brackets; a backslash is a backslash."""
    assert split(line) == words


@pytest.mark.parametrize("line", ["p 'open", "p X[0", 'p --note="x', "p X['a"])
def test_what_is_not_closed_is_refused_in_one_line(line: str) -> None:
    """An open quote or bracket would swallow the rest of the line."""
    with pytest.raises(InvalidInput, match="not closed"):
        split(line)


@given(st.lists(st.text(string.ascii_lowercase + string.digits + "@:._-", min_size=1, max_size=12), max_size=6))
def test_plain_words_come_back_as_they_were_said(words: list[str]) -> None:
    """Names, references and options need no quotes."""
    assert split(" ".join(words)) == words
