"""Redaction: secrets in the source of a cell are replaced before anything is stored.

Three searches find them. Python code is read as a syntax tree, so that a name, a key or a call decides. Magics, shell
commands, comments and texts are searched line by line. Keys of vendors, passwords in URLs and blocks of keys are found
by their shape in any text, also by the rules of detect-secrets.
"""

from __future__ import annotations

import ast
import io
import os
import re
import tokenize
import warnings
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from mlops_magics.core.versioning.describing.secrets import (
    python_secrets,
    secret_commands,
    secret_shapes,
    secret_texts,
    shell_secrets,
    source_offsets,
)
from mlops_magics.core.versioning.describing.secrets.secret_names import is_secret, looks_random
from mlops_magics.core.versioning.describing.secrets.secret_shapes import Span

REDACTED = "[redacted]"

SHORTEST_VALUE = 8
"""Characters of a secret of the environment that is searched for. A shorter one may be a word."""

_MAGIC_LINE = re.compile(r"^(?P<indent>[ \t]*)(?P<target>[\w, ]+=[ \t]*)?(?P<magic>[%!?][^\n]*)", re.MULTILINE)
_PYTHON_CELLS = frozenset(
    {"time", "timeit", "capture", "prun", "pin_model", "debug", "memit", "mprun", "heat", "scalene"}
)
"""Cell magics whose cell is Python."""

_QUOTES = re.compile(r"(?P<prefix>[rbfuRBFU]{0,2})(?P<quote>'''|\"\"\"|'|\")")


_SETTING = re.compile(r"[rbfuRBFU]{0,2}['\"]{1,3}\s*(?:\{.*:.*\}|\w+(?::\s+|\s*=\s*)\S+)\s*['\"]{1,3}$")
"""A text that is a document of one line: JSON, or one setting of YAML."""


def redact(source: str) -> str:
    """Return the source with tokens, keys, passwords and credentials in URLs replaced by ``[redacted]``.

    >>> redact("db = connect('postgres://me:hunter2@db/x', password='hunter2')")
    "db = connect('postgres://[redacted]@db/x', password='[redacted]')"
    >>> redact("password = getpass.getpass(); author = 'me'")
    "password = getpass.getpass(); author = 'me'"
    """
    found = {span for span in _spans(source) if span[1] > span[0]}
    return _replaced(source, _merged(sorted(found | set(_repeated(source, found)))))


def redact_text(text: str) -> str:
    """Return the output of a program with its secrets replaced, in code and in lines such as ``token: abc123``."""
    return _replaced(text, _merged(sorted({*_in_output(text), *(span for span in _spans(text) if span[1] > span[0])})))


def redact_lines(text: str) -> str:
    """Return lines of a log with their secrets replaced. Code in them is not parsed, so that a long log is quick."""
    return _replaced(text, _merged(sorted({*_in_output(text), *secret_shapes.spans(text)})))


def _in_output(text: str) -> Iterator[Span]:
    yield from shell_secrets.spans_in_prose(text)
    yield from secret_shapes.spans_in_text(text)
    for value in _values_of_environment():
        yield from (found.span() for found in re.finditer(re.escape(value), text))


def _values_of_environment() -> Iterator[str]:
    """Yield the secrets that this process was given, which a program may print without their names."""
    for name, value in os.environ.items():
        if is_secret(name) and len(value) >= SHORTEST_VALUE and not value.startswith(("/", "~", ".")):
            yield value


def redact_document(document: Any, key: str = "") -> Any:
    """Return a JSON document, such as a notebook, with the secrets in its texts replaced. Images stay unchanged.

    Parameters
    ----------
    key
        The name under which a document contains this one. ``source`` is that of a cell.
    """
    redacted = redact if key == "source" else redact_text
    if key.startswith("image/"):
        return document
    if isinstance(document, str):
        return redacted(document)
    if isinstance(document, Mapping):
        return {name: redact_document(item, str(name)) for name, item in document.items()}
    if isinstance(document, list | tuple):
        if document and all(isinstance(each, str) for each in document) and _are_lines(document):
            return redacted("".join(document)).splitlines(keepends=True)
        return [redact_document(each, key) for each in document]
    return document


def _are_lines(texts: Iterable[str]) -> bool:
    """Return whether texts are the lines of one text, as in notebook cells: all but the last end with a line feed."""
    *before, _ = texts
    return all(text.endswith("\n") for text in before)


def _spans(source: str) -> Iterator[Span]:
    yield from secret_shapes.spans(source)
    code, commands = _separated(source)
    yield from shell_secrets.spans_in_commands(commands)
    yield from secret_shapes.spans_in_text(commands)
    if not code.strip():
        yield from shell_secrets.spans_in_prose(commands)
        return
    tree = _parsed(code)
    if tree is None:
        yield from shell_secrets.spans_in_prose(code)
        yield from secret_shapes.spans_in_text(code)
        return
    offsets = source_offsets.Offsets(code)
    yield from python_secrets.spans(tree, offsets)
    yield from secret_texts.spans_in_composed_texts(tree, offsets, code)
    yield from secret_commands.spans_in_word_lists(tree, offsets, code)
    for command in python_secrets.commands(tree, offsets):
        yield from _moved(command, shell_secrets.spans_in_commands(code[slice(*command)]))
    for comment in _comments(code, offsets):
        yield from _moved(comment, shell_secrets.spans_in_prose(code[slice(*comment)]))
        yield from _moved(comment, shell_secrets.spans_in_sentence(code[slice(*comment)]))
    for text in _texts(tree, offsets):
        yield from _moved(text, secret_shapes.spans_in_text(code[slice(*text)]))
        if "\n" in code[slice(*text)] or _SETTING.match(code[slice(*text)]):
            yield from _moved(text, shell_secrets.spans_in_prose(code[slice(*text)]))
        else:
            yield from _moved(text, shell_secrets.spans_in_sentence(code[slice(*text)]))


def _separated(source: str) -> tuple[str, str]:
    """Return the source without magics and shell commands, and these alone, both as long as the source."""
    head = re.match(r"\s*%%(\w*)[^\n]*", source)
    if head and head[1] not in _PYTHON_CELLS:
        return " " * len(source), source
    code, commands = list(source), [sign if sign == "\n" else " " for sign in source]
    for found in _MAGIC_LINE.finditer(source):
        start, end = found.span("magic")
        commands[start:end] = source[start:end]
        # `files = !ls` needs a value
        code[start:end] = ("0" if found["target"] else " ").ljust(end - start)
        if not found["target"] and found["indent"]:
            code[start:end] = "0".ljust(end - start)  # a block must not be empty
    return "".join(code), "".join(commands)


def _parsed(code: str) -> ast.Module | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an invalid escape is left to the author
        try:
            return ast.parse(code)
        # CPython reports deep nesting as a MemoryError too
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None


def _comments(code: str, offsets: source_offsets.Offsets) -> Iterator[Span]:
    try:
        for token in tokenize.generate_tokens(io.StringIO(code).readline):
            if token.type == tokenize.COMMENT:
                yield offsets.at(*token.start), offsets.at(*token.end)
    except (tokenize.TokenError, IndentationError, SyntaxError):
        return


def _texts(tree: ast.Module, offsets: source_offsets.Offsets) -> Iterator[Span]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes) and len(node.value) > 7:
            yield offsets.span(node)


def _repeated(source: str, spans: Iterable[Span]) -> Iterator[Span]:
    """Yield where else a cell has one of its secrets, such as in a call that names nothing. Words are left alone."""
    for start, end in spans:
        quoted = _QUOTES.match(source, start, end)
        secret = source[quoted.end() if quoted else start : end].strip("'\"")
        if looks_random(secret):
            yield from (found.span() for found in re.finditer(rf"(?<!\w){re.escape(secret)}(?!\w)", source))


def _moved(place: Span, spans: Iterable[Span]) -> Iterator[Span]:
    return ((place[0] + start, place[0] + end) for start, end in spans)


def _merged(spans: Iterable[Span]) -> list[Span]:
    merged: list[Span] = []
    for start, end in spans:
        if merged and start < merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged


def _replaced(source: str, spans: Iterable[Span]) -> str:
    parts, last = [], 0
    for start, end in spans:
        before, after = source[:start].rstrip(" \t")[-1:], source[end : end + 1]
        alone = before in {"=", "(", "[", "{", ",", ":"} and after in {"", "\n", " ", ")", "]", "}", ",", ";", ":"}
        parts += [source[last:start], _hidden(source[start:end], alone)]
        last = end
    return "".join([*parts, source[last:]])


def _hidden(secret: str, alone: bool) -> str:
    """Return the replacement of a secret: inside the quotes of a literal, quoted in place of a number, else bare.

    Parameters
    ----------
    alone
        Whether no text surrounds it, as in ``pin = 1234``. Within a text a number has no quotes.
    """
    quoted = _QUOTES.match(secret)
    if quoted and secret.endswith(quoted["quote"]) and len(secret) >= 2 * len(quoted["quote"]):
        return f"{quoted['prefix']}{quoted['quote']}{REDACTED}{quoted['quote']}"
    return f"'{REDACTED}'" if alone and secret.lstrip("-").replace("_", "").isdecimal() else REDACTED
