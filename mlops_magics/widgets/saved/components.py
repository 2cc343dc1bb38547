"""Parts of a page: heads, chips, states, figures, tables, folds, notes, a function for each component of the views."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlops_magics.widgets.saved import formats
from mlops_magics.widgets.saved.markup import Markup, breakable, h, prose

STATIC = Path(__file__).parents[2] / "static"
MOST_ROWS = 50
"""Rows of a table in a saved page. The rest is counted."""
DASHED = {"stroke-dasharray": "2.2 2.4"}
STROKE = {
    "fill": "none",
    "stroke": "currentColor",
    "stroke-width": 1.5,
    "stroke-linecap": "round",
    "stroke-linejoin": "round",
}
DRESS: Mapping[str, Mapping[str, Any]] = {
    "s": STROKE,
    "f": {"fill": "currentColor", "fill-rule": "evenodd"},
    "t": {**STROKE, "fill": "currentColor", "fill-opacity": 0.22},
    "d": {**STROKE, **DASHED},
    "o": {**STROKE, "opacity": 0.55},
}
"""Styles of the paths of an icon: stroked, filled, tinted, dashed, faint."""
STATES: Mapping[str, tuple[str, str, str]] = {
    "running": ("live", "good", "Running"),
    "starting": ("starting", "", "Starting"),
    "stopped": ("stopped", "", "Stopped"),
    "died": ("died", "bad", "Died"),
    "failed": ("died", "bad", "Failed"),
    "silent": ("died", "bad", "Not answering"),
    "drifted": ("alert", "alert", "Drifted"),
    "small": ("near", "", "Small change"),
    "unsure": ("unsure", "", "Too few rows"),
    "stable": ("good", "good", "Stable"),
    "unchecked": ("stopped", "", "Not checked"),
}
"""Icon, meaning and words of each state."""
NOTES = {"alert": "alert", "bad": "died", "good": "good", "info": "info"}
ALIASES = {"champion": ("champion", "mlops-chip is-champion"), "challenger": ("challenger", "mlops-chip is-open")}
TOKENS = re.compile(
    r"(#[^\n]*)|(\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*')"
    r"|(%{1,2}\w+|\b(?:import|from|as|def|return|with|for|in|if|else|not|and|or|print|class|None|True|False)\b)"
    r"|(\b\d[\d_.]*\b)"
)
TOKEN_KINDS = ("c", "s", "k", "n")


@functools.cache
def _shapes() -> Mapping[str, Mapping[str, str]]:
    """Return the icons that the build left, none where it never ran."""
    path = STATIC / "icons.json"
    found: Mapping[str, Mapping[str, str]] = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    return found


def icon(name: str, size: int = 16, label: str = "") -> Markup | None:
    """Return an icon. Without a label it is decoration, which readers pass over."""
    shape = _shapes().get(name)
    if shape is None:
        return None
    about = {"role": "img", "aria-label": label} if label else {"aria-hidden": "true"}
    paths = [h("path", {**DRESS[dress], "d": path}) for dress, path in shape.items()]
    box = {"class": "mlops-i", "viewBox": "0 0 16 16", "width": size, "height": size}
    return h("svg", {**box, "style": None if size == 16 else f"--i:{size}px", **about}, *paths)


# Heads and sections


def head(subject: Sequence[Any], about: Any, *more: Any) -> Markup:
    """Return the head of a page: its subject, the parts at its side, and words below."""
    words = prose(about) if isinstance(about, str) and not isinstance(about, Markup) else about
    lines = [h("div", {"class": "mlops-line"}, *subject), words and h("p", {"class": "mlops-2"}, words)]
    return h("header", {"class": "mlops-head"}, h("div", None, *lines, *more))


def part(name: str, about: Any, *body: Any) -> Markup:
    """Return a part of a page under its heading."""
    title = h("header", None, h("h3", None, name), about and " ", about and h("small", None, _prose(about)))
    return h("section", {"class": "mlops-part", "aria-label": name}, title, *body)


def verdict(meaning: str, sentence: str, *paragraph: Any) -> Markup:
    """Return the sentence that a page begins with, and a paragraph that explains it."""
    words = [each for each in paragraph if each]
    body = h("div", None, h("h2", None, sentence), words and h("p", None, *map(_prose, words)))
    return h("div", {"class": "mlops-verdict", "data-s": meaning}, icon(NOTES.get(meaning, "info"), 22), body)


def _prose(words: Any) -> Any:
    return prose(words) if isinstance(words, str) and not isinstance(words, Markup) else words


def note(meaning: str, *words: Any) -> Markup:
    """Return a sentence that stands out."""
    shape = icon(NOTES.get(meaning, "info"))
    return h("div", {"class": "mlops-note", "data-s": meaning}, shape, h("div", None, *map(_prose, words)))


def fold(summary: Any, *body: Any, opened: bool = False) -> Markup:
    """Return a fold behind a summary with the amount of its content."""
    title = h("summary", None, icon("right", 12), summary)
    return h("details", {"class": "mlops-fold", "open": opened}, title, *body)


def stat(label: str, figure: Any, unit: Any = None, picture: Any = None) -> Markup:
    """Return a figure with its label."""
    words = h("dd", None, figure, unit and " ", unit and h("small", None, unit), picture)
    return h("div", None, h("dt", None, label), words)


def stats(*figures: Any) -> Markup:
    """Return figures in a row."""
    return h("dl", {"class": "mlops-stats"}, *figures)


def key(*entries: tuple[Any, str]) -> Markup:
    """Return the explanation of marks."""
    return h("div", {"class": "mlops-key"}, *(h("span", None, shape, words) for shape, words in entries))


# Chips, states, differences


def alias_chip(name: str) -> Markup:
    """Return an alias: the champion's star is filled, the challenger's open, every other one has a flag."""
    mark, kind = ALIASES.get(name, ("alias", "mlops-chip"))
    return h("span", {"class": kind}, icon(mark, 12), h("span", None, name))


def chip(words: str, kind: str = "") -> Markup:
    """Return words on a ground of their own."""
    return h("span", {"class": f"mlops-chip {kind}".strip()}, h("span", None, words))


def version_chip(version: str, number: int = 0, created: str | None = None, hue: int = 0) -> Markup:
    """Return a version: its number, the end of its id, and its time, with the whole id as its title."""
    title = ", ".join(each for each in (version, created and formats.exact(created)) if each)
    return h(
        "span",
        {"class": "mlops-ver", "title": title},
        h("i", {"style": f"background:var(--m-v{hue})"}) if hue else None,
        [h("b", None, f"v{number}"), " "] if number else None,
        h("code", None, formats.short_id(version)),
        [" ", h("span", None, formats.day(created))] if created else None,
    )


def state(kind: str, words: str | None = None) -> Markup:
    """Return a state: shape and word, then colour."""
    mark, meaning, usual = STATES.get(kind, ("unsure", "", kind))
    return h("span", {"class": "mlops-state", "data-s": meaning}, icon(mark, 14), words or usual)


def delta(value: float, digits: int, better: int) -> Markup:
    """Return a difference: the arrow shows the direction of the number, colour and word whether that is better."""
    if value == 0:
        return h("span", {"class": "mlops-delta"}, "same")
    meaning = "" if better == 0 else "good" if (value > 0) == (better > 0) else "alert"
    word = {"good": "better", "alert": "worse"}.get(meaning)
    about = {"class": "mlops-delta", "data-s": meaning, "title": word}
    return h("span", about, icon("up" if value > 0 else "fall", 10), " ", formats.signed(value, digits))


def direction(better: int) -> Markup | None:
    """Return the direction in which a metric is better, as an arrow."""
    if better == 0:
        return None
    words = "higher is better" if better > 0 else "lower is better"
    return h("span", {"role": "img", "aria-label": words, "title": words}, "↑" if better > 0 else "↓")


# Tables and code


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its head and the class of its cells. ``below`` names it where a row becomes a card."""

    head: Any
    kind: str = ""
    below: str | None = None


def table(caption: str, columns: Sequence[Column], rows: Iterable[Sequence[Any]], kind: str = "") -> Markup:
    """Return a table, with a count of the rows beyond `MOST_ROWS`. Cells are values or markup."""
    listed = list(rows)
    heads = [h("th", {"scope": "col", "class": each.kind or None}, each.head) for each in columns]
    body = [h("tr", {"role": "row"}, *map(_cell, columns, row)) for row in listed[:MOST_ROWS]]
    more = len(listed) - MOST_ROWS
    made = h(
        "table",
        {"class": f"mlops-table is-cards {kind}".strip(), "role": "table"},
        h("caption", None, caption),
        h("thead", None, h("tr", {"role": "row"}, *heads)),
        h("tbody", None, *body),
    )
    rest = h("p", {"class": "mlops-2"}, f"and {more:,} more") if more > 0 else None
    return h("div", {"class": "mlops-wide-scroll"}, made, rest)


def _cell(column: Column, value: Any) -> Markup:
    kind = column.kind if column.below is None else f"is-below {column.kind}".strip()
    return h("td", {"role": "cell", "class": kind or None, "data-label": (value != "" and column.below) or None}, value)


def facts(caption: str, found: Mapping[str, Any]) -> Markup:
    """Return named values, those that are empty left out."""
    rows = [(name, _value(value)) for name, value in found.items() if value not in (None, "", [], {}, ())]
    lines = [h("div", None, h("dt", None, name), h("dd", None, value)) for name, value in rows]
    return h("dl", {"class": "mlops-saved-facts", "aria-label": caption}, *lines)


def _value(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return h("span", {"class": "mlops-line"}, *(chip(str(each)) for each in value))
    return value if isinstance(value, Markup) else breakable(formats.readable(value))


def code(source: str, label: str) -> Markup:
    """Return code with its words in colour."""
    return h("div", {"class": "mlops-code"}, h("pre", {"aria-label": label}, *_highlighted(source)))


def _highlighted(source: str) -> list[Any]:
    parts: list[Any] = []
    end = 0
    for found in TOKENS.finditer(source):
        place = next(at for at, group in enumerate(found.groups()) if group is not None)
        parts += [source[end : found.start()], h("span", {"class": TOKEN_KINDS[place]}, found[0])]
        end = found.end()
    return [*parts, source[end:]]
