"""The page that lists the models of a board: a table that the browser searches, without a server."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from mlops_magics.core.documents import document_page
from mlops_magics.core.documents.document import Document, Paragraph

STYLE = """.mlops-catalogue{max-width:75rem;overflow-x:auto}
.mlops-catalogue input{font:inherit;font-size:13px;color:inherit;background:none;width:100%;max-width:24rem;
min-height:28px;padding:3px 8px;margin:8px 0;border-radius:6px;box-sizing:border-box;
border:1px solid color-mix(in srgb,var(--d-ink) 50%,var(--d-bg))}
.mlops-catalogue input:focus-visible{outline:2px solid var(--d-link);outline-offset:1px}
.mlops-catalogue table{border-collapse:collapse;width:100%;font-size:13px}
.mlops-catalogue td,.mlops-catalogue th{text-align:left;padding:7px 16px 7px 0;border-bottom:1px solid var(--d-line);
vertical-align:top;min-width:6.3em;line-height:20px;overflow-wrap:anywhere}
.mlops-catalogue th{font-weight:400;font-size:12px;color:var(--d-ink2);padding-block:5px}
.mlops-catalogue td:first-child a{font-weight:600}.mlops-catalogue tbody tr:hover td{background:var(--d-wash)}"""
SCRIPT = """
const rows = JSON.parse(document.getElementById("models").textContent);
const texts = rows.map((row) => Object.values(row).join(" ").toLowerCase());
const body = document.querySelector("tbody"), count = document.getElementById("count");
const box = document.getElementById("search"), FIRST = 40, MOST = 200, PAUSE_MS = 300;
let shown = [], rest = 0;
function cell(text) { const td = document.createElement("td"); td.textContent = text; return td; }
function line(row) {
  const tr = document.createElement("tr"), first = document.createElement("td"), link = document.createElement("a");
  link.href = "models/" + encodeURIComponent(row.name) + ".html"; link.textContent = row.name; first.append(link);
  tr.append(first, ...["description", "version", "updated", "aliases", "metrics", "tags", "monitored", "endpoint"]
    .map((name) => cell(row[name])));
  return tr;
}
function show() {
  const words = box.value.toLowerCase().split(/\\s+/).filter(Boolean);
  const found = rows.filter((_, place) => words.every((word) => texts[place].includes(word)));
  const first = found.slice(0, FIRST);
  clearTimeout(rest);
  if (first.length !== shown.length || first.some((row, place) => row !== shown[place])) {
    body.replaceChildren(...first.map(line));
    shown = first;
  } else while (body.rows.length > FIRST) body.deleteRow(-1);
  rest = setTimeout(() => body.append(...found.slice(FIRST, MOST).map(line)), PAUSE_MS);
  count.textContent = found.length + " of " + rows.length + (rows.length === 1 ? " model" : " models") +
    (found.length > MOST ? ", the first " + MOST + " are shown" : "");
}
box.addEventListener("input", show);
show();
"""
COLUMNS = ("model", "description", "newest", "updated", "aliases", "metrics", "tags", "monitored", "endpoint")


@dataclass(frozen=True, slots=True)
class ModelRow:
    """A model in the list. Every field is a text that is searched."""

    name: str
    description: str = ""
    version: str = ""
    updated: str = ""
    aliases: str = ""
    metrics: str = ""
    tags: str = ""
    monitored: str = ""
    endpoint: str = ""


def page(board: str, rows: Sequence[ModelRow], written: str) -> str:
    """Return the page with its rows, the newest first.

    Parameters
    ----------
    board
        The name of the board.
    written
        The moment, in words.
    """
    data = json.dumps([asdict(row) for row in rows], ensure_ascii=False).replace("<", "\\u003c")
    digest = base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()
    head = "".join(f'<th scope="col">{column}</th>' for column in COLUMNS)
    body = (
        '<div class="mlops-catalogue"><label>Search <input id="search" type="search" autocomplete="off"></label>'
        '<p id="count" role="status"></p>'
        f"<table><thead><tr>{head}</tr></thead><tbody></tbody></table></div>"
        f'<script type="application/json" id="models">{data}</script><script type="module">{SCRIPT}</script>'
    )
    document = Document(f"Models on {board}", (Paragraph(f"Written {written}. The search is for all words."),))
    return document_page.page(
        document, style=STYLE, body=body, policy=f"default-src 'none'; script-src 'sha256-{digest}'"
    )
