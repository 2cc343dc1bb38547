"""The models of a board as a list shows them: champion, first metric over the last versions, endpoint, last verdict."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from mlops_magics.core.metric_directions import direction
from mlops_magics.core.wire.verdict_record import VerdictRow
from mlops_magics.core.wire.version_records import ModelMetric, ModelRow, ServedBy, VersionMark

if TYPE_CHECKING:
    import pandas as pd

    from mlops_magics.core.deploying import Endpoint
    from mlops_magics.core.session import Session
    from mlops_magics.core.versioning import Board

MOST_WHOLE = 200
"""Models of one list that have champion, metric and course. Those beyond have their newest version alone."""
COURSE = 20
"""Versions of which the metric is shown."""


def rows(session: Session, table: pd.DataFrame) -> Iterator[ModelRow]:
    """Yield the rows of a `ModelTable` of the session's current board."""
    board, aliases, verdicts = session.board, session.aliases(), session.last_verdicts()
    serving = {each.name: each for each in reversed(session.endpoints_running()) if each.board == board.url}
    for place, row in enumerate(table.to_dict("records")):
        name = row["name"]
        kept = verdicts.get(name)
        yield _row(
            board,
            row,
            aliases.get(name, {}),
            whole=place < MOST_WHOLE,
            endpoint=serving.get(name),
            verdict=None if kept is None else next(verdict_rows([kept]), None),
        )


def _row(
    board: Board,
    row: Mapping[Any, Any],
    aliases: dict[str, str],
    *,
    whole: bool,
    endpoint: Endpoint | None,
    verdict: VerdictRow | None,
) -> ModelRow:
    name = row["name"]
    last = board.last_versions(name, COURSE) if whole else []
    numbers = board.numbers(name, [row["version"], *aliases.values()]) if whole else {}
    champion = aliases.get("champion")
    return ModelRow(
        name=name,
        version=row["version"],
        number=numbers.get(row["version"], 0),
        created=row["created"].isoformat(),
        description=row["description"] if isinstance(row["description"], str) else None,
        metrics=row["metrics"],
        versions=row["versions"],
        alias_map=aliases,
        champion=_mark(board, name, champion, numbers) if champion and whole else None,
        metric=_metric(row["metrics"], last, champion),
        endpoint=None if endpoint is None else ServedBy(endpoint.state, endpoint.version, endpoint.url),
        verdict=verdict,
    )


def _mark(board: Board, name: str, version: str, numbers: Mapping[str, int]) -> VersionMark:
    created = board.created(name, version)
    return VersionMark(version, numbers.get(version, 0), None if created is None else created.isoformat())


def _metric(
    metrics: Mapping[str, float | None], last: Sequence[tuple[str, Mapping[str, float | None]]], champion: str | None
) -> ModelMetric | None:
    name = next(iter(metrics), None)
    if name is None:
        return None
    values = dict(last)
    value = values[champion].get(name) if champion in values else metrics[name]
    return ModelMetric(name, direction(name), value, tuple(found.get(name) for _, found in last))


def verdict_rows(kept: Iterable[Mapping[str, Any]]) -> Iterator[VerdictRow]:
    """Yield verdicts as they are kept, without those of another shape, which others may write."""
    for each in kept:
        with contextlib.suppress(msgspec.ValidationError):
            yield msgspec.convert(each, VerdictRow)
