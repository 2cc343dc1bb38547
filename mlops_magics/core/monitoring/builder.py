"""The verb `monitor`: a reference profile, what came since, and what is known of its truth, made into one report."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlops_magics.core import progress
from mlops_magics.core.monitoring.alerts import rules
from mlops_magics.core.monitoring.alerts.thresholds import NONE, Thresholds, applied
from mlops_magics.core.monitoring.comparing import findings, multivariate
from mlops_magics.core.monitoring.counting import large_table
from mlops_magics.core.monitoring.counting.large_table import LargeTable
from mlops_magics.core.monitoring.profiling.profiler import ReferenceProfile
from mlops_magics.core.monitoring.report import MonitorReport
from mlops_magics.core.monitoring.reporting import current as current_data
from mlops_magics.core.monitoring.reporting import estimated, measured, reference_choice, segments, target_drift
from mlops_magics.core.monitoring.reporting.current import Current
from mlops_magics.core.monitoring.reporting.reference_choice import Reference
from mlops_magics.core.monitoring.reporting.segments import Found
from mlops_magics.core.monitoring.scoring import performance

if TYPE_CHECKING:
    import pandas as pd


def monitor(
    profile: ReferenceProfile,
    current: Any,
    *,
    name: str = "model",
    version: str | None = None,
    truth: Any = None,
    prediction: Any = None,
    on: str | Sequence[str] | None = None,
    by: Any = None,
    timestamp: str | None = None,
    statistics: Sequence[str] | str | None = None,
    preset: str | None = None,
    metrics: Sequence[str | Callable[..., Any]] | str | Callable[..., Any] | None = None,
    probabilities: Any = None,
    reference: Any = None,
    segment: str | None = None,
    detect: Sequence[str] | str | None = None,
    thresholds: Thresholds = NONE,
) -> MonitorReport:
    """Compare what a version sees now with what it was trained on, and score it where the truth is known.

    Parameters
    ----------
    profile
        The reference, stored with the version.
    current
        The prediction log, or a frame of features ``(n_samples, n_features)``; columns that are no feature may be
        among them.
    truth, on
        What came out: a column's name, values in the order of the rows, or a frame joined by ``on`` (the log's request
        id).
    prediction
        What was predicted: a column's name, values in order, or a function of the features, called only when there is
        a truth to compare with or an estimate to make. By default the log's column.
    by, timestamp
        Periods, and the column that holds the times.
    statistics, preset, metrics
        As in `mlops_magics.drift` and `mlops_magics.performance`.
    probabilities
        As in `mlops_magics.performance`, or a function of the features that returns a mapping of labels to values.
    reference
        ``"fixed"`` (the profile), ``"previous"``, ``"rolling:4"``, or a frame or path to compare with instead.
    segment
        A column by whose values drift and performance are also given apart (``report.segment_drift``,
        ``report.segments``).
    detect
        Streaming detectors that look at the errors in order of time: ``adwin``, ``page_hinkley``, ``ddm``.
    thresholds
        What is acceptable of this model, in place of the calibrated verdicts.

    Raises
    ------
    InvalidInput, NotFound
        What was asked for makes no sense for these data; trouble with the data themselves is in the report.
    """
    progress.tell("reading the rows")
    table = large_table.read(current)
    counted = isinstance(table, LargeTable) and preset is None  # another tool's numbers are those of rows
    against = reference_choice.chosen(reference, profile, condensed=counted)
    now = current_data.read(
        profile, table, data=current, truth=truth, prediction=prediction, on=on, by=by, timestamp=timestamp,
        probabilities=probabilities, segment=segment, like=against.features if counted else None, by_row=bool(detect),
    )  # fmt: skip
    asked = _asked(against, statistics, preset, metrics, segment, detect, thresholds)
    return rules.judged(_reported(profile, now, asked, name, version), thresholds)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a report is asked to hold."""

    reference: Reference
    statistics: list[str] | None
    together: list[str]
    preset: str | None
    metrics: Sequence[Any] | None
    segment: str | None
    detect: Sequence[str] | str | None
    thresholds: Thresholds


def _asked(
    against: Reference,
    statistics: Sequence[str] | str | None,
    preset: str | None,
    metrics: Any,
    segment: str | None,
    detect: Sequence[str] | str | None,
    thresholds: Thresholds,
) -> Asked:
    names = [statistics] if isinstance(statistics, str) else list(statistics) if statistics is not None else None
    return Asked(
        against,
        names if names is None else [name for name in names if name not in multivariate.NAMES],
        [name for name in names or () if name in multivariate.NAMES],
        preset,
        [metrics] if isinstance(metrics, str) or callable(metrics) else metrics,
        segment,
        detect,
        thresholds,
    )


def _reported(profile: ReferenceProfile, now: Current, asked: Asked, name: str, version: str | None) -> MonitorReport:
    names, limits = asked.statistics, asked.thresholds
    apart = (
        segments.looked_at(asked.segment, profile, asked.reference, now, names, asked.metrics)
        if asked.segment is not None
        else Found()
    )
    records, unmeasured = measured.measured(now, asked.metrics)
    estimates = estimated.estimate(profile, now, asked.metrics)
    changes, alarms = measured.changes(now, asked.detect)
    return MonitorReport(
        name=name,
        version=version,
        created=dt.datetime.now(dt.UTC),
        drift=applied(_drift(profile, now, asked), limits),
        roles=findings.to_frame(target_drift.compared(profile, now)),
        performance=performance.to_frame([*records, *estimates.records]),
        segments=segments.performance_frame(apart),
        segment_drift=applied(segments.to_frame(apart), limits),
        periods=tuple(_told(now, k, window.label in estimates.invalid) for k, window in enumerate(now.windows)),
        distributions=target_drift.counted(profile, now),
        curves=measured.curves_of(now),
        changes=changes,
        notes=(*_of_truth(now), *now.notes, *unmeasured, *estimates.notes, *alarms, *apart.notes),
    )


def _drift(profile: ReferenceProfile, now: Current, asked: Asked) -> pd.DataFrame:
    if asked.preset is not None:
        return reference_choice.by_preset(asked.preset, asked.reference, profile, now, asked.statistics)
    alone = asked.statistics
    found = (
        findings.to_frame(reference_choice.compared(asked.reference, now, alone)) if alone is None or alone else None
    )
    return (
        reference_choice.together(found, asked.together, asked.reference, profile, now)
        if asked.together
        else _whole(found)
    )


def _whole(found: pd.DataFrame | None) -> pd.DataFrame:
    return findings.to_frame([]) if found is None else found


def _of_truth(now: Current) -> tuple[str, ...]:
    return now.truth.notes if now.truth is not None else ()


def _told(now: Current, place: int, invalid: bool) -> Mapping[str, Any]:
    """Return a period as it is told: how many of its rows have a truth, and whether its estimate can be believed."""
    window, labelled = now.windows[place], 0
    if now.truth is not None:
        part = now.truth.column.take(window.rows)
        labelled = len(part) - part.missing()
    return {**window.to_json(), "labelled": labelled, "estimate_valid": not invalid}
