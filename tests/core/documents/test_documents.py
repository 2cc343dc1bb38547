"""A document says the same in HTML and in Markdown, whatever its texts are, and no text becomes markup."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from mlops_magics.core.documents import document_markdown, document_page
from mlops_magics.core.documents.document import Bullets, Code, Document, Heading, Link, Paragraph, Table, facts

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "[click](javascript:alert(1))",
    "| a | b |",
    "# title\n- item",
    "- item",
    "1. item",
    "--- --- ---",
    "``` \n`code`",
    "*bold* _it_ ~~no~~",
)


class Parsed(HTMLParser):
    """The tags, addresses and text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in {"href", "src"}]

    def handle_data(self, data: str) -> None:
        self.text += data


def document_of(text: str) -> Document:
    """Return a document that has a text in every place."""
    return Document(
        text,
        (
            Heading(text, 2, text),
            Paragraph(text),
            Bullets((text, Link(text, "https://example.org/a_(b)"), Link(text, "javascript:alert(1)"))),
            Code(text),
            Table(text, (text, "n"), ((text, 1.5), (Link(text, "//evil.example.org"), None))),
            facts(text, {text: text, "empty": None}),
        ),
    )


@pytest.mark.parametrize("text", HOSTILE)
def test_a_text_never_becomes_markup(text: str) -> None:
    """Tags and addresses are those of the document, and the text is shown as it is."""
    plain, hostile = Parsed(document_page.page(document_of("x"))), Parsed(document_page.page(document_of(text)))

    assert hostile.tags == plain.tags
    assert hostile.addresses == plain.addresses == ["https://example.org/a_(b)"]
    assert text in hostile.text


@pytest.mark.parametrize("text", HOSTILE)
def test_markdown_shows_a_text_as_it_is(text: str) -> None:
    """Rendered by JupyterLab's own renderer of Markdown, the tags are those of the document."""
    import mistune

    plain, hostile = (Parsed(str(mistune.html(document_markdown.markdown(document_of(each))))) for each in ("x", text))

    assert hostile.tags == plain.tags
    assert "javascript:" not in "".join(hostile.addresses)


def test_numbers_are_short_and_nothing_is_empty() -> None:
    """A float has four digits that count; a missing value is an empty cell."""
    text = document_markdown.markdown(Document("t", (Table("", ("a", "b"), ((0.123456, None), (float("nan"), 3))),)))

    assert "| 0.1235 |  |" in text
    assert "|  | 3 |" in text
