"""Every reason to act in a report, and whether a gate such as ``--fail-on drift,performance`` stops at it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from mlops_magics.core.monitoring.alerts.thresholds import NONE, Thresholds, apply
from mlops_magics.core.monitoring.reporting.alert import SUBJECTS, Alert
from mlops_magics.core.monitoring.reporting.record import Report
from mlops_magics.errors import InvalidInput

if TYPE_CHECKING:
    import pandas as pd

SMALLER_IS_BETTER = ("error", "loss", "rmse", "mae", "mse", "mape")  # parts of a metric's name
AnyReport = TypeVar("AnyReport", bound=Report)


def with_alerts(report: AnyReport, limits: Thresholds = NONE) -> AnyReport:
    """Return the report with its alerts, and with the limits that charts show."""
    return replace(report, alerts=tuple(alerts(report, limits)), limits=dict(limits.metrics))


def alerts(report: Report, limits: Thresholds = NONE) -> list[Alert]:
    """Return every reason to act in a report, drift first."""
    frames = [report.drift, report.segment_drift]
    doubted = {period.label for period in report.periods if not period.estimate_valid}
    return [
        *(alert for frame in frames if frame is not None for alert in _of_drift(apply(frame, limits))),
        *_beyond(report.performance, limits, doubted),
        *(_beyond(report.segments, limits, doubted) if report.segments is not None else ()),
        *_fallen(report.performance, limits),
    ]


def failing(found: Iterable[Alert], fail_on: str | Iterable[str]) -> list[Alert]:
    """Return the alerts that a gate such as ``--fail-on drift,performance`` stops at."""
    subjects = {part.strip() for part in (fail_on.split(",") if isinstance(fail_on, str) else fail_on)}
    unknown = subjects - set(SUBJECTS)
    if unknown:
        raise InvalidInput(f"Cannot fail on {sorted(unknown)[0]!r}. Known: {', '.join(SUBJECTS)}.")
    return [alert for alert in found if alert.subject in subjects]


def _of_drift(frame: pd.DataFrame) -> Iterator[Alert]:
    row: Any
    for row in frame[frame["drifted"]].itertuples():
        segment = str(getattr(row, "segment", ""))
        where = f"{row.period}{f' ({segment})' if segment else ''}"
        limit = "" if math.isnan(row.threshold) else f" {row.score:.3g} above {row.threshold:.3g}"
        told = f"{row.feature} drifted in {where}: {str(row.statistic).replace('_', ' ')}{limit}"
        yield Alert("drift", row.feature, row.period, float(row.score), float(row.threshold), told, segment)


def _beyond(frame: pd.DataFrame, limits: Thresholds, doubted: Iterable[str]) -> Iterator[Alert]:
    """Compare metrics with the limits that somebody set; estimates only where they are valid and nothing better is."""
    row: Any
    held = frame[frame["kind"].eq("measured") & frame["score"].notna()] if len(frame) else frame
    measured = set(zip(held["period"], held["metric"]))
    for row in frame.itertuples():
        segment = str(getattr(row, "segment", ""))
        low, high = limits.of_metric(row.metric, segment)
        if row.kind == "estimated" and (row.period in doubted or (row.period, row.metric) in measured):
            continue
        for limit, beyond, word in (
            (low, low is not None and row.score < low, "below"),
            (high, high is not None and row.score > high, "above"),
        ):
            if beyond and limit is not None:
                yield _performance(row, segment, float(limit), f"{word} {limit:.3g}")


def _fallen(frame: pd.DataFrame, limits: Thresholds) -> Iterator[Alert]:
    """Compare the last period's band with the first one's, for metrics without a limit; measured ones only."""
    known = frame[frame["score"].notna() & (frame["kind"] == "measured")]
    for metric, periods in known.groupby("metric", sort=False):
        first: Any
        last: Any
        first, last = (next(part.itertuples()) for part in (periods.head(1), periods.tail(1)))
        smaller = any(part in str(metric) for part in SMALLER_IS_BETTER) and not str(metric).startswith("neg_")
        limit = first.upper if smaller else first.lower
        worse = last.lower > limit if smaller else last.upper < limit
        if worse and limits.of_metric(str(metric)) == (None, None):
            yield _performance(last, "", float(limit), f"out of the band of {first.period} ({first.score:.3g})")


def _performance(row: Any, segment: str, limit: float, reason: str) -> Alert:
    where = f"{row.period}{f' ({segment})' if segment else ''}"
    told = f"{row.metric} ({row.kind}) in {where} is {row.score:.3g}, {reason}"
    return Alert("performance", row.metric, row.period, float(row.score), limit, told, segment)
