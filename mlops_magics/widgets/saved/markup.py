"""Elements as text: every value is escaped, without exception. Only the results of these functions are markup."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from typing import Any


class Markup(str):
    """Text that is markup already."""

    __slots__ = ()


LINES = frozenset({"mlops-line", "mlops-key", "mlops-open", "mlops-head"})
"""Classes whose children stand beside each other: a space is between them where no style is, such as on GitHub."""
VOID = frozenset({"br", "hr", "img", "input", "col"})
"""Elements without an end tag."""
BREAKS = re.compile(r"(?=(?<=.)[A-Z][a-z])|(?<=[_/=-])(?=\w)|(?<=[.])(?=[a-z_])")
"""Where a name may go on in the next line."""
SHAPES = frozenset({"circle", "line", "path", "rect"})
"""Elements of SVG that are closed in their own tag. A report has thousands of them."""


def h(tag: str, attributes: dict[str, Any] | None = None, /, *children: Any) -> Markup:
    """Return an element, without attributes and children that are None or False.

    >>> h("p", {"class": "a"}, "1 < 2", None, h("b", None, "3"))
    '<p class="a">1 &lt; 2<b>3</b></p>'
    """
    named = "".join(
        f" {name}" if value is True else f' {name}="{html.escape(str(value))}"'
        for name, value in (attributes or {}).items()
        if value is not None and value is not False
    )
    kind = (attributes or {}).get("class")
    inner = join(children) if not kind or LINES.isdisjoint(kind.split()) else spaced(children)
    if tag in VOID or (tag in SHAPES and not inner):
        return Markup(f"<{tag}{named}{'/' if tag in SHAPES else ''}>")
    return Markup(f"<{tag}{named}>{inner}</{tag}>")


def prose(text: str) -> Markup:
    """Return a sentence in which what is between backticks is code.

    >>> prose("Run `%deploy a<b`.")
    'Run <code>%deploy a&lt;b</code>.'
    """
    parts = text.split("`")
    if len(parts) % 2 == 0:  # a backtick without its partner is a character
        return join([text])
    return join(h("code", None, each) if place % 2 else each for place, each in enumerate(parts))


def breakable(text: str) -> Markup:
    """Return a name of code that may break behind its underscores and equals signs, and before its capitals.

    >>> breakable("late_flights")
    'late_<wbr>flights'
    """
    return Markup("<wbr>".join(html.escape(each) for each in BREAKS.split(text)))


def spaced(children: Iterable[Any]) -> Markup:
    """Return children with a space between each and the next."""
    return Markup(" ".join(filter(None, (join([each]) for each in children))))


def join(children: Iterable[Any]) -> Markup:
    """Return children one after the other, with nested lists flattened."""
    parts = []
    for each in children:
        if each is None or each is False:
            continue
        if isinstance(each, Markup):
            parts.append(each)
        elif isinstance(each, list | tuple):
            parts.append(join(each))
        else:
            parts.append(Markup(html.escape(str(each))))
    return Markup("".join(parts))
