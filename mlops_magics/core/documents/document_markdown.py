"""A document as Markdown, with texts escaped, so that each is read as it was written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from html import escape
from typing import Any

from mlops_magics.core.documents.document import (
    Block,
    Bullets,
    Code,
    Document,
    Fold,
    Heading,
    Link,
    Paragraph,
    Table,
    is_address,
    shown,
)
from mlops_magics.terminal_text import printable

_SPECIAL = re.compile(r"([\\`*_\[\]<>|#~])")
_START = re.compile(r"^(\d+(?=[.)](?: |$))|(?=[-+=](?:[-+= ]|$)))(.)")
"""Beginnings that make a list, a rule or a heading of a line."""
_ADDRESS = re.compile(r"[()<>\s\"'`\\]")


def markdown(document: Document) -> str:
    """Return a document as Markdown, with its YAML head."""
    lines = [f"# {escaped(document.title)}", "", *_all(document.blocks)]
    head = f"---\n{document.head.strip()}\n---\n\n" if document.head else ""
    return printable(head + "\n".join(lines).rstrip() + "\n")  # it is read in terminals too


def _all(blocks: Iterable[Block]) -> Iterator[str]:
    for block in blocks:
        yield from _BLOCKS[type(block)](block)
        yield ""


def escaped(text: str) -> str:
    """Return a text that Markdown shows as it is, in one line."""
    line = _SPECIAL.sub(r"\\\1", " ".join(text.split()))
    return _START.sub(lambda found: f"{found[1]}\\{found[2]}", line)


def _heading(block: Heading) -> Iterator[str]:
    yield f"{'#' * block.level} {escaped(block.text)}"


def _paragraph(block: Paragraph) -> Iterator[str]:
    parts = [escaped(part) for part in block.text.split("\n\n")]
    after = f" {_inline(block.code)}" if block.code else ""
    yield "\n\n".join(f"**{part}**" if block.strong else part for part in parts) + after


def _inline(code: str) -> str:
    """Return a line of code between as many backticks as it needs."""
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", code)), default=0))
    edge = " " if "`" in (code[:1], code[-1:]) else ""
    return f"{fence}{edge}{' '.join(code.split())}{edge}{fence}"


def _bullets(block: Bullets) -> Iterator[str]:
    for item in block.items:
        yield f"- {_cell(item)}"


def _code(block: Code) -> Iterator[str]:
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", block.text)), default=0))
    yield f"{fence}{block.language}\n{block.text}\n{fence}"


def _table(block: Table) -> Iterator[str]:
    if block.caption:
        yield f"{escaped(block.caption)}\n"
    yield "| " + " | ".join(map(escaped, block.columns)) + " |"
    yield "|" + "---|" * len(block.columns)
    for row in block.rows:
        yield "| " + " | ".join(map(_cell, row)) + " |"


def _fold(block: Fold) -> Iterator[str]:
    yield f"<details><summary>{escape(block.summary)}</summary>\n"
    yield from _all(block.blocks)
    yield "</details>"


def _cell(value: object) -> str:
    if isinstance(value, Link) and not is_address(value.href):
        return escaped(value.text)
    if isinstance(value, Link):
        address = _ADDRESS.sub(lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode()), value.href)
        return f"[{escaped(value.text)}]({address})"
    return escaped(shown(value))


_BLOCKS: Mapping[type, Callable[[Any], Iterator[str]]] = {
    Heading: _heading,
    Paragraph: _paragraph,
    Bullets: _bullets,
    Code: _code,
    Table: _table,
    Fold: _fold,
}
