"""A document as HTML: a fragment for notebooks, or a page that loads nothing and runs nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
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

STYLE = """.mlops-document,.mlops-catalogue{--d-bg:var(--jp-layout-color0,light-dark(#fff,#15171a));
--d-ink:var(--jp-ui-font-color0,light-dark(#1f1f1f,#e2e2e2));--d-ink2:color-mix(in srgb,var(--d-ink) 68%,var(--d-bg));
--d-line:color-mix(in srgb,var(--d-ink) 13%,var(--d-bg));--d-wash:color-mix(in srgb,var(--d-ink) 4%,var(--d-bg));
--d-link:light-dark(#1363b1,#7ab8ff);--d-cur:light-dark(#0072b2,#4aa6e8);--d-alert:light-dark(#b34a00,#ff9d5c);
max-width:60rem;overflow-wrap:anywhere;color:var(--d-ink);background:var(--d-bg);font-variant-numeric:tabular-nums;
font:14px/22px var(--jp-ui-font-family,system-ui,sans-serif)}
.mlops-document h1,.mlops-document h2,.mlops-document h3{font-weight:600;margin:24px 0 8px;text-wrap:balance}
.mlops-document h1{font-size:19px;line-height:26px;margin-top:0}
.mlops-document h2{font-size:16px;line-height:24px}.mlops-document h3{font-size:14px}
.mlops-document p{max-width:80ch;margin:8px 0}
.mlops-document details{margin:8px 0}.mlops-document details p{overflow-wrap:anywhere;font-size:13px}
.mlops-document summary{cursor:pointer;font-size:13px;color:var(--d-ink2)}
.mlops-document table{border-collapse:collapse;margin:8px 0;display:block;max-width:100%;
overflow-x:auto;font-size:13px}
.mlops-document caption{text-align:left;color:var(--d-ink2);font-size:12px;padding-bottom:4px}
.mlops-document td,.mlops-document th{text-align:left;vertical-align:top;padding:7px 16px 7px 0;line-height:20px;
border-bottom:1px solid var(--d-line);overflow-wrap:break-word}
.mlops-document td:not(.mlops-whole){min-width:9em;overflow-wrap:anywhere}
.mlops-document .mlops-whole{white-space:nowrap}
.mlops-document th{font-weight:400;font-size:12px;color:var(--d-ink2);padding-block:5px}
.mlops-document pre{padding:10px 12px;border-radius:6px;overflow-x:auto;background:var(--d-wash);font-size:12.5px}
.mlops-document code,.mlops-document pre{font-family:var(--jp-code-font-family,ui-monospace,Menlo,Consolas,monospace)}
.mlops-document a,.mlops-catalogue a{color:var(--d-link);text-decoration:none}
.mlops-document a:hover,.mlops-catalogue a:hover{text-decoration:underline}
"""
"""The colours and sizes of the views, for documents: the theme of the notebook, or that of the page."""
WHOLE_CELL = 16
"""Characters of a cell that is not wrapped, such as a time to the minute."""
WHOLE = """:root{color-scheme:light dark}body{margin:24px 16px;background:light-dark(#fff,#15171a)}
@media print{:root{color-scheme:light}body{margin:0}}"""
"""The ground of whole pages, which are dark where the reader's system is. A notebook has a theme of its own."""


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
        f"<style>{STYLE}{WHOLE}{style}</style></head><body>{_section(document, lead)}{body}</body></html>\n"
    )


def fragment(document: Document) -> str:
    """Return a document for a page that has others, with its style."""
    return f"<style>{STYLE}</style>{_section(document)}"


def _section(document: Document, lead: str = "") -> str:
    title = escape(document.title)
    return f'<main class="mlops-document" aria-label="{title}"><h1>{title}</h1>{lead}{_all(document.blocks)}</main>'


def _all(blocks: Iterable[Block]) -> str:
    return "".join(_BLOCKS[type(block)](block) for block in blocks)


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
    rows = "".join(f"<tr>{''.join(map(_data, row))}</tr>" for row in block.rows)
    caption = f"<caption>{escape(block.caption)}</caption>" if block.caption else ""
    return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _data(value: object) -> str:
    text = value.text if isinstance(value, Link) else shown(value)
    whole = ' class="mlops-whole"' if len(text) <= WHOLE_CELL else ""
    return f"<td{whole}>{_cell(value)}</td>"


def _fold(block: Fold) -> str:
    return f"<details><summary>{escape(block.summary)}</summary>{_all(block.blocks)}</details>"


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
    Fold: _fold,
}
