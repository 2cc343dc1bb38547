"""Words for numbers and lists in sentences."""

from __future__ import annotations

import pytest

from mlops_magics.core.phrases import counted, in_words, listed, sentence


@pytest.mark.parametrize(("count", "words"), [(0, "no"), (1, "one"), (12, "twelve"), (13, "13"), (1234, "1,234")])
def test_a_small_number_is_a_word(count: int, words: str) -> None:
    """From thirteen on it is written with digits."""
    assert in_words(count) == words


def test_a_noun_follows_its_number() -> None:
    """One is singular, and zero is not."""
    assert [counted(number, "row") for number in (0, 1, 1200)] == ["0 rows", "1 row", "1,200 rows"]
    assert counted(2, "entry", "entries") == "2 entries"


def test_words_of_a_list_are_joined_as_in_a_sentence() -> None:
    """The last one has a word before it, and a sentence begins with a capital."""
    assert [listed([]), listed(["a"]), listed(["a", "b"]), listed(["a", "b", "c"], "or")] == [
        "",
        "a",
        "a and b",
        "a, b or c",
    ]
    assert [sentence(""), sentence("two of four")] == ["", "Two of four"]
