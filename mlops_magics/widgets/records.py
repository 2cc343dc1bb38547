"""The session's records as the browser reads them: typed, without tokens, one function for each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from mlops_magics.core.wire.comparison_record import ChangeRow, Comparison, Section
from mlops_magics.core.wire.encoding import to_json
from mlops_magics.core.wire.endpoint_records import (
    EndpointRecord,
    FormColumn,
    FormPrototype,
    Live,
    LoggedRequest,
)
from mlops_magics.core.wire.panel_records import (
    ChallengerRow,
    Health,
    HistoryEntry,
    Latency,
    PanelEndpoint,
    PanelModel,
    VerdictRow,
    WholeEndpoint,
    WorstFeature,
)
from mlops_magics.core.wire.report_record import Report
from mlops_magics.core.wire.version_records import ModelRow, Models, VersionRow, Versions
from mlops_magics.errors import MlopsError

if TYPE_CHECKING:
    import pandas as pd

    from mlops_magics.core.session import Session
    from mlops_magics.core.session.records import Endpoint, Prototype, VersionDiff

SECTIONS = ("metrics", "parameters", "features", "profile", "packages", "facts")
HEALTH_SECONDS = 2.0
"""An endpoint that answers later than this is shown as not answering."""
MOST_VERSIONS = 50
"""Versions that are offered for a swap."""


# Versions and models


def versions(table: pd.DataFrame) -> Versions:
    """Return a `VersionTable`, newest first."""
    return Versions(table.attrs["name"], table.attrs["board"], version_rows(table))


def version_rows(table: pd.DataFrame) -> tuple[VersionRow, ...]:
    """Return rows of a `VersionTable`."""
    return tuple(
        VersionRow(
            version=row["version"],
            created=_time(row["created"]),
            aliases=tuple(row["aliases"]),
            metrics=row["metrics"],
            format=row["format"],
            size=row["size"],
            author=_text(row["author"]),
            description=_text(row["description"]),
            tags=tuple(row["tags"]),
            parent=_text(row["parent"]),
            trusted=bool(row["trusted"]),
        )
        for row in table.to_dict("records")
    )


def models(table: pd.DataFrame) -> Models:
    """Return a `ModelTable`."""
    return Models(table.attrs["board"], tuple(model_rows(table)))


def model_rows(table: pd.DataFrame) -> Iterator[ModelRow]:
    """Yield rows of a `ModelTable`."""
    for row in table.to_dict("records"):
        yield ModelRow(
            name=row["name"],
            version=row["version"],
            created=_time(row["created"]),
            aliases=tuple(row["aliases"]),
            metrics=row["metrics"],
            versions=row["versions"],
            description=_text(row["description"]),
        )


def panel_model(row: ModelRow, aliases: Mapping[str, str], verdict: Mapping[str, Any] | None) -> PanelModel:
    """Return a model with what its aliases name, and the last verdict on it."""
    return PanelModel(
        name=row.name,
        version=row.version,
        created=row.created,
        metrics=row.metrics,
        versions=row.versions,
        description=row.description,
        alias_map=dict(aliases),
        verdict=None if verdict is None else verdict_row(verdict),
    )


# History and monitoring


def history_entries(table: pd.DataFrame) -> tuple[HistoryEntry, ...]:
    """Return rows of a `HistoryTable`."""
    names = ("event", "alias", "version", "previous", "by", "note")
    return tuple(
        HistoryEntry(_time(row["time"]), *(_text(row[name]) for name in names))  # type: ignore[arg-type]
        for row in table.to_dict("records")
    )


def verdict_rows(table: pd.DataFrame) -> tuple[VerdictRow, ...]:
    """Return a `VerdictTable`, newest first."""
    return tuple(verdict_row(each) for each in table.attrs["verdicts"])


def verdict_row(kept: Mapping[str, Any]) -> VerdictRow:
    """Return a verdict as it is kept; what older versions did not write is empty."""
    return VerdictRow(
        name=kept["name"],
        version=kept["version"],
        created=kept["created"],
        verdict=kept["verdict"],
        drifted=tuple(kept["drifted"]),
        worst=tuple(WorstFeature(**each) for each in kept["worst"]),
        rows=kept.get("rows", 0),
        alerts=tuple(kept.get("alerts", ())),
        n_alerts=kept.get("n_alerts", len(kept.get("alerts", ()))),
        by=kept.get("by"),
    )


def report(kept: Mapping[str, Any]) -> Report:
    """Return a report as `MonitorReport.wire` wrote it."""
    return msgspec.convert(kept, Report)


# Comparison


def comparison(diff: VersionDiff) -> Comparison:
    """Return a `VersionDiff`, one section per kind of fact that differs."""
    sections = [
        Section(part, tuple(_change(change) for change in getattr(diff, part)))
        for part in SECTIONS
        if getattr(diff, part)
    ]
    if diff.predictions is not None:
        head = ChangeRow(str(diff.predictions), None, None, None)
        sections.append(Section("predictions", (head, *map(_answered, diff.predictions.examples))))
    if diff.notes:
        sections.append(Section("notes", tuple(ChangeRow(note, None, None, None) for note in diff.notes)))
    return Comparison(diff.a, diff.b, tuple(sections), tuple(diff.code.splitlines()) or None)


def _answered(example: Mapping[str, Any]) -> ChangeRow:
    """Return a row that two versions answer differently, its features beside its place."""
    features = ", ".join(
        f"{name} {value:.4g}" if isinstance(value, float) else f"{name} {value}"
        for name, value in example["features"].items()
    )
    return _difference(f"row {example['row']} ({features})", example["a"], example["b"])


def _change(change: Any) -> ChangeRow:
    return _difference(change.name, change.a, change.b)


def _difference(name: str, a: Any, b: Any) -> ChangeRow:
    a, b = to_json(a), to_json(b)
    numbers = all(isinstance(side, int | float) and not isinstance(side, bool) for side in (a, b))
    return ChangeRow(name, a, b, f"{b - a:+.4g}" if numbers else None)


# Endpoints


def endpoint(session: Session, found: Endpoint) -> EndpointRecord:
    """Return what does not change while one version answers."""
    ref = session.labelled(found.name, found.board)
    version = session.version(f"{ref}@{found.version}")
    columns = prototype(version.prototype)
    return EndpointRecord(
        name=found.name,
        version=found.version,
        alias=found.alias,
        board=found.board,
        url=found.url,
        port=found.port,
        pid=found.pid,
        started=found.started.isoformat(),
        prototype=columns,
        snippets=found.snippets(columns.examples[:1]),
        versions=tuple(session.versions(ref)["version"].head(MOST_VERSIONS)),
    )


def prototype(found: Prototype | None) -> FormPrototype:
    """Return the columns that a form asks for, and the example rows that fill it."""
    columns = tuple(
        FormColumn(
            name=column.name,
            kind=column.kind,
            categories=None if column.categories is None else tuple(to_json(list(column.categories))),
            minimum=to_json(column.minimum),
            maximum=to_json(column.maximum),
            nullable=bool(column.nullable),
            example=to_json(column.example),
        )
        for column in (found.columns if found else ())
    )
    return FormPrototype(columns, tuple(to_json(list(found.examples))) if found else ())


def live(found: Endpoint, state: str, health: Mapping[str, Any], rate: float | None, recent: Any) -> Live:
    """Return how an endpoint is now.

    Parameters
    ----------
    state
        What is known without asking it.
    health
        Its own counts; empty while it does not answer.
    rate
        Requests per second.
    recent
        What `recent` returned.
    """
    latency = health.get("latency_ms", {})
    return Live(
        state=state,
        requests=health.get("requests"),
        rows=health.get("rows"),
        rate=rate,
        p50_ms=latency.get("p50"),
        p95_ms=latency.get("p95"),
        errors=health.get("errors"),
        version=health.get("version", found.version),
        uptime_seconds=health.get("uptime"),
        recent=recent,
    )


def recent(session: Session, found: Endpoint) -> tuple[LoggedRequest, ...] | None:
    """Return the last requests, newest first; None where no prediction log is kept."""
    if not found.announced.plan.get("log", True):
        return None
    rows = session.requests(session.labelled(found.name, found.board))
    return tuple(LoggedRequest(**{**to_json(row), "time": _time(row["time"])}) for row in rows)


def panel_endpoint(found: Endpoint) -> PanelEndpoint:
    """Return an endpoint with the key of its board and its health; never its token."""
    return PanelEndpoint(**_listed(found))


def whole_endpoint(session: Session, found: Endpoint) -> WholeEndpoint:
    """Return an endpoint with its form, lines to paste and last requests."""
    record = endpoint(session, found)
    return WholeEndpoint(
        **_listed(found),
        prototype=record.prototype,
        snippets=record.snippets,
        versions=record.versions,
        recent=recent(session, found),
    )


def _listed(found: Endpoint) -> dict[str, Any]:
    """Return the fields of an endpoint in the list."""
    state, health, trouble = found.state, None, None
    if state == "running":
        try:
            health = _health(found.health(seconds=HEALTH_SECONDS))
        except (MlopsError, OSError, ValueError) as error:
            trouble = f"Not answering: {error}"
    tried = found.challengers.items()
    return {
        "name": found.name,
        "version": found.version,
        "alias": found.alias,
        "board": found.board,
        "board_key": found.board_key,
        "url": found.url,
        "port": found.port,
        "pid": found.pid,
        "state": state,
        "started": found.started.isoformat(),
        "workers": found.announced.workers,
        "asks_for_token": found.token is not None,
        "challengers": {name: ChallengerRow(each.version, each.mode, each.share) for name, each in tried},
        "health": health,
        "trouble": trouble,
    }


def _health(counts: Mapping[str, Any]) -> Health:
    latency = Latency(counts["latency_ms"]["p50"], counts["latency_ms"]["p95"])
    return Health(
        status=counts["status"],
        requests=counts["requests"],
        errors=counts["errors"],
        rows=counts["rows"],
        uptime=counts["uptime"],
        version=counts["version"],
        latency_ms=latency,
    )


# Values


def _time(moment: Any) -> str:
    return moment.isoformat() if isinstance(moment, dt.datetime) else str(moment)


def _text(value: Any) -> str | None:
    """Return a text of a table's cell; None where it is missing."""
    return value if isinstance(value, str) else None
