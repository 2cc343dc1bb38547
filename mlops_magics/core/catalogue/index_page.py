"""The page that lists the models of a board: a table that the browser searches, without a server."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from mlops_magics.core.documents import document_page
from mlops_magics.core.documents.document import Document, Paragraph

STYLE = """.mlops-catalogue{font:15px/1.5 system-ui,sans-serif;max-width:75rem;overflow-x:auto}
.mlops-catalogue input{font:inherit;width:100%;max-width:32rem;padding:.4em .6em;margin:.6em 0}
.mlops-catalogue table{border-collapse:collapse;width:100%}
.mlops-catalogue td,.mlops-catalogue th{text-align:left;padding:.3em .8em .3em 0;border-bottom:1px solid #ddd;
vertical-align:top;min-width:5.5em;overflow-wrap:anywhere}
.mlops-catalogue a{color:#0b5cad}
@media (prefers-color-scheme:dark){.mlops-catalogue{color:#e6e6e6}.mlops-catalogue a{color:#7ab8ff}
.mlops-catalogue td,.mlops-catalogue th{border-color:#444}}"""
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
