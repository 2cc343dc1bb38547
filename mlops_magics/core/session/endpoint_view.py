"""An endpoint as views show it: its version, its state now, and the last requests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlops_magics.core import state
from mlops_magics.core.session import form_columns
from mlops_magics.core.session.board_labels import label
from mlops_magics.core.wire.encoding import to_json
from mlops_magics.core.wire.endpoint_records import Answering, EndpointRecord, Live, LoggedRequest
from mlops_magics.core.wire.version_records import VersionMark
from mlops_magics.errors import MlopsError, NotFound

if TYPE_CHECKING:
    from mlops_magics.core.deploying import Endpoint
    from mlops_magics.core.session import Session

MOST_VERSIONS = 50
"""Versions that are offered for a swap."""
LAST_LINES, LAST_BYTES = 8, 4_000
"""Last part of the log of an endpoint that died."""


def record(session: Session, endpoint: Endpoint) -> EndpointRecord:
    """Return the facts that do not change while one version answers."""
    ref = session.labelled(endpoint.name, endpoint.board)
    version = session.version(f"{ref}@{endpoint.version}")
    prototype = form_columns.of(session.board_of(version), version)
    newest = session.versions(ref).head(MOST_VERSIONS)
    return EndpointRecord(
        name=endpoint.name,
        version=endpoint.version,
        number=version.number,
        alias=endpoint.alias,
        board=endpoint.board,
        label=label(endpoint.board),
        url=endpoint.url,
        started=endpoint.started.isoformat(),
        prototype=prototype,
        snippets=endpoint.snippets(prototype.examples[:1]),
        versions=tuple(
            VersionMark(row["version"], int(row["number"]), row["created"].isoformat())
            for row in newest.to_dict("records")
        ),
    )


def live(
    session: Session,
    endpoint: Endpoint,
    health: Mapping[str, Any],
    *,
    state: str,
    rate: float | None = None,
    trouble: str | None = None,
) -> Live:
    """Return the state of an endpoint now.

    Parameters
    ----------
    health
        Its own counts, or empty while it does not answer.
    state
        Its state, known without a request to it.
    rate
        Requests per second.
    trouble
        The reason why a running one does not answer.
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
        refused=health.get("refused"),
        failed=health.get("failed"),
        uptime_seconds=health.get("uptime"),
        answering=tuple(_answering(session, endpoint, health.get("versions", {}))),
        recent=recent(session, endpoint),
        last_lines=_last_lines(endpoint) if state in ("died", "failed") else (),
        trouble=trouble,
    )


def recent(session: Session, endpoint: Endpoint) -> tuple[LoggedRequest, ...] | None:
    """Return the last requests, newest first, or None where no prediction log is kept."""
    if not endpoint.announced.plan.get("log", True):
        return None
    rows = session.requests(session.labelled(endpoint.name, endpoint.board))
    return tuple(
        LoggedRequest(
            time=row["time"].isoformat(),
            version=row["version"],
            prediction=to_json(row["prediction"]),
            probability=row.get("probability"),
            latency_ms=row["latency_ms"],
            row=to_json(row["row"]),
        )
        for row in rows
    )


def _answering(session: Session, endpoint: Endpoint, counts: Mapping[str, Any]) -> Iterator[Answering]:
    """Yield the version that answers, the one that is tried out, and those that answered before."""
    tried = endpoint.challengers.get(endpoint.name)
    share = tried.share if tried is not None and tried.mode == "canary" else 0.0
    yield _row(session, endpoint, endpoint.version, "answers", 1.0 - share, counts)
    if tried is not None:
        yield _row(session, endpoint, tried.version, tried.mode, share, counts)
    now = {endpoint.version, tried.version if tried is not None else None}
    for version in counts:
        if version not in now:
            yield _row(session, endpoint, version, "before", 0.0, counts)


def _row(
    session: Session, endpoint: Endpoint, version: str, mode: Any, share: float, counts: Mapping[str, Any]
) -> Answering:
    own = counts.get(version, {})
    try:
        known = session.version(f"{session.labelled(endpoint.name, endpoint.board)}@{version}")
        number, created, aliases = known.number, known.created.isoformat(), known.aliases
    except NotFound:  # deleted while it answers
        number, created, aliases = 0, None, ()
    return Answering(
        version=version,
        number=number,
        created=created,
        aliases=aliases,
        mode=mode,
        share=share,
        requests=own.get("requests", 0),
        failed=own.get("failed", 0),
        p50_ms=own.get("p50"),
        p95_ms=own.get("p95"),
    )


def _last_lines(endpoint: Endpoint) -> tuple[str, ...]:
    """Return the end of the log of an endpoint's processes."""
    if endpoint.log_path is None:
        return ()
    text = state.read_tail(Path(endpoint.log_path), LAST_BYTES).decode(errors="replace")
    return tuple(line for line in text.splitlines() if line.strip())[-LAST_LINES:]


def health_of(endpoint: Endpoint, seconds: float) -> tuple[dict[str, Any], str | None]:
    """Return an endpoint's own counts, and the reason where it gives none."""
    try:
        return endpoint.health(seconds=seconds), None
    except (MlopsError, OSError, ValueError) as error:
        return {}, f"Not answering: {error}"
