"""The view of each record, and its MIME bundle: the live view first, then HTML and one line of text that stay."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from mlops_magics.core.session.records import VIEWS
from mlops_magics.widgets import records, text
from mlops_magics.widgets.saved import listings, policies
from mlops_magics.widgets.view import RecordView, Shown, close_all

if TYPE_CHECKING:
    import pandas as pd

    from mlops_magics.core.session import Session
    from mlops_magics.core.session.records import AliasMove, Board, EndpointTable, ModelVersion, VerifyReport

VIEW = "application/vnd.mlops-magics.view+json"
WIDGET = "application/vnd.jupyter.widget-view+json"

__all__ = ["close_all", "display_bundle"]

Bundle = tuple[dict[str, Any], dict[str, Any]]


def display_bundle(record: Any, session: Session, *, live: bool = True) -> Bundle:
    """Return data and metadata for the display of a record.

    The data hold the live view (where the record has one, and ``live`` means that a person may use it), and always
    ``text/html`` and ``text/plain``, so that a saved, restarted or exported notebook shows the same.
    """
    found = shown(record, session)
    view = found.view() if live and found.view is not None else None
    return _data(found, view), {}


def open_view(record: Any, session: Session) -> tuple[RecordView, dict[str, Any]] | None:
    """Open the live view of a record that changes, and return it with the data of its display."""
    found = shown(record, session)
    if found.view is None:
        return None
    view = found.view()
    return view, _data(found, view)


def shown(record: Any, session: Session) -> Shown:
    """Return the display of a record. The module of a view is imported when it is first used."""
    kind = type(record).__name__
    if kind not in VIEWS:
        return PAGES[kind](record, session)
    made: Shown = importlib.import_module(f"mlops_magics.widgets.{VIEWS[kind]}").show(record, session)
    return made


def _data(found: Shown, view: RecordView | None) -> dict[str, Any]:
    data: dict[str, Any] = {}
    if view is not None:
        data[VIEW] = {"kind": found.kind, "model_id": view.model_id}
        # front ends without our renderer show the widget by ipywidgets' own type
        data[WIDGET] = {"version_major": 2, "version_minor": 0, "model_id": view.model_id}
    return {**data, "text/html": str(found.page), "text/plain": found.plain}


def _version(record: ModelVersion, session: Session) -> Shown:
    here = record.board == session.board.url
    ref = record.name if here else session.labelled(record.name, record.board)
    promoted = "champion" in record.aliases or not record.number
    lines = [] if promoted else [f"%promote {ref}@v{record.number}"]
    lines += [f"%deploy {ref}"] if record.prototype else []  # an endpoint checks each request against it
    return Shown("version", text.version(record), listings.version(record, "\n".join(lines)))


def _history(table: pd.DataFrame, session: Session) -> Shown:
    numbers = records.version_numbers(session, table.attrs["name"], table.attrs["board"])
    return Shown("history", text.history(table), listings.history(table, numbers))


def _verdicts(table: pd.DataFrame, session: Session) -> Shown:
    numbers = records.version_numbers(session, table.attrs["name"], table.attrs["board"])
    page = listings.verdicts(table, records.verdict_rows(table), numbers)
    return Shown("verdicts", text.verdicts(table), page)


def _move(record: AliasMove, session: Session) -> Shown:
    told = f"{records.moved(session, record).message} {text.next_step(record)}"
    return Shown("move", told, listings.move(record, told, records.version_numbers(session, record.name, record.board)))


def _endpoints(table: EndpointTable, session: Session) -> Shown:
    models = {(each.name, each.board) for each in session.endpoints_running()}
    numbers = {version: n for each in models for version, n in records.version_numbers(session, *each).items()}
    return Shown("endpoints", text.endpoints(table), listings.endpoints(table, numbers))


def _board(record: Board, session: Session) -> Shown:
    return Shown("board", repr(record), listings.board(record, len(record.names())))


def _verification(found: VerifyReport, session: Session) -> Shown:
    return Shown("verification", repr(found), listings.verification(found))


def _policies(table: pd.DataFrame, session: Session) -> Shown:
    return Shown("policies", text.policies(table), policies.policies(table))


def _sentence(record: Any, session: Session) -> Shown:
    return Shown("sentence", repr(record), listings.sentence(type(record).__name__, repr(record)))


PAGES: Mapping[str, Callable[[Any, Any], Shown]] = {
    "ModelVersion": _version,
    "HistoryTable": _history,
    "AliasMove": _move,
    "EndpointTable": _endpoints,
    "VerdictTable": _verdicts,
    "PolicyTable": _policies,
    "Policy": _sentence,
    "Protection": _sentence,
    "Dashboard": _sentence,
    "Site": _sentence,
    "Package": _sentence,
    "BatchResult": _sentence,
    "Signed": _sentence,
    "OnnxCopy": _sentence,
    "Exported": _sentence,
    "Board": _board,
    "VerifyReport": _verification,
}
"""The records whose display has no live view."""
DISPLAYED = (*VIEWS, *PAGES)
"""The classes of all records that have a display."""
