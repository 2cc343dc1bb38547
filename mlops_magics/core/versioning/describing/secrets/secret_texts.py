"""Secrets in texts that are made of parts, such as a URL whose password is another literal, or written with escapes."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from mlops_magics.core.versioning.describing.secrets import secret_shapes, shell_secrets
from mlops_magics.core.versioning.describing.secrets.secret_literals import name_of, text_of

if TYPE_CHECKING:
    from mlops_magics.core.versioning.describing.secrets.secret_shapes import Span
    from mlops_magics.core.versioning.describing.secrets.source_offsets import Offsets

Part = tuple[str, ast.expr | None]
"""A text, and the literal that it comes from. None is for what is known at run time only."""
Search = Callable[[str], Iterable["Span"]]
"""A function that yields the secrets in a text."""

_UNKNOWN: Part = ("{x}", None)
"""Reads as a placeholder."""

_FIELD = re.compile(r"\{(?P<name>\w*)(?:![rsa])?(?::[^{}]*)?\}|%\((?P<key>\w+)\)s|%[sdr]|\$\{?(?P<variable>\w+)\}?")
"""A place in a template of ``format``, of ``%`` or of ``string.Template``."""

_LONGEST = 100_000
"""Characters of a text that is searched."""

SHORTEST = 4
"""Characters of a part that is searched for in its literal. A shorter one would be found in other words too."""


def spans_in_composed_texts(tree: ast.AST, offsets: Offsets, code: str) -> Iterator[Span]:
    """Yield the secrets that a text shows only when its parts are put together.

    Parameters
    ----------
    offsets
        The positions of the lines in the code.
    code
        The text that was parsed.
    """
    for root in _roots(tree):
        parts = _parts(root)
        text = text_in(parts)
        if len(text) <= _LONGEST and text != code[slice(*offsets.span(root))].strip("'\""):
            yield from spans_in_parts(parts, _secrets, offsets, code)


def _roots(node: ast.AST) -> Iterator[ast.expr]:
    """Yield the largest expressions that make a text of literals."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr) and _is_text(child):
            yield child
        else:
            yield from _roots(child)


def _is_text(node: ast.expr) -> bool:
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, ast.Add | ast.Mod) and (_is_text(node.left) or _is_text(node.right))
    if isinstance(node, ast.Call):
        owner = node.func.value if isinstance(node.func, ast.Attribute) else None
        template = isinstance(owner, ast.Call) and name_of(owner.func) == "Template"
        return bool(owner and name_of(node.func) in {"format", "join"} and text_of(owner)) or (
            template and name_of(node.func) in {"substitute", "safe_substitute"}
        )
    return bool(text_of(node)) or isinstance(node, ast.JoinedStr)


def _parts(node: ast.expr) -> list[Part]:
    """Return the texts that an expression puts together, each with its literal."""
    if isinstance(node, ast.Constant):
        return [(text_of(node) or str(node.value), node)]
    if isinstance(node, ast.JoinedStr):
        return [(text, literal and node) for each in node.values for text, literal in _parts(each)]
    if isinstance(node, ast.FormattedValue):
        return _parts(node.value)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return [*_parts(node.left), *_parts(node.right)]
    if isinstance(node, ast.BinOp) and text_of(node.left):
        return _filled(node.left, _given(node.right), {})
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and _is_text(node):
        owner, names = node.func.value, {each.arg or "": each.value for each in node.keywords}
        if name_of(node.func) == "join":
            listed = node.args[0].elts if node.args and isinstance(node.args[0], ast.Tuple | ast.List) else []
            return [part for each in listed for part in ((text_of(owner), None), *_parts(each))][1:]
        template = owner.args[0] if isinstance(owner, ast.Call) and owner.args else owner
        return _filled(template, node.args, names)
    return [_UNKNOWN]


def _given(value: ast.expr) -> list[ast.expr]:
    return value.elts if isinstance(value, ast.Tuple) else [value]


def _filled(template: ast.expr, values: list[ast.expr], names: dict[str, ast.expr]) -> list[Part]:
    """Return a template with its values in place of its fields."""
    text, last, parts, number = text_of(template), 0, list[Part](), 0
    for field in _FIELD.finditer(text):
        name = field["name"] or field["key"] or field["variable"] or ""
        place = int(name) if name.isdecimal() and len(name) < 3 else number
        value = names.get(name) if name in names else values[place] if place < len(values) else None
        number += not name
        parts += [(text[last : field.start()], template), *([_UNKNOWN] if value is None else _parts(value))]
        last = field.end()
    return [*parts, (text[last:], template)]


def _secrets(text: str) -> Iterator[Span]:
    yield from secret_shapes.spans(text)
    yield from secret_shapes.spans_in_text(text)
    yield from shell_secrets.spans_in_sentence(text)
    if "\n" in text or text.lstrip().startswith("{"):
        yield from shell_secrets.spans_in_prose(text)


def text_in(parts: list[Part]) -> str:
    """Return the joined text of parts."""
    return "".join(text for text, _ in parts)


def spans_in_parts(parts: list[Part], search: Search, offsets: Offsets, code: str) -> Iterator[Span]:
    """Yield where the secrets of a text that is made of parts are in the code.

    Parameters
    ----------
    parts
        The texts that are searched together.
    search
        A function that yields the secrets in the joined text.
    offsets
        The positions of the lines in the code.
    code
        The text that was parsed.
    """
    for found in search(text_in(parts)):
        yield from _places_in_source(parts, found, offsets, code)


def _places_in_source(parts: list[Part], found: Span, offsets: Offsets, code: str) -> Iterator[Span]:
    """Yield where the parts of a secret are in the code: the same letters, or else the whole literal."""
    start = 0
    for text, literal in parts:
        shared = text[max(found[0] - start, 0) : max(found[1] - start, 0)]
        start += len(text)
        if literal is None or not re.search(r"\w", shared):
            continue
        place = offsets.span(literal)
        same = [each.span() for each in re.finditer(re.escape(shared), code[slice(*place)])]
        if same and len(shared) >= SHORTEST:
            yield from ((place[0] + first, place[0] + last) for first, last in same)
        else:
            yield place
