"""Words for numbers and lists in the sentences of views and messages."""

from __future__ import annotations

from collections.abc import Sequence

WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def in_words(count: int) -> str:
    """Return a small number as a word, a larger one with commas.

    >>> in_words(3), in_words(1234)
    ('three', '1,234')
    """
    return WORDS[count] if 0 <= count < len(WORDS) else f"{count:,}"


def counted(count: int, noun: str, many: str | None = None) -> str:
    """Return a number with its noun: ``1 row``, ``2 rows``.

    >>> counted(1, "row"), counted(1200, "row"), counted(2, "entry", "entries")
    ('1 row', '1,200 rows', '2 entries')
    """
    return f"{count:,} {noun if count == 1 else many or noun + 's'}"


def listed(words: Sequence[str], last: str = "and") -> str:
    """Return words as a sentence has them.

    >>> listed(["a"]), listed(["a", "b"]), listed(["a", "b", "c"])
    ('a', 'a and b', 'a, b and c')
    """
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def sentence(words: str) -> str:
    """Return words with a capital at the beginning.

    >>> sentence("three of four")
    'Three of four'
    """
    return words[:1].upper() + words[1:]
