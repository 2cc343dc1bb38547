"""The views of records in marimo notebooks, which call the display of each object."""

from __future__ import annotations

import importlib
from typing import Any

from mlops_magics.core.session.records import HOMES


def register() -> None:
    """Let every record that has a view show it where marimo displays it. A second call changes nothing."""
    from mlops_magics.widgets.views import DISPLAYED

    for name in DISPLAYED:
        kind = getattr(importlib.import_module(HOMES[name]), name)
        kind._display_ = display  # the name is marimo's


def display(record: Any) -> Any:
    """Return what marimo shows of a record: its live view, or its page where it has none."""
    import marimo

    from mlops_magics.widgets.views import shown

    found = shown(record, _session_of(record))
    return marimo.Html(str(found.page)) if found.view is None else marimo.ui.anywidget(found.view())


def _session_of(record: Any) -> Any:
    """Return a session at the board of a record. Settings, trust and endpoints are those of the user."""
    from mlops_magics.core.session import Session

    place = getattr(record, "url", None) if type(record).__name__ == "Board" else getattr(record, "board", None)
    place = place or getattr(record, "attrs", {}).get("board")
    return Session(board=place) if place else Session()
