"""A page: the root of the design language with its style sheet, readable in any theme, printed, without a script."""

from __future__ import annotations

import datetime as dt
import functools
from typing import Any

from mlops_magics.widgets.saved.components import STATIC
from mlops_magics.widgets.saved.formats import day
from mlops_magics.widgets.saved.markup import Markup, h


def page(name: str, *body: Any, style: str = "", asof: bool = False) -> Markup:
    """Return a page.

    Parameters
    ----------
    name
        Its name, for readers.
    body
        Its parts, in the order of reading.
    style
        The views whose rules are needed in addition to those of the language, with spaces between.
    asof
        Whether to show the time at which it was written: its content changes.
    """
    written = dt.datetime.now(dt.UTC).isoformat()
    told = h("p", {"class": "mlops-2 mlops-asof"}, f"As of {day(written)} UTC.") if asof else None
    sheet = Markup(f"<style>{_sheet(style)}</style>") if _sheet(style) else None
    return h("section", {"class": "mlops mlops-view mlops-saved", "aria-label": name}, sheet, *body, told)


@functools.cache
def _sheet(style: str) -> str:
    """Return the built rules, none where the views were never built."""
    parts = [STATIC / f"{name}.css" for name in ("saved", *style.split())]
    return "".join(path.read_text("utf-8").strip() for path in parts if path.is_file())
