"""The view of each record, and its MIME bundle: the live view first, then HTML and one line of text that stay."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from mlops_magics.errors import MlopsError
from mlops_magics.widgets import records, text
from mlops_magics.widgets.saved import (
    card,
    comparison,
    endpoint,
    listings,
    policies,
    readiness,
    report,
    retraining,
    versions,
)
from mlops_magics.widgets.view import RecordView, close_all

if TYPE_CHECKING:
    import pandas as pd

    from mlops_magics.core.session import Session
    from mlops_magics.core.session.records import (
        AliasMove,
        Board,
        Endpoint,
        ModelCard,
        ModelTable,
        ModelVersion,
        MonitorReport,
        Readiness,
        Retraining,
        VerifyReport,
        VersionDiff,
        VersionTable,
    )

VIEW = "application/vnd.mlops-magics.view+json"
WIDGET = "application/vnd.jupyter.widget-view+json"

__all__ = ["close_all", "display_bundle"]

Bundle = tuple[dict[str, Any], dict[str, Any]]


def display_bundle(record: Any, session: Session, *, live: bool = True) -> Bundle:
    """Return data and metadata for the display of a record.

    The data hold the live view (where the record has one, and ``live`` means that a person may use it), and always
    ``text/html`` and ``text/plain``, so that a saved, restarted or exported notebook shows the same.
    """
    shown = SHOWN[type(record).__name__](record, session)
    view = shown.view() if live and shown.view is not None else None
    return _data(shown, view), {}


def open_view(record: Any, session: Session) -> tuple[RecordView, dict[str, Any]] | None:
    """Open the live view of a record that changes, and return it with the data of its display."""
    shown = SHOWN[type(record).__name__](record, session)
    if shown.view is None:
        return None
    view = shown.view()
    return view, _data(shown, view)


def _data(shown: Shown, view: RecordView | None) -> dict[str, Any]:
    data: dict[str, Any] = {}
    if view is not None:
        data[VIEW] = {"kind": shown.kind, "model_id": view.model_id}
        # front ends without our renderer show the widget by ipywidgets' own type
        data[WIDGET] = {"version_major": 2, "version_minor": 0, "model_id": view.model_id}
    return {**data, "text/html": str(shown.page), "text/plain": shown.plain}


class Shown(NamedTuple):
    """A record's display before it is made: its kind, its text, its page, and the maker of its live view."""

    kind: str
    plain: str
    page: str
    view: Callable[[], RecordView] | None = None


def _version(record: ModelVersion, session: Session) -> Shown:
    here = record.board == session.board.url
    ref = record.name if here else session.labelled(record.name, record.board)
    lines = f"%promote {ref}@v{record.number}\n%deploy {ref}" if record.number else f"%deploy {ref}"
    return Shown("version", text.version(record), listings.version(record, lines))


def _versions(table: VersionTable, session: Session) -> Shown:
    from mlops_magics.widgets.versions import VersionsView

    page = versions.versions(records.versions(session, table))
    return Shown("versions", text.versions(table), page, lambda: VersionsView(table, session))


def _models(table: ModelTable, session: Session) -> Shown:
    from mlops_magics.widgets.models import ModelsView

    page = versions.models(records.models(session, table))
    return Shown("models", text.models(table), page, lambda: ModelsView(table, session))


def _history(table: pd.DataFrame, session: Session) -> Shown:
    numbers = records.version_numbers(session, table.attrs["name"], table.attrs["board"])
    return Shown("history", text.history(table), listings.history(table, numbers))


def _verdicts(table: pd.DataFrame, session: Session) -> Shown:
    numbers = records.version_numbers(session, table.attrs["name"], table.attrs["board"])
    page = listings.verdicts(table, records.verdict_rows(table), numbers)
    return Shown("verdicts", text.verdicts(table), page)


def _compare(diff: VersionDiff, session: Session) -> Shown:
    from mlops_magics.widgets.compare import CompareView

    return Shown("compare", str(diff), comparison.comparison(records.comparison(diff)), lambda: CompareView(diff))


def _move(record: AliasMove, session: Session) -> Shown:
    told = f"{records.moved(session, record).message} {text.next_step(record)}"
    return Shown("move", told, listings.move(record, told, records.version_numbers(session, record.name, record.board)))


def _endpoint(record: Endpoint, session: Session) -> Shown:
    from mlops_magics.widgets.endpoint import EndpointView

    told = text.endpoint(record)
    try:
        found = records.whole_endpoint(session, record)
    except MlopsError:  # its board or its version is gone
        return Shown("endpoint", told, listings.sentence("Endpoint", told))
    return Shown("endpoint", told, endpoint.endpoint(found.record, found.live), lambda: EndpointView(record, session))


def _endpoints(table: pd.DataFrame, session: Session) -> Shown:
    models = {(each.name, each.board) for each in session.endpoints_running()}
    numbers = {version: n for each in models for version, n in records.version_numbers(session, *each).items()}
    return Shown("endpoints", text.endpoints(table), listings.endpoints(table, numbers))


def _report(found: MonitorReport, session: Session) -> Shown:
    from mlops_magics.widgets.drift import DriftView

    return Shown(
        "drift", found.verdict, report.report(records.report_of(found, session)), lambda: DriftView(found, session)
    )


def _board(record: Board, session: Session) -> Shown:
    return Shown("board", repr(record), listings.board(record, len(record.names())))


def _verification(found: VerifyReport, session: Session) -> Shown:
    return Shown("verification", repr(found), listings.verification(found))


def _retraining(record: Retraining, session: Session) -> Shown:
    from mlops_magics.core.session import retraining_view
    from mlops_magics.widgets.retraining import RetrainingView

    page = retraining.retraining(retraining_view.of(session, record))
    return Shown("retraining", repr(record), page, lambda: RetrainingView(record, session))


def _readiness(found: Readiness, session: Session) -> Shown:
    from mlops_magics.core.session import readiness_view
    from mlops_magics.widgets.readiness import ReadinessView

    page = readiness.readiness(readiness_view.of(found))
    return Shown("readiness", repr(found), page, lambda: ReadinessView(found, session))


def _card(found: ModelCard, session: Session) -> Shown:
    from mlops_magics.core.session import card_view
    from mlops_magics.widgets.card import CardView

    page = card.card(card_view.of(session, found))
    return Shown("card", repr(found), page, lambda: CardView(found, session))


def _policies(table: pd.DataFrame, session: Session) -> Shown:
    return Shown("policies", text.policies(table), policies.policies(table))


def _sentence(record: Any, session: Session) -> Shown:
    return Shown("sentence", repr(record), listings.sentence(type(record).__name__, repr(record)))


SHOWN: Mapping[str, Callable[[Any, Any], Shown]] = {
    "ModelVersion": _version,
    "VersionTable": _versions,
    "ModelTable": _models,
    "HistoryTable": _history,
    "VersionDiff": _compare,
    "AliasMove": _move,
    "Endpoint": _endpoint,
    "EndpointTable": _endpoints,
    "MonitorReport": _report,
    "VerdictTable": _verdicts,
    "Retraining": _retraining,
    "Readiness": _readiness,
    "ModelCard": _card,
    "PolicyTable": _policies,
    "Policy": _sentence,
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
