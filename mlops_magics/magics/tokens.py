"""The line after a magic, split into words as in a shell, except that a Python expression stays whole."""

from __future__ import annotations

from typing import NamedTuple

from mlops_magics.errors import InvalidInput

OPENING, CLOSING, QUOTES = "([{", ")]}", "'\""


class Token(NamedTuple):
    """A word of a line, and whether quotes were around it."""

    text: str
    quoted: bool


def split(line: str) -> list[str]:
    """Split a line at blanks outside quotes and brackets, and remove quotes around a whole word.

    A word that begins with ``#`` is a comment, to the end of the line.

    Examples
    --------
    >>> split("penguins X[['island', 'sex']].head(3) --description 'of the palmer islands'")
    ['penguins', "X[['island', 'sex']].head(3)", '--description', 'of the palmer islands']

    Raises
    ------
    InvalidInput
        A quote or bracket that is not closed.
    """
    return [token.text for token in scan(line)]


def scan(line: str) -> list[Token]:
    """Return the words of `split`, each with whether it was quoted.

    Raises
    ------
    InvalidInput
    """
    words, start, depth, quote = [], None, 0, ""
    for position, sign in enumerate(line):
        if start is None and sign == "#":
            break  # a comment, as in a shell and in Python
        if start is None and not sign.isspace():
            start = position
        if quote:
            quote = "" if sign == quote else quote
        elif sign in QUOTES and (depth or start == position or line[position - 1] == "="):
            quote = sign  # within a word it is an apostrophe, as in Ana's
        elif sign in OPENING:
            depth += 1
        elif sign in CLOSING:
            depth = max(depth - 1, 0)
        elif sign.isspace() and not depth and start is not None:
            words.append(line[start:position])
            start = None
    if quote or depth:
        kind = "quote" if quote else "bracket"
        raise InvalidInput(f"A {kind} is not closed. Put a name that holds one between quotes: {line.strip()}")
    return [_token(each) for each in (*words, *([line[start:]] if start is not None else []))]


def _token(word: str) -> Token:
    """Take quotes off a word, or off the value of an option (``--note="…"``)."""
    flag, equals, value = word.partition("=")
    if equals and flag.startswith("--"):
        bare = _token(value)
        return Token(f"{flag}={bare.text}", bare.quoted)
    quoted = len(word) > 1 and word[0] in QUOTES and word[-1] == word[0] and word[0] not in word[1:-1]
    return Token(word[1:-1] if quoted else word, quoted)
