"""Words for numbers and lists in the sentences of views and messages."""

from __future__ import annotations

from collections.abc import Sequence

WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


LONGEST = 200
"""Characters of another user's or another program's text in a message."""


def one_line(text: object) -> str:
    """Return another user's or program's text in one line of bounded length, without control characters.

    >>> one_line("a\\nb")
    'a b'
    """
    return "".join(each if each.isprintable() else " " for each in str(text)[:LONGEST])


def in_words(count: int) -> str:
    """Return a small number as a word, a larger one with commas.

    >>> in_words(3), in_words(1234)
    ('three', '1,234')
    """
    return WORDS[count] if 0 <= count < len(WORDS) else f"{count:,}"


def number(value: object) -> str:
    """Return a number with four digits and a real minus, an integer with all of its own, and other values as text.

    >>> number(-2.711285), number(-1959), number("2026-01-01")
    ('−2.711', '−1959', '2026-01-01')
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return (f"{value:.4g}" if isinstance(value, float) else str(value)).replace("-", "−")


def counted(count: int, noun: str, many: str | None = None) -> str:
    """Return a number with its noun: ``1 row``, ``2 rows``.

    >>> counted(1, "row"), counted(1200, "row"), counted(2, "entry", "entries")
    ('1 row', '1,200 rows', '2 entries')
    """
    return f"{count:,} {noun if count == 1 else many or noun + 's'}"


_SINGULAR = {"are": "is", "have": "has", "were": "was"}
"""Verbs after one of a group, wherever they are."""
_FIRST = {"declare": "declares", "answer": "answers", "keep": "keeps", "log": "logs"}
"""Verbs after one of a group, at the beginning: nouns have the same letters."""


def of_all(passed: int, total: int, noun: str, words: str) -> str:
    """Return how many of a group do something, with noun and verbs in the right number.

    Parameters
    ----------
    passed, total
        The members that do it, and all of them.
    noun, words
        The group, and what each does, both in the plural.

    >>> of_all(3, 4, "models in use", "are signed"), of_all(1, 1, "models", "are signed, and have metrics")
    ('3 of 4 models in use are signed', '1 of 1 model is signed, and has metrics')
    >>> of_all(0, 0, "models in use", "are signed")
    'there are no models in use'
    """
    if not total:
        return f"there are no {noun}"
    if total == 1:
        first, space, rest = noun.partition(" ")
        noun = first.removesuffix("s") + space + rest
    if 1 in (passed, total):
        first, space, rest = words.partition(" ")
        rest = " ".join(_SINGULAR.get(word, word) for word in rest.split(" "))
        words = _SINGULAR.get(first, _FIRST.get(first, first)) + space + rest
    return f"{passed:,} of {total:,} {noun} {words}"


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
