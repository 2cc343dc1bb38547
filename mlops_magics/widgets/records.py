"""The session's records as the browser reads them: typed, without tokens, one function for each."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from mlops_magics.core.metric_directions import direction
from mlops_magics.core.session import endpoint_view, model_list
from mlops_magics.core.session.board_labels import label
from mlops_magics.core.wire.panel_records import (
    ChallengerRow,
    Health,
    HistoryEntry,
    Latency,
    PanelEndpoint,
    WholeEndpoint,
)
from mlops_magics.core.wire.report_record import Report
from mlops_magics.core.wire.verdict_record import VerdictRow
from mlops_magics.core.wire.version_records import MetricName, Models, Moved, VersionRow, Versions
from mlops_magics.errors import MlopsError

if TYPE_CHECKING:
    import pandas as pd

    from mlops_magics.core.session import Session
    from mlops_magics.core.session.records import (
        AliasMove,
        Endpoint,
        ModelTable,
        MonitorReport,
        VersionTable,
    )

HEALTH_SECONDS = 2.0
"""An endpoint that answers later than this is shown as not answering."""


# Versions and models


def versions(session: Session, table: VersionTable) -> Versions:
    """Return a `VersionTable`, newest first, with the directions of its metrics and the versions of its aliases."""
    name, board = table.attrs["name"], table.attrs["board"]
    return Versions(
        name=name,
        board=board,
        label=label(board),
        metrics=metric_names(table["metrics"]),
        versions=version_rows(table),
        aliases=tuple(session.alias_targets(session.labelled(name, board))),
    )


def metric_names(rows: Iterable[Mapping[str, Any]]) -> tuple[MetricName, ...]:
    """Return the metrics that any of these rows has, in the order of the newest, with their directions."""
    names = dict.fromkeys(name for row in rows for name in row)
    return tuple(MetricName(name, direction(name)) for name in names)


def version_rows(table: pd.DataFrame) -> tuple[VersionRow, ...]:
    """Return rows of a `VersionTable`."""
    return tuple(
        VersionRow(
            version=row["version"],
            number=int(row["number"]),
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


def models(session: Session, table: ModelTable) -> Models:
    """Return a `ModelTable` of the session's current board."""
    board = session.board
    query = table.attrs.get("query", "")
    return Models(board.url, label(board.url), board.trusted, query, tuple(model_list.rows(session, table)))


def moved(session: Session, move: AliasMove) -> Moved:
    """Return the move in one sentence, and the command that undoes it."""
    ref = session.labelled(move.name, move.board)

    def called(version: str | None) -> str:
        if version is None:
            return "no version"
        try:
            return f"v{session.version(f'{ref}@{version}').number}"
        except MlopsError:  # it was deleted
            return version

    now, before = called(move.version), called(move.previous)
    if move.event == "rollback":
        went = f"went back from {before} to {now}." if move.version else "names no version now."
        words = f"{move.alias} of {move.name} {went}"
    elif move.previous == move.version:
        words = f"{move.name} {now} stays {move.alias}."
    else:
        words = f"{move.name} {now} is {move.alias} now" + (f", {before} was before." if move.previous else ".")
    return Moved(words, move.alias, move.version, move.previous, str(move.event))


def reference(session: Session, name: str, board: str) -> str:
    """Return what a cell writes for a model: its name, with the board's label where another board is current."""
    return name if board == session.board.url else session.labelled(name, board)


def version_numbers(session: Session, name: str, board: str) -> Mapping[str, int]:
    """Return the number of each version of a model by its id, deleted ones included; none where the board is gone."""
    try:
        return session.numbers(session.labelled(name, board))
    except MlopsError:
        return {}


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
    return tuple(model_list.verdict_rows(table.attrs["verdicts"]))


def report(kept: Mapping[str, Any]) -> Report:
    """Return a report as `MonitorReport.wire` wrote it."""
    return msgspec.convert(kept, Report)


def report_of(found: MonitorReport, session: Session) -> Report:
    """Return a report of now, with the number and the aliases of its version on the session's board."""
    made = report(found.wire())
    try:
        version = session.version(f"{made.name}@{made.version}")
    except MlopsError:  # the frames of `mm.drift` have no version, and another board has its own
        return made
    numbers = session.numbers(made.name) if made.versions else {}
    return dataclasses.replace(with_numbers(made, numbers), number=version.number or 0, aliases=tuple(version.aliases))


def last_report(session: Session, ref: str) -> Report:
    """Return the last report on a model, with the numbers of its versions.

    Raises
    ------
    NotFound
        When the model has no verdict yet.
    """
    made = with_numbers(report(session.last_report(ref)), session.numbers(ref))
    with contextlib.suppress(MlopsError):  # the version was deleted since
        return dataclasses.replace(made, aliases=tuple(session.version(f"{ref}@{made.version}").aliases))
    return made


def with_numbers(made: Report, numbers: Mapping[str, int]) -> Report:
    """Return a report whose versions have their numbers on a board."""
    versions = tuple(dataclasses.replace(each, number=numbers.get(each.version, 0)) for each in made.versions)
    return dataclasses.replace(made, number=numbers.get(made.version or "", 0), versions=versions)


# Endpoints


def panel_endpoint(found: Endpoint, number: int) -> PanelEndpoint:
    """Return an endpoint with the key of its board, the number of its version and its health, without its token."""
    return PanelEndpoint(**_listed(found, number))


def whole_endpoint(session: Session, found: Endpoint) -> WholeEndpoint:
    """Return an endpoint with its form, lines to paste and last requests."""
    facts = endpoint_view.record(session, found)
    listed = _listed(found, facts.number or 0)
    health, trouble = endpoint_view.health_of(found, HEALTH_SECONDS) if listed["state"] == "running" else ({}, None)
    return WholeEndpoint(
        **listed,
        record=facts,
        live=endpoint_view.live(session, found, health, state=listed["state"], trouble=trouble),
    )


def _listed(found: Endpoint, number: int) -> dict[str, Any]:
    """Return the fields of an endpoint in the list."""
    state = found.state
    counts, trouble = endpoint_view.health_of(found, HEALTH_SECONDS) if state == "running" else ({}, None)
    tried = found.challengers.items()
    return {
        "name": found.name,
        "version": found.version,
        "number": number,
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
        "health": _health(counts) if counts else None,
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
    """Return a text of a table's cell, or None where it is missing."""
    return value if isinstance(value, str) else None
