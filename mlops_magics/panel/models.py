"""The verbs of one model: its versions, history, differences, requests, and findings of monitoring."""

from __future__ import annotations

from mlops_magics.core.session import Session, comparison_view
from mlops_magics.core.wire.panel_records import (
    ComparisonReply,
    HistoryPage,
    ReportReply,
    TrafficReply,
    Verdicts,
    VersionPage,
    VersionReply,
)
from mlops_magics.panel.address import reading
from mlops_magics.panel.board_pool import BoardPool
from mlops_magics.panel.pages import MOST, page_slice
from mlops_magics.widgets import records


@reading("/boards/{board}/models/{name}/versions")
def versions(pool: BoardPool, board: str, name: str, offset: int = 0, limit: int = MOST) -> VersionPage:
    """List versions, newest first."""
    ref = pool.ref(board, name)

    def listed(session: Session) -> VersionPage:
        table = session.versions(ref)
        return VersionPage(
            metrics=records.metric_names(table["metrics"]),
            aliases=tuple(session.alias_targets(ref)),
            versions=records.version_rows(table.iloc[page_slice(offset, limit)]),
            total=len(table),
            offset=offset,
        )

    return pool.run(board, listed)


@reading("/boards/{board}/models/{name}/versions/{version}")
def version(pool: BoardPool, board: str, name: str, version: str) -> VersionReply:
    """Return the whole record of a version, or of the one that an alias names."""
    ref = f"{pool.ref(board, name)}@{version}"
    return VersionReply(pool.run(board, lambda session: session.version(ref)).to_json())


@reading("/boards/{board}/models/{name}/history")
def history(pool: BoardPool, board: str, name: str, offset: int = 0, limit: int = MOST) -> HistoryPage:
    """List the events of the model, newest first."""
    ref = pool.ref(board, name)

    def listed(session: Session) -> HistoryPage:
        table = session.history(ref)
        entries = records.history_entries(table.iloc[page_slice(offset, limit)])
        return HistoryPage(entries, session.numbers(ref), len(table), offset)

    return pool.run(board, listed)


@reading("/boards/{board}/models/{name}/compare")
def compare(pool: BoardPool, board: str, name: str, a: str, b: str) -> ComparisonReply:
    """Return the differences between two versions, without loading a model."""
    ref = pool.ref(board, name)
    return ComparisonReply(
        comparison_view.of(pool.run(board, lambda session: session.compare(f"{ref}@{a}", f"{ref}@{b}")))
    )


@reading("/boards/{board}/models/{name}/traffic")
def traffic(pool: BoardPool, board: str, name: str) -> TrafficReply:
    """Return the number of requests that each version answered over time, from the prediction log."""
    ref = pool.ref(board, name)
    return TrafficReply(pool.run(board, lambda session: session.traffic(ref)))


@reading("/boards/{board}/models/{name}/verdicts")
def verdicts(pool: BoardPool, board: str, name: str) -> Verdicts:
    """List the findings of monitoring, newest first."""
    ref = pool.ref(board, name)
    return Verdicts(records.verdict_rows(pool.run(board, lambda session: session.verdicts(ref))))


@reading("/boards/{board}/models/{name}/report")
def report(pool: BoardPool, board: str, name: str) -> ReportReply:
    """Return the last report whole.

    Raises
    ------
    NotFound
        When the model has no verdict yet.
    """
    ref = pool.ref(board, name)
    return pool.run(board, lambda session: ReportReply(records.last_report(session, ref)))
