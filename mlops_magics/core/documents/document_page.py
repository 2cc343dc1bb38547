"""A document as HTML: a fragment for notebooks, or a page that loads nothing and runs nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape
from typing import Any

from mlops_magics.core.documents.document import (
    Bullets,
    Code,
    Document,
    Heading,
    Link,
    Paragraph,
    Table,
    is_address,
    shown,
)

STYLE = """.mlops-document{font:15px/1.55 var(--jp-ui-font-family,system-ui,sans-serif);max-width:60rem;
color:var(--jp-ui-font-color1,#1b1b1b);background:var(--jp-layout-color0,#fff)}
.mlops-document h1,.mlops-document h2,.mlops-document h3{line-height:1.25;margin:1.4em 0 .4em}
.mlops-document h1{margin-top:0}
.mlops-document table{border-collapse:collapse;margin:.6em 0;display:block;max-width:100%;overflow-x:auto}
.mlops-document caption{text-align:left;color:var(--jp-ui-font-color2,#555)}
.mlops-document td,.mlops-document th{text-align:left;vertical-align:top;padding:.2em 1em .2em 0;
border-bottom:1px solid var(--jp-border-color2,#ddd);overflow-wrap:break-word}
.mlops-document pre{padding:.6em .8em;overflow-x:auto;background:var(--jp-layout-color2,#f3f3f3)}
.mlops-document a{color:var(--jp-content-link-color,#0b5cad)}
"""
DARK = """@media (prefers-color-scheme:dark){body{background:#161616}
.mlops-document{color:#e6e6e6;background:#161616}.mlops-document pre{background:#262626}
.mlops-document caption{color:#a8a8a8}.mlops-document td,.mlops-document th{border-color:#444}
.mlops-document a{color:#7ab8ff}}"""
"""Dark colours of pages. A notebook has a theme of its own."""


def page(
    document: Document, *, style: str = "", lead: str = "", body: str = "", policy: str = "default-src 'none'"
) -> str:
    """Return a whole page.

    Parameters
    ----------
    style, lead, body
        More rules, and HTML below the title and after the document. The caller has escaped them.
    policy
        The Content-Security-Policy, to which inline styles are added.
    """
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(policy)}; style-src \'unsafe-inline\'">'
        f'<meta name="viewport" content="width=device-width"><title>{escape(document.title)}</title>'
        f"<style>{STYLE}{DARK}{style}</style></head><body>{_section(document, lead)}{body}</body></html>\n"
    )


def fragment(document: Document) -> str:
    """Return a document for a page that has others, with its style."""
    return f"<style>{STYLE}</style>{_section(document)}"


def _section(document: Document, lead: str = "") -> str:
    blocks = "".join(_BLOCKS[type(block)](block) for block in document.blocks)
    title = escape(document.title)
    return f'<main class="mlops-document" aria-label="{title}"><h1>{title}</h1>{lead}{blocks}</main>'


def _heading(block: Heading) -> str:
    anchor = f' id="{escape(block.anchor)}"' if block.anchor else ""
    return f"<h{block.level}{anchor}>{escape(block.text)}</h{block.level}>"


def _paragraph(block: Paragraph) -> str:
    parts = [escape(part) for part in block.text.split("\n\n")]
    if block.code:
        parts[-1] += f" <code>{escape(block.code)}</code>"
    return "".join(f"<p><strong>{part}</strong></p>" if block.strong else f"<p>{part}</p>" for part in parts)


def _bullets(block: Bullets) -> str:
    return f"<ul>{''.join(f'<li>{_cell(item)}</li>' for item in block.items)}</ul>"


def _code(block: Code) -> str:
    return f"<pre><code>{escape(block.text)}</code></pre>"


def _table(block: Table) -> str:
    head = "".join(f'<th scope="col">{escape(column)}</th>' for column in block.columns)
    rows = "".join(f"<tr>{''.join(f'<td>{_cell(value)}</td>' for value in row)}</tr>" for row in block.rows)
    caption = f"<caption>{escape(block.caption)}</caption>" if block.caption else ""
    return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _cell(value: object) -> str:
    if not isinstance(value, Link):
        return escape(shown(value))
    if not is_address(value.href):
        return escape(value.text)
    return f'<a href="{escape(value.href)}" rel="noreferrer">{escape(value.text)}</a>'


_BLOCKS: Mapping[type, Callable[[Any], str]] = {
    Heading: _heading,
    Paragraph: _paragraph,
    Bullets: _bullets,
    Code: _code,
    Table: _table,
}
