"""The rules for alerts of a report, and for a gate such as ``--fail-on drift,performance``."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import numpy.typing as npt

from mlops_magics.core.monitoring.alerts.thresholds import NONE, Thresholds, apply
from mlops_magics.core.monitoring.reporting.alert import SUBJECTS, Alert
from mlops_magics.core.monitoring.reporting.record import Report
from mlops_magics.core.monitoring.statistics import declarations
from mlops_magics.errors import InvalidInput

if TYPE_CHECKING:
    import pandas as pd

FEWEST_ROWS = 30
"""Rows with a known truth from which a period can be the baseline of later ones."""
AnyReport = TypeVar("AnyReport", bound=Report)


def with_alerts(report: AnyReport, limits: Thresholds = NONE) -> AnyReport:
    """Return the report with its alerts, and with the limits that charts show."""
    shown = {name: limits.of_metric(name) for name in report.performance["metric"].unique()}
    named = {name: band for name, band in shown.items() if band != (None, None)}
    return replace(report, alerts=tuple(alerts(report, limits)), limits={**limits.metrics, **named})


def alerts(report: Report, limits: Thresholds = NONE) -> list[Alert]:
    """Return every reason to act in a report, performance first."""
    doubted = {period.label for period in report.periods if not period.estimate_valid}
    frames = [frame for frame in (report.performance, report.segments) if frame is not None]
    drift = [frame for frame in (report.drift, report.segment_drift) if frame is not None]
    return [
        *(alert for frame in frames for alert in _beyond(frame, limits, doubted)),
        *(alert for frame in frames for alert in _fallen(frame, limits, report.smaller_is_better)),
        *(alert for frame in drift for alert in _of_drift(apply(frame, limits))),
    ]


def failing(found: Iterable[Alert], fail_on: str | Iterable[str]) -> list[Alert]:
    """Return the alerts that a gate such as ``--fail-on drift,performance`` stops at.

    Raises
    ------
    InvalidInput
        An unknown subject.
    """
    subjects = {part.strip() for part in (fail_on.split(",") if isinstance(fail_on, str) else fail_on)}
    unknown = subjects - set(SUBJECTS)
    if unknown:
        raise InvalidInput(f"Cannot fail on {sorted(unknown)[0]!r}. Known: {', '.join(SUBJECTS)}.")
    return [alert for alert in found if alert.subject in subjects]


def _of_drift(frame: pd.DataFrame) -> Iterator[Alert]:
    details = frame.attrs.get("details", {})
    found = frame[frame["drifted"]].reset_index(drop=True)
    row: Any
    for row in found[~_repeats(found)].itertuples():
        segment = str(getattr(row, "segment", ""))
        where = f"{row.period}{f' ({segment})' if segment else ''}"
        limit = "" if math.isnan(row.threshold) else f" {abs(row.score):.3g} above {row.threshold:.3g}"
        key = (row.feature, row.statistic, row.period, segment) if segment else (row.feature, row.statistic, row.period)
        detail = details.get(key, "")
        about = f" ({detail})" if detail else ""
        told = f"{row.feature} drifted in {where}: {str(row.statistic).replace('_', ' ')}{limit}{about}"
        yield Alert("drift", row.feature, row.period, float(row.score), float(row.threshold), told, segment)


def _repeats(drifted: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Return ``(n_rows,)``: whether a row of the default family is not the first reason why a feature drifted.

    The main statistic is the first one, then the one farthest above its threshold.
    """
    found = drifted[drifted["statistic"].isin((*declarations.MAIN, *declarations.BESIDE))]
    severity = found["score"].abs() / found["threshold"]
    ordered = found.assign(beside=~found["statistic"].isin(declarations.MAIN), severity=-severity)
    keys = [key for key in ("feature", "period", "segment") if key in ordered]
    again = ordered.sort_values(["beside", "severity"], kind="stable").duplicated(keys)
    return np.asarray(drifted.index.isin(again.index[again]))


def _beyond(frame: pd.DataFrame, limits: Thresholds, doubted: Iterable[str]) -> Iterator[Alert]:
    """Compare metrics with the limits of the model. Estimates count where they are valid and nothing is measured."""
    row: Any
    held = frame[frame["kind"].eq("measured") & frame["score"].notna()] if len(frame) else frame
    measured = {(row.period, row.metric, str(getattr(row, "segment", ""))) for row in held.itertuples()}
    first: dict[tuple[str, str], Any] = {}
    for row in frame.itertuples():
        segment = str(getattr(row, "segment", ""))
        low, high = limits.of_metric(row.metric, segment)
        if row.kind == "estimated" and (row.period in doubted or (row.period, row.metric, segment) in measured):
            continue
        before = first.setdefault((row.metric, segment), row)
        for limit, beyond, word in (
            (low, low is not None and row.score < low, "below"),
            (high, high is not None and row.score > high, "above"),
        ):
            if beyond and limit is not None:
                earlier = math.nan if before is row else float(before.score)
                yield _performance(row, float(limit), f"{word} {limit:.3g}", earlier)


def _fallen(frame: pd.DataFrame, limits: Thresholds, smaller_is_better: Collection[str]) -> Iterator[Alert]:
    """Compare the last period's band with that of the first one with enough rows, for metrics without a limit."""
    if frame.empty:
        return
    known = frame[frame["score"].notna() & (frame["kind"] == "measured")]
    keys = ["segment", "metric"] if "segment" in known else ["metric"]
    for _, periods in known.groupby(keys, sort=False):
        rows: list[Any] = list(periods.itertuples())
        first = next((row for row in rows if row.n >= FEWEST_ROWS), None)
        last = rows[-1]
        if first is None or first is last:
            continue
        smaller = str(last.metric) in smaller_is_better
        limit = first.upper if smaller else first.lower
        worse = last.lower > limit if smaller else last.upper < limit
        if worse and limits.of_metric(str(last.metric), str(getattr(last, "segment", ""))) == (None, None):
            yield _performance(last, float(limit), f"outside the band of {first.period}", float(first.score))


def _performance(row: Any, limit: float, reason: str, before: float) -> Alert:
    segment = str(getattr(row, "segment", ""))
    where = f"{row.period}{f' ({segment})' if segment else ''}"
    earlier = "" if math.isnan(before) else f" ({before:.3g} before)"
    told = f"{row.metric} ({row.kind}) in {where} is {row.score:.3g}, {reason}{earlier}"
    return Alert("performance", row.metric, row.period, float(row.score), limit, told, segment, before)
