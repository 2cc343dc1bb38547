"""The parts of a document, as plain records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Link:
    """A text that leads to an address: of the web, of a file, or of another page in its folder."""

    text: str
    href: str


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of level 2 or 3. ``anchor`` is the name for links to it."""

    text: str
    level: int = 2
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Sentences. ``strong`` ones are the first that a reader sees. ``code`` is a line to type, after the text."""

    text: str
    strong: bool = False
    code: str = ""


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list of sentences or links."""

    items: tuple[str | Link, ...]


@dataclass(frozen=True, slots=True)
class Code:
    """Lines to paste."""

    text: str
    language: str = "python"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under columns."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[Sequence[str | int | float | Link | None], ...]


@dataclass(frozen=True, slots=True)
class Fold:
    """Blocks that a reader opens, below a line that says what they are."""

    summary: str
    blocks: tuple[Block, ...]


Block = Heading | Paragraph | Bullets | Code | Table | Fold


@dataclass(frozen=True, slots=True)
class Document:
    """A title and blocks. ``head`` is YAML that goes before Markdown."""

    title: str
    blocks: tuple[Block, ...]
    head: str = ""


def facts(caption: str, found: dict[str, str | int | float | Link | None]) -> Table:
    """Return named values as a table, those that are empty left out."""
    rows = tuple((name, value) for name, value in found.items() if value not in (None, ""))
    return Table(caption, ("fact", "value"), rows)


def shown(value: object) -> str:
    """Return a value as text: numbers with four digits that count, nothing for None."""
    if value is None or value != value:
        return ""
    return f"{value:.4g}" if isinstance(value, float) else str(value)


_ADDRESSES = ("http://", "https://", "file://", "mailto:")


def is_address(href: str) -> bool:
    """Return whether a link leads to a page: of the web, of a file, or in its folder, never to a script."""
    return href.startswith(_ADDRESSES) or not (":" in href.partition("/")[0] or href.startswith("//"))
