"""Tables as aligned text, for people at a terminal."""

from __future__ import annotations

import datetime
import shutil
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mlops_magics.core.phrases import counted, one_line

MOST_ROWS = 60
"""Rows that are written."""
WIDEST = 60
"""Characters of a cell."""
NARROWEST = 24
"""Characters of the last column, which gets what the terminal leaves."""
INDENT = "      "
"""Before what stands below its row."""
ID = 5
"""Characters at the end of a version's id that people read."""


def text_table(title: str, columns: Mapping[str, Iterable[Any]]) -> str:
    """Return a title and rows below their heads, without columns that are empty.

    The columns for which the terminal has no room stand below their row, with their heads. Times have minutes, numbers
    four digits, and lists commas. Names of other users are one line without control characters.

    >>> print(text_table("tea: 2 versions", {"": ["v2", "v1"], "rmse": [0.25, 10.0], "note": [None, "first"]}))
    tea: 2 versions
          rmse  note
      v2  0.25
      v1  10    first
    """
    cells = {head: [_cell(value) for value in values] for head, values in columns.items()}
    kept = {head: texts for head, texts in cells.items() if any(texts)}
    heads, rows = list(kept), list(zip(*kept.values()))
    widths = [max(len(head), *map(len, texts)) for head, texts in kept.items()]
    room = shutil.get_terminal_size().columns
    fit = _fitting(widths, room)
    if widths and fit == len(widths):
        widths[-1] = min(widths[-1], max(room - sum(widths[:-1]) - 2 * len(widths), NARROWEST))
    lines = [_line(heads[:fit], widths)] if rows else []
    for row in rows[:MOST_ROWS]:
        lines += [_line(row[:fit], widths), *_below(heads[fit:], row[fit:], room)]
    more = [f"  and {counted(len(rows) - MOST_ROWS, 'more row')}"] if len(rows) > MOST_ROWS else []
    return "\n".join([title, *lines, *more])


def short_ids(versions: Iterable[str | None]) -> list[str]:
    """Return the ends of versions' ids, which the verbs accept after an ``@``."""
    return ["" if version is None else version[-ID:] for version in versions]


def metric_columns(rows: Sequence[Mapping[str, float]], most: int = 4) -> dict[str, list[Any]]:
    """Return a column for each of the first metrics that occur."""
    names = list(dict.fromkeys(name for row in rows for name in row))[:most]
    return {name: [row.get(name) for row in rows] for name in names}


def _fitting(widths: Sequence[int], room: int) -> int:
    """Return how many columns stand beside each other; the last one of all may be cut."""
    used = 0
    for place, width in enumerate(widths):
        needed = min(width, NARROWEST) if place == len(widths) - 1 else width
        if place and used + needed + 2 > room:
            return place
        used += width + 2
    return len(widths)


def _below(heads: Sequence[str], cells: Sequence[str], room: int) -> list[str]:
    told = "; ".join(f"{head}: {cell}" for head, cell in zip(heads, cells) if cell)
    return textwrap.wrap(told, max(room, 2 * NARROWEST), initial_indent=INDENT, subsequent_indent=INDENT)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "  " + "  ".join(_cut(cell, width).ljust(width) for cell, width in zip(cells, widths)).rstrip()


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 1]}…"


def _cell(value: Any) -> str:
    if value is None or value != value:  # NaN and NaT
        return ""
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, datetime.datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, list | tuple):
        return _cut(", ".join(map(one_line, value)), WIDEST)
    return _cut(one_line(value), WIDEST)
