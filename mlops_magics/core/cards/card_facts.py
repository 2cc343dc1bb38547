"""The facts of a version beyond its own record: training rows, performance, segments, verdicts, history."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mlops_magics.core import monitored_model, verdicts
from mlops_magics.core.versioning import companions
from mlops_magics.core.versioning.describing.json_values import json_safe
from mlops_magics.core.versioning.names import ModelName
from mlops_magics.core.versioning.publishing.facts import PROFILE
from mlops_magics.errors import MlopsError

if TYPE_CHECKING:
    import pandas as pd

    from mlops_magics.core.monitoring.report import MonitorReport
    from mlops_magics.core.versioning import Board, ModelVersion

MOST_VERDICTS, MOST_EVENTS, MOST_ROWS = 10, 20, 200
"""Newest entries of a card."""


@dataclass(frozen=True, slots=True)
class CardFacts:
    """The facts.

    Attributes
    ----------
    task
        Such as "classification of 3 classes".
    performance, segments
        Rows with metric, score, lower, upper, n, period, kind and segment.
    history
        Events of the model, newest first, one line each.
    bins
        By column, the counts of its training values in the bins of its histogram.
    labels
        By column of texts or categories, its values at training.
    """

    task: str = ""
    training_rows: int | None = None
    performance: tuple[Mapping[str, Any], ...] = ()
    segments: tuple[Mapping[str, Any], ...] = ()
    verdicts: tuple[Mapping[str, Any], ...] = ()
    history: tuple[str, ...] = ()
    bins: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the facts as JSON values."""
        names = ("task", "training_rows", "performance", "segments", "verdicts", "history")
        found: dict[str, Any] = json_safe({name: getattr(self, name) for name in names})
        return found

    @classmethod
    def of(
        cls,
        board: Board,
        version: ModelVersion,
        found: Sequence[Mapping[str, Any]],
        report: MonitorReport | None = None,
    ) -> CardFacts:
        """Gather the facts of a version.

        Parameters
        ----------
        found
            The verdicts on the model, newest first.
        """
        task, rows, bins, labels = _of_profile(board, version)
        performance, segments = _measured(board, version, report)
        return cls(
            task,
            rows,
            performance,
            segments,
            tuple(found[:MOST_VERDICTS]),
            tuple(_history(board, version)),
            bins,
            labels,
        )


def _of_profile(
    board: Board, version: ModelVersion
) -> tuple[str, int | None, dict[str, tuple[int, ...]], dict[str, tuple[str, ...]]]:
    """Return task, number of training rows, bins and labels, nothing without a profile that can be read."""
    if version.stored(PROFILE) is None:
        return "", None, {}, {}
    from mlops_magics.core.monitoring import ReferenceProfile
    from mlops_magics.core.monitoring.reporting import histograms
    from mlops_magics.core.monitoring.scoring.model_task import FACT, ModelTask

    try:
        profile = ReferenceProfile.from_bytes(board.read_file(version, PROFILE))
        task = ModelTask.from_json(profile.facts.get(FACT))
    except MlopsError:
        return "", None, {}, {}
    bars = {name: histograms.of_profiles(each, [each]) for name, each in profile.features.items()}
    bins = {name: each.reference for name, each in bars.items() if each is not None}
    labels = {
        name: tuple(map(str, each.sample.labels))
        for name, each in profile.features.items()
        if hasattr(each.sample, "labels")
    }
    return ("" if task is None else task.in_words()), profile.rows, bins, labels


def _measured(
    board: Board, version: ModelVersion, report: MonitorReport | None
) -> tuple[tuple[Mapping[str, Any], ...], tuple[Mapping[str, Any], ...]]:
    """Return performance as a whole and by segment: of the report, else the board's, else the last report's."""
    if report is not None:
        return _rows(report.performance), _rows(report.segments)
    try:
        has_some = companions.read(board, version.name, monitored_model.METRICS) is not None
        kept = monitored_model.metrics(board, version.name) if has_some else None
    except MlopsError:
        kept = None
    if kept is not None and len(kept):
        own = kept[kept["version"] == version.version]
        whole = own["segment"].isna() | (own["segment"] == "")
        return _rows(own[whole]), _rows(own[~whole])
    last = verdicts.report(board.url, version.name) or {}
    if last.get("version") != version.version:
        return (), ()
    rows = (
        tuple(each for each in last.get(name) or () if isinstance(each, dict)) for name in ("performance", "segments")
    )
    performance, segments = rows
    return performance, segments


def _rows(frame: pd.DataFrame | None) -> tuple[Mapping[str, Any], ...]:
    if frame is None or not len(frame):
        return ()
    return tuple(json_safe(frame.tail(MOST_ROWS).to_dict("records")))


def _history(board: Board, version: ModelVersion) -> list[str]:
    """Return the events of the model, newest first: pins, and the events of the log."""
    name = ModelName(version.name)
    pins = board.catalogue.summaries.of(name, board.catalogue.versions(name))
    lines: list[tuple[dt.datetime, str, str | None, str | None, str | None, str | None]] = [
        (dt.datetime.fromtimestamp(each.created, dt.UTC), "pin", None, each.version, each.author, None) for each in pins
    ]
    for event in board.log.of(name):
        moment = dt.datetime.fromisoformat(event.time)
        lines.append((moment, event.event, event.alias, event.version, event.by, event.note))
    newest = sorted(lines, key=lambda line: line[0], reverse=True)[:MOST_EVENTS]
    return [_line(*each) for each in newest]


def _line(
    moment: dt.datetime, event: str, alias: str | None, called: str | None, by: str | None, note: str | None
) -> str:
    parts = (event, f"{alias} to" if alias else "", called or "", f"by {by}" if by else "")
    return f"{moment:%Y-%m-%d}: {' '.join(filter(None, parts))}" + (f": {note}" if note else "")
