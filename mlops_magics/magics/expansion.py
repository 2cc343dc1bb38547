"""Expansion of ``{expression}`` and ``$name`` in the words of a line, as IPython does it for its own magics.

A word is expanded by IPython's own formatter. Two kinds of word differ from a plain text:

- a dict, a set or an f-string of Python stays whole: ``--metadata {'owner': 'risk'}`` is a value, not a template.
- a list or tuple becomes one word per item: ``--also {others}``. A text with blanks becomes several words, as IPython
  does, except after an option that takes one word (``--note {reason}``) and between quotes.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import Any

from IPython.utils.text import DollarFormatter

from mlops_magics.magics import tokens
from mlops_magics.magics.verb import Verb


def expand(verb: Verb, line: str, names: Mapping[str, Any]) -> list[str]:
    """Split a line into words and expand each.

    Raises
    ------
    InvalidInput
        A quote or bracket that is not closed.
    """
    words: list[str] = []
    for token in tokens.scan(line):
        flag = token.text.partition("=")[0] if token.text.startswith("--") else words[-1] if words else ""
        option = verb.options.get(flag)
        takes_one = option is not None and option.takes == 1
        words += _expanded(token, names, whole=token.quoted or takes_one)
    return words


def _expanded(token: tokens.Token, names: Mapping[str, Any], *, whole: bool) -> Sequence[str]:
    text = token.text
    if not ("{" in text or "$" in text) or _is_python(text):
        return [text]
    items = None if whole else _items(text, names)
    if items is not None:
        return items
    try:
        # vformat as IPython calls it: a variable may be called self
        found = str(DollarFormatter().vformat(text, args=[], kwargs=dict(names)))
    except Exception:  # a word that cannot be expanded stays as it is, as in IPython
        return [text]
    return [found] if whole or found == text else tokens.split(found)


def _items(text: str, names: Mapping[str, Any]) -> list[str] | None:
    """Return the items of a list that the whole word names, or None where it names something else."""
    expression = text[1:-1] if text.startswith("{") and text.endswith("}") else text[1:] if text[0] == "$" else ""
    try:
        ast.parse(expression, mode="eval")
        value = eval(expression, dict(names))  # noqa: S307 - the user's own words, in the user's own kernel
    except Exception:  # the formatter has the last word
        return None
    return [str(each) for each in value] if isinstance(value, list | tuple) else None


def _is_python(text: str) -> bool:
    """Return whether braces are Python's own: of a dict, of a set of several or of constants, or of an f-string."""
    value = text.partition("=")[2] if text.startswith("--") else text
    try:
        tree = ast.parse(value, mode="eval")
    except SyntaxError:
        return False
    return any(_keeps_braces(node) for node in ast.walk(tree))


def _keeps_braces(node: ast.AST) -> bool:
    if isinstance(node, ast.Set):
        return len(node.elts) > 1 or isinstance(node.elts[0], ast.Constant | ast.Starred)
    return isinstance(node, ast.Dict | ast.DictComp | ast.SetComp | ast.JoinedStr)
