"""Records as HTML that needs no script, no style sheet and no network; every value is escaped, without exception."""

from __future__ import annotations

import datetime as dt
import html
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mlops_magics.core.wire.encoding import to_json
from mlops_magics.widgets import text

if TYPE_CHECKING:
    import pandas as pd

MOST_ROWS = 50
TABLE = "border-collapse:collapse;text-align:left"
LONGEST_WORD = 32
SENTENCE = ' style="text-align:left"'  # against JupyterLab's own, which stands numbers and all else to the right
LONG_WORD = ' style="text-align:left;overflow-wrap:anywhere"'  # a hash must not run off a printed page


def paragraph(sentence: str) -> str:
    """Return one sentence."""
    return f"<p>{html.escape(sentence)}</p>"


def listing(title: str, sentences: Sequence[str]) -> str:
    """Return all sentences as a list under a title; nothing where there are none."""
    if not sentences:
        return ""
    return f"<p>{html.escape(title)}</p><ul>{''.join(f'<li>{html.escape(each)}</li>' for each in sentences)}</ul>"


def table(caption: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Return a table with a caption; what lies beyond `MOST_ROWS` is counted."""
    listed = list(rows)
    head = "".join(f'<th scope="col">{html.escape(column)}</th>' for column in columns)
    body = "".join(f"<tr>{''.join(map(_data, row))}</tr>" for row in listed[:MOST_ROWS])
    more = paragraph(f"… and {len(listed) - MOST_ROWS:,} more.") if len(listed) > MOST_ROWS else ""
    return (
        f'<table style="{TABLE}"><caption>{html.escape(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}"
    )


def _data(value: Any) -> str:
    """Return a cell of a table; only long words may be broken, or narrow columns would be."""
    told = cell(value)
    longest = max(map(len, told.split()), default=0)
    style = LONG_WORD if longest > LONGEST_WORD else SENTENCE if " " in told else ""
    return f"<td{style}>{told}</td>"


def cell(value: Any) -> str:
    """Return one value, escaped."""
    plain = to_json(value)
    if plain is None:
        return ""
    if isinstance(plain, Mapping):
        return html.escape(text.metrics(plain) if _numbers(plain) else ", ".join(f"{k}: {v}" for k, v in plain.items()))
    if isinstance(value, dt.datetime):
        return value.isoformat(" ", "seconds")
    if isinstance(plain, list):
        return html.escape(", ".join(map(str, plain)))
    return html.escape(f"{plain:.4g}" if isinstance(plain, float) else str(plain))


def frame(caption: str, found: pd.DataFrame, columns: Sequence[str]) -> str:
    """Return some columns of a frame."""
    return table(caption, columns, found[list(columns)].itertuples(index=False, name=None))


def facts(caption: str, found: Mapping[str, Any]) -> str:
    """Return named values, those that are empty left out."""
    return table(
        caption,
        ("fact", "value"),
        [(name, value) for name, value in found.items() if value not in (None, "", [], {}, ())],
    )


def _numbers(values: Mapping[str, Any]) -> bool:
    return bool(values) and all(isinstance(value, int | float) for value in values.values())
