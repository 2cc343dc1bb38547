"""Which view a record has, and its MIME bundle: the live view first, then HTML and one line of text that stay."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from mlops_magics.core.sizes import readable_size
from mlops_magics.widgets import html, text
from mlops_magics.widgets.view import RecordView, close_all

if TYPE_CHECKING:
    import pandas as pd

    from mlops_magics.core.session import Session
    from mlops_magics.core.session.records import (
        AliasMove,
        Endpoint,
        ModelVersion,
        MonitorReport,
        Retraining,
        VersionDiff,
    )

VIEW = "application/vnd.mlops-magics.view+json"
WIDGET = "application/vnd.jupyter.widget-view+json"

__all__ = ["close_all", "display_bundle"]

POINTS = 11
"""Of a curve that a table holds."""
TITLES = {
    "roc": ("ROC", "false positive rate", "true positive rate"),
    "pr": ("Precision and recall", "recall", "precision"),
    "calibration": ("Calibration", "mean probability", "share that came true"),
    "residuals": ("Residuals by tenth of the rows", "mean prediction", "truth less prediction"),
}
"""Of each kind of curve: its name, the horizontal and the vertical axis."""

Bundle = tuple[dict[str, Any], dict[str, Any]]


def display_bundle(record: Any, session: Session, *, live: bool = True) -> Bundle:
    """Return data and metadata for the display of a record.

    The data hold the live view (where the record has one, and ``live`` says that somebody may use it), and always
    ``text/html`` and ``text/plain``, so that a saved, restarted or exported notebook says the same.
    """
    shown = SHOWN[type(record).__name__](record, session)
    data: dict[str, Any] = {}
    if live and shown.view is not None:
        view = shown.view()
        data[VIEW] = {"kind": shown.kind, "model_id": view.model_id}
        data[WIDGET] = {"version_major": 2, "version_minor": 0, "model_id": view.model_id}
    return {
        **data,
        "text/html": html.paragraph(shown.sentence) + shown.markup,
        "text/plain": shown.plain or shown.sentence,
    }, {}


class Shown(NamedTuple):
    """A record's display before it is made: one sentence, the HTML below it, and what makes its live view.

    ``plain`` is the text where that is more than the sentence.
    """

    kind: str
    sentence: str
    markup: str = ""
    view: Callable[[], RecordView] | None = None
    plain: str | None = None


def _version(record: ModelVersion, session: Session) -> Shown:
    lineage = record.lineage
    markup = html.facts(
        record.ref,
        {
            "model": record.model_type,
            "metrics": record.metrics,
            "features": [f"{column.name} ({column.dtype})" for column in record.prototype.columns]
            if record.prototype
            else "not known: no training data were given",
            "description": record.description,
            "tags": list(record.tags),
            "parent": record.parent,
            "format": record.format,
            "runs code when it is read": record.runs_code_because,
            "hash": record.hash,
            "git commit": lineage.git_commit,
            "data": lineage.data_fingerprint,
        },
    )
    return Shown("version", text.version(record), markup)


def _versions(table: pd.DataFrame, session: Session) -> Shown:
    from mlops_magics.widgets.versions import VersionsView

    columns = ("version", "created", "aliases", "metrics", "format", "size", "description", "parent")
    told = table.assign(size=[readable_size(size) for size in table["size"]])
    markup = html.frame(f"Versions of {table.attrs['name']}", told, columns)
    return Shown("versions", text.versions(table), markup, lambda: VersionsView(table, session))


def _models(table: pd.DataFrame, session: Session) -> Shown:
    from mlops_magics.widgets.models import ModelsView

    markup = html.frame(
        f"Models on {table.attrs['board']}", table, ("name", "version", "created", "aliases", "metrics", "versions")
    )
    return Shown("models", text.models(table), markup, lambda: ModelsView(table, session))


def _history(table: pd.DataFrame, session: Session) -> Shown:
    columns = ("time", "event", "alias", "version", "previous", "by", "note")
    return Shown("history", text.history(table), html.frame(f"History of {table.attrs['name']}", table, columns))


def _verdicts(table: pd.DataFrame, session: Session) -> Shown:
    columns = ("created", "version", "rows", "drifted", "alerts", "verdict", "by")
    return Shown("verdicts", text.verdicts(table), html.frame(f"Verdicts on {table.attrs['name']}", table, columns))


def _compare(diff: VersionDiff, session: Session) -> Shown:
    from mlops_magics.widgets.compare import CompareView
    from mlops_magics.widgets.records import comparison

    record = comparison(diff)
    columns = ("name", diff.a, diff.b, "change")
    rows = [
        html.table(section.title, columns, [(row.name, row.a, row.b, row.change) for row in section.rows])
        for section in record.sections
    ]
    code = html.table("code", ("line",), [(line,) for line in record.code]) if record.code else ""
    return Shown("compare", repr(diff), "".join(rows) + code, lambda: CompareView(diff), str(diff))


def _move(record: AliasMove, session: Session) -> Shown:
    return Shown("move", text.move(record))


def _endpoint(record: Endpoint, session: Session) -> Shown:
    from mlops_magics.widgets.endpoint import EndpointView

    names = ("state", "url", "version", "alias", "pid", "started", "notebook", "log_path")
    markup = html.facts(f"Endpoint of {record.name}", {name: getattr(record, name) for name in names})
    return Shown("endpoint", text.endpoint(record), markup, lambda: EndpointView(record, session))


def _endpoints(table: pd.DataFrame, session: Session) -> Shown:
    columns = ("name", "version", "alias", "where", "state", "url", "pid", "started")
    return Shown("endpoints", text.endpoints(table), html.frame("Endpoints", table, columns))


def _report(report: MonitorReport, session: Session) -> Shown:
    from mlops_magics.widgets.drift import DriftView

    rows = [
        (
            entry["feature"],
            entry["statistic"].replace("_", " "),
            *(entry[fact] for fact in ("score", "threshold", "p_value")),
            f"{sum(entry['drifted_in'])} of {len(entry['drifted_in'])} periods" if entry["drifted"] else "no",
        )
        for entry in report.wire()["features"]
    ]
    heads = ("feature", "statistic", "score", "threshold", "p_value", "drifted in")
    task = html.paragraph(report.task.in_words()) if report.task is not None else ""
    alerts = html.listing("Alerts", [alert.message for alert in report.alerts])
    markup = task + alerts + html.table("Drift, the most drifted feature first", heads, rows)
    if len(report.performance):
        markup += html.frame(
            "Performance", report.performance, ("period", "metric", "score", "n", "kind", "lower", "upper")
        )
    markup += _segments(report) + _curves(report)
    notes = "".join(html.paragraph(note) for note in report.notes)
    return Shown("drift", report.verdict, markup + notes, lambda: DriftView(report))


def _segments(report: MonitorReport) -> str:
    """Return what drifted in which segment, and how well the model did there; nothing where none were looked at."""
    markup = ""
    if report.segment_drift is not None and report.segment_drift["drifted"].any():
        found = report.segment_drift[report.segment_drift["drifted"]]
        markup += html.frame(
            "Drift by segment", found, ("segment", "feature", "statistic", "score", "threshold", "period")
        )
    if report.segments is not None and len(report.segments):
        columns = ("segment", "period", "metric", "score", "n")
        markup += html.frame("Performance by segment", report.segments, columns)
    return markup


def _curves(report: MonitorReport) -> str:
    """Return each curve at a few of its points; the picture shows all of them."""
    markup = ""
    for curve in report.curves:
        title, across, up = TITLES[curve.view]
        chosen = sorted({round(place * (len(curve.x) - 1) / (POINTS - 1)) for place in range(POINTS)})
        label = f" of {curve.label}" if curve.label else ""
        markup += html.table(f"{title}{label}", (across, up), [(curve.x[place], curve.y[place]) for place in chosen])
    return markup


def _retraining(record: Retraining, session: Session) -> Shown:
    from mlops_magics.widgets import retraining_html

    return Shown("retraining", repr(record), retraining_html.markup(record))


def _policies(table: pd.DataFrame, session: Session) -> Shown:
    columns = ("model", "policy", "every", "when", "last", "outcome", "next", "due", "why_not")
    return Shown("policies", text.policies(table), html.frame("Policies; times are UTC", table, columns))


def _sentence(record: Any, session: Session) -> Shown:
    return Shown("sentence", repr(record))


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
    "PolicyTable": _policies,
    "Policy": _sentence,
    "Exported": _sentence,
}
