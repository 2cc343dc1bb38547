"""The data of a report for the views: small, per feature, in order of importance."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from mlops_magics.core.metric_directions import direction
from mlops_magics.core.monitoring.reporting import feature_summary, found_changes, headline, method
from mlops_magics.core.monitoring.reporting.feature_summary import FeatureSummary, severity
from mlops_magics.core.wire import report_record as wire
from mlops_magics.core.wire.version_records import MetricName

if TYPE_CHECKING:
    import pandas as pd

    from mlops_magics.core.monitoring.profiling.sample_facts import SampleFacts
    from mlops_magics.core.monitoring.reporting.histograms import Distribution
    from mlops_magics.core.monitoring.reporting.record import Report
    from mlops_magics.core.monitoring.reporting.report_period import ReportPeriod

MOST_COUNTS = 8_000
"""Bars × periods × features that are sent: 60 kB of many periods, 210 kB of one, with the names of the bars. Beyond it,
only the most drifted features have bars."""
SIGNIFICANT = 4
"""Digits of a score."""
EDGE_DIGITS = 7
"""Digits of a bar's edge: neighbouring ones may be close."""
MOST_SEGMENTS, MOST_FEATURES = 20, 50
"""Of which the drift within segments is sent."""
MOST_LINES = 8
"""Segments whose performance is sent."""
MOST_ALERTS = 100
"""Alerts that views receive. The report has all of them."""


def of_report(report: Report, definitions: Mapping[str, Any] = MappingProxyType({})) -> wire.Report:
    """Return the record of a report.

    ``features`` is ranked: drifted first, then by score over threshold. Each has one ``scores`` and ``drifted_in``
    entry per period; where the worst statistic was not used in a period, its score is that of another one in floors.

    Parameters
    ----------
    definitions
        The definition of each statistic of the report, for the sentences about the method.
    """
    head = headline.of_report(report)
    features = _features(report)
    return wire.Report(
        name=report.name,
        version=report.version,
        created=report.created.isoformat(timespec="seconds"),
        verdict=report.verdict,
        drifted=tuple(report.drifted),
        rows=report.rows,
        periods=tuple(_period(period) for period in report.periods),
        features=features,
        roles=_features(dataclasses.replace(report, drift=report.roles, q_values=())),
        performance=tuple(_performance(row) for row in report.performance.to_dict("records")),
        distributions=tuple(_histogram(entry) for entry in shown(report, [entry.feature for entry in features])),
        notes=tuple(report.notes),
        segments=_performance_of_segments(report.segments),
        segment_drift=of_segments(report.segment_drift),
        curves=tuple(
            wire.ReportCurve(each.view, each.label, each.x, each.y, each.n, each.lower, each.upper)
            for each in report.curves
        ),
        changes=tuple(wire.ErrorChange(**dataclasses.asdict(change)) for change in report.changes),
        alerts=tuple(wire.ReportAlert(**alert.to_json()) for alert in report.alerts[:MOST_ALERTS]),
        n_alerts=len(report.alerts),
        limits={name: (low, high) for name, (low, high) in report.limits.items()},
        versions=tuple(wire.VersionChange(each.period, each.version, each.since) for each in report.versions),
        task="" if report.task is None else report.task.in_words(),
        sentence=head.sentence,
        paragraph=head.paragraph,
        meaning=head.meaning,
        metrics=tuple(MetricName(name, direction(name)) for name in dict.fromkeys(report.performance["metric"])),
        found=tuple(found_changes.of_report(report)),
        method=tuple(method.sentences(report, definitions)),
        segmented_by=report.segmented_by,
    )


def _features(report: Report) -> tuple[wire.DriftFeature, ...]:
    """Return the features of the drift table, ranked, without columns that the model does not read."""
    labels = [period.label for period in report.periods]
    kinds = {entry.feature: entry.kind for entry in report.distributions}
    return tuple(
        _feature(each, labels, kinds.get(each.feature, ""))
        for each in feature_summary.summaries(report)
        if each.worst["statistic"] not in headline.NOT_OF_THE_MODEL
    )


def of_segments(drift: pd.DataFrame | None) -> wire.SegmentDrift:
    """Return the worst of each feature in each segment, ranked."""
    if drift is None or drift.empty:
        return wire.SegmentDrift((), ())
    labels = list(dict.fromkeys(drift["segment"]))[:MOST_SEGMENTS]
    drift = drift[drift["segment"].isin(labels)]
    features = [_feature_by_segment(group, labels) for _, group in drift.groupby("feature", sort=False)]
    features.sort(key=lambda entry: (not entry.drifted, -entry.severity))
    return wire.SegmentDrift(tuple(labels), tuple(features[:MOST_FEATURES]))


def _feature_by_segment(group: pd.DataFrame, labels: list[str]) -> wire.SegmentFeature:
    worst = [_worst(part) for _, part in group.groupby("segment", sort=False)]
    by_segment = {row["segment"]: row for row in worst}
    most = max(worst, key=lambda row: (row["drifted"], severity(row)))
    return wire.SegmentFeature(
        feature=most["feature"],
        statistic=most["statistic"],
        threshold=short(most["threshold"]),
        severity=short(severity(most)) or 0.0,
        drifted=bool(group["drifted"].any()),
        scores=tuple(short(by_segment[label]["score"]) if label in by_segment else None for label in labels),
        drifted_in=tuple(label in by_segment and bool(by_segment[label]["drifted"]) for label in labels),
    )


def _performance_of_segments(found: pd.DataFrame | None) -> tuple[wire.PerformanceRow, ...]:
    """Return the first metric of the largest segments."""
    if found is None or found.empty:
        return ()
    labels = list(dict.fromkeys(found["segment"]))[:MOST_LINES]
    shown = found[found["segment"].isin(labels) & (found["metric"] == found["metric"].iloc[0])]
    return tuple(_performance(row) for row in shown.to_dict("records"))


def _worst(part: pd.DataFrame) -> dict[Any, Any]:
    return max(part.to_dict("records"), key=lambda row: (row["drifted"], severity(row)))


def shown(report: Report, ranking: list[str], most: int = MOST_COUNTS) -> list[Distribution]:
    """Return the distributions of the highest ranked features, as many as fit."""
    held = {entry.feature: entry for entry in report.distributions}
    chosen: list[Distribution] = []
    spent = 0
    for feature in ranking:
        entry = held.get(feature)
        if entry is not None:
            spent += len(entry.bars) * (1 + len(entry.current))
            if spent > most and chosen:
                break
            chosen.append(entry)
    return chosen


def _feature(found: FeatureSummary, labels: list[str], kind: str) -> wire.DriftFeature:
    worst = found.worst
    main = [row for row in found.rows if row["statistic"] == worst["statistic"]]
    effects = _effects(found, worst)
    drifted_in = {row["period"] for row in found.rows if row["drifted"]}
    return wire.DriftFeature(
        feature=found.feature,
        statistic=worst["statistic"],
        score=short(worst["score"]),
        threshold=short(worst["threshold"]),
        p_value=short(worst["p_value"]),
        severity=short(severity(worst)) or 0.0,
        drifted=any(row["drifted"] for row in found.rows),
        n_reference=int(worst["n_reference"]),
        n_current=sum(int(row["n_current"]) for row in main),
        scores=tuple(short(effects[label]) if label in effects else None for label in labels),
        drifted_in=tuple(label in drifted_in for label in labels),
        kind=kind,
        verdict=found.verdict,
        q_value=short(found.q_value),
        since=found.since,
        sentence=found.sentence,
    )


def _effects(found: FeatureSummary, worst: Mapping[Any, Any]) -> dict[str, float]:
    """Return the score of each period. Where only another statistic was used, it is as many floors of the worst one."""
    floor = worst["threshold"]
    others = sorted(found.rows, key=severity) if floor > 0 else []  # a lost column has no floor
    effects = {row["period"]: severity(row) * floor for row in others}
    return effects | {row["period"]: row["score"] for row in found.rows if row["statistic"] == worst["statistic"]}


def _period(period: ReportPeriod) -> wire.ReportPeriod:
    return wire.ReportPeriod(
        label=period.label,
        n=period.n,
        labelled=period.labelled,
        start=None if period.start is None else str(period.start),
        end=None if period.end is None else str(period.end),
        partial=period.partial,
        estimate_valid=period.estimate_valid,
    )


def _performance(row: Mapping[Any, Any]) -> wire.PerformanceRow:
    return wire.PerformanceRow(
        period=str(row["period"]),
        metric=row["metric"],
        score=short(row["score"]),
        lower=short(row["lower"]),
        upper=short(row["upper"]),
        n=int(row["n"]),
        kind=row["kind"],
        segment=row.get("segment"),
    )


def _histogram(entry: Distribution) -> wire.Histogram:
    return wire.Histogram(
        feature=entry.feature,
        kind=entry.kind,
        bars=entry.bars,
        reference=entry.reference,
        current=entry.current,
        missing=entry.missing,
        new=entry.new,
        scale=entry.scale,
        edges=tuple(short(edge, EDGE_DIGITS) or 0.0 for edge in entry.edges),
        facts=tuple(_facts(each) for each in entry.facts),
    )


def _facts(found: SampleFacts) -> wire.NumberFacts:
    return wire.NumberFacts(
        n=found.n,
        mean=short(found.mean),
        std=short(found.std),
        smallest=short(found.smallest),
        largest=short(found.largest),
        outside=short(found.outside),
    )


def short(value: float, digits: int = SIGNIFICANT) -> float | None:
    """Return a number with a few significant digits, ``None`` where there is none."""
    return float(f"{value:.{digits}g}") if math.isfinite(value) else None
