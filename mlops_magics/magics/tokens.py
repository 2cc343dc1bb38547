"""The line after a magic, split into words as in a shell, except that a Python expression stays whole."""

from __future__ import annotations

from typing import NamedTuple

from mlops_magics.errors import InvalidInput

OPENING, CLOSING, QUOTES, COMMENT = "([{", ")]}", "'\"", "#"


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
    words, last, is_open = _pieces(line)
    last = "" if is_open == COMMENT else last
    if is_open and is_open != COMMENT:
        kind = "quote" if is_open in QUOTES else "bracket"
        raise InvalidInput(f"A {kind} is not closed. Put a name that holds one between quotes: {line.strip()}")
    return [_token(each) for each in (*words, *([last] if last else []))]


def unfinished(line: str) -> tuple[list[str], str]:
    """Return the finished words of a line that is being typed, and its last word as it is typed, quote included.

    >>> unfinished("flights --truth 'late mi")
    (['flights', '--truth'], "'late mi")
    """
    words, last, _ = _pieces(line)
    return [_token(each).text for each in words], last


def quoted(word: str, mark: str = "") -> str | None:
    """Return a word as it has to be typed, with quotes where it needs some, or None where it cannot be typed.

    Parameters
    ----------
    mark
        The quote that is typed already.
    """
    if not mark and _pieces(word) == ([], word, ""):
        return word
    return next((f"{each}{word}{each}" for each in mark or QUOTES if each not in word), None)


def _pieces(line: str) -> tuple[list[str], str, str]:
    """Return the finished words of a line, the last one, empty where none was begun, and what it leaves open.

    That is a quote, a bracket, or a comment, which is the last word.
    """
    words, start, depth, quote = list[str](), None, 0, ""
    for position, sign in enumerate(line):
        if start is None and sign == COMMENT:
            return words, line[position:], COMMENT  # as in a shell and in Python
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
    return words, line[start:] if start is not None else "", quote or ("(" if depth else "")


def _token(word: str) -> Token:
    """Take quotes off a word, or off the value of an option (``--note="…"``)."""
    flag, equals, value = word.partition("=")
    if equals and flag.startswith("--"):
        bare = _token(value)
        return Token(f"{flag}={bare.text}", bare.quoted)
    quoted = len(word) > 1 and word[0] in QUOTES and word[-1] == word[0] and word[0] not in word[1:-1]
    return Token(word[1:-1] if quoted else word, quoted)
