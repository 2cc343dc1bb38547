"""The verb `monitor`, which makes one report from a reference profile and current data."""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
import statistics
from typing import TYPE_CHECKING, Any

from mlops_magics.core import progress
from mlops_magics.core.monitoring.alerts import rules
from mlops_magics.core.monitoring.alerts.thresholds import NONE, Thresholds, apply
from mlops_magics.core.monitoring.comparing import dependence_notes, findings, power
from mlops_magics.core.monitoring.comparing.seasonal_profiles import PAIRS_LEFT_OUT
from mlops_magics.core.monitoring.counting import large_table
from mlops_magics.core.monitoring.counting.large_table import LargeTable
from mlops_magics.core.monitoring.profiling import row_features
from mlops_magics.core.monitoring.profiling.reference_profile import ReferenceProfile
from mlops_magics.core.monitoring.reading.text_files import Schema
from mlops_magics.core.monitoring.report import MonitorReport
from mlops_magics.core.monitoring.reporting import (
    current,
    estimated,
    histograms,
    measured,
    reference_choice,
    segments,
    target_drift,
)
from mlops_magics.core.monitoring.reporting.current import Current
from mlops_magics.core.monitoring.reporting.histograms import Distribution
from mlops_magics.core.monitoring.reporting.monitor_options import MonitorOptions
from mlops_magics.core.monitoring.reporting.reference_choice import Reference
from mlops_magics.core.monitoring.reporting.report_period import ReportPeriod
from mlops_magics.core.monitoring.reporting.segments import SegmentResults
from mlops_magics.core.monitoring.scoring import metric_score

if TYPE_CHECKING:
    import pandas as pd

TESTS_OF_FEATURE = 2
"""Tests of the default family per feature: its distribution and its missing rate."""


def monitor(
    profile: ReferenceProfile,
    data: Any,
    *,
    name: str = "model",
    version: str | None = None,
    thresholds: Thresholds = NONE,
    **options: Any,
) -> MonitorReport:
    """Compare current data with the reference of a version, and score its predictions where the truth is known.

    Parameters
    ----------
    profile
        The reference, stored with the version.
    data
        The prediction log, or a frame of features ``(n_samples, n_features)``, possibly among other columns.
    name, version
        The model, for the verdict.
    thresholds
        The limits of this model, in place of the calibrated verdicts.
    options
        The fields of `MonitorOptions`: ``truth``, ``by``, ``segment``, …

    Raises
    ------
    InvalidInput, NotFound
        An option is not valid for these data. Faults of the data themselves are in the report.
    """
    asked = MonitorOptions.of(**options)
    progress.report("reading the rows")
    table = large_table.read(data, _schema(profile, asked))
    counted = isinstance(table, LargeTable) and asked.preset is None  # other tools compute their numbers from rows
    reference = reference_choice.resolve_reference(asked.reference, profile, condensed=counted)
    now = current.read(profile, table, data, asked, reference.features if counted else profile.features)
    now = dataclasses.replace(now, limited=thresholds.metric_names())
    report = _report(profile, reference, now, asked, thresholds)
    named = MonitorReport(**{**report, "name": name, "version": version})
    return rules.with_alerts(named, thresholds)


def _schema(profile: ReferenceProfile, options: MonitorOptions) -> Schema:
    """Return the types of a text file's columns: features, and truth and prediction where they are named."""
    roles = (
        {options.truth: profile.target, options.prediction: profile.prediction or profile.target}
        if all(each is None or isinstance(each, str) for each in (options.truth, options.prediction))
        else {}
    )
    named = {name: each for name, each in roles.items() if isinstance(name, str) and each is not None}
    return {**row_features.schema_of(named), **row_features.schema_of(profile.features)}


def _report(
    profile: ReferenceProfile, reference: Reference, now: Current, options: MonitorOptions, limits: Thresholds
) -> dict[str, Any]:
    """Return the fields of a report."""
    parts = SegmentResults()
    if options.segment is not None:
        parts = segments.compare_segments(profile, reference, now, options)
    scores, unmeasured = measured.measure(now, options)
    estimates = estimated.estimate(profile, now, options.measures)
    changes, alarms = measured.changes(now, options.detect)
    drift, adjusted = _drift(profile, reference, now, options)
    return {
        "created": dt.datetime.now(dt.UTC),
        "drift": apply(drift, limits),
        "task": measured.task_of(now),
        "smaller_is_better": measured.smaller_is_better([*scores, *estimates.scores], options),
        "rows_needed": _rows_needed(profile, reference, now),
        "q_values": adjusted,
        "roles": findings.to_frame(target_drift.compare(profile, now)),
        "performance": metric_score.to_frame([*scores, *estimates.scores]),
        "segments": segments.performance_frame(parts),
        "segmented_by": options.segment or "",
        "segment_drift": apply(segments.to_frame(parts), limits),
        "periods": tuple(_period(now, place, estimates.invalid) for place in range(len(now.windows))),
        "distributions": _distributions(profile, now),
        "curves": measured.curves_of(now),
        "changes": changes,
        "notes": (
            *_of_rows(profile, now),
            *_of_pairs(profile, reference, now, options),
            *unmeasured,
            *estimates.notes,
            *alarms,
            *parts.notes,
            *measured.unchecked(now, [*scores, *estimates.scores]),
        ),
    }


def _drift(
    profile: ReferenceProfile, reference: Reference, now: Current, options: MonitorOptions
) -> tuple[pd.DataFrame, tuple[float, ...]]:
    """Return the findings, and the adjusted p-value of each where this package decided on them."""
    if options.preset is not None:
        return reference_choice.by_preset(reference, profile, now, options), ()
    names = options.names
    alone = names is None or bool(names)
    found = reference_choice.compare(reference, now, names) if alone else []
    table, adjusted = findings.to_frame(found), tuple(q for *_, q in findings.decide(found))
    if not options.joint:
        return table, adjusted
    return reference_choice.with_joint(table if alone else None, reference, profile, now, options.joint), adjusted


def _distributions(profile: ReferenceProfile, now: Current) -> tuple[Distribution, ...]:
    roles, observed = target_drift.roles_of(profile, now)
    return (
        *histograms.of_features(profile.features, now.observe(profile.features)),
        *histograms.of_features(roles, observed),
    )


def _of_rows(profile: ReferenceProfile, now: Current) -> tuple[str, ...]:
    """Return the notes on the rows: on their truths and times, and on how they depend on each other."""
    found = (*(now.truth.notes if now.truth is not None else ()), *now.notes, *_of_origins(profile))
    if isinstance(now.table, LargeTable):
        return found
    return (*found, *dependence_notes.of_rows(now.table, profile.features, now.relations, now.moment))


def _of_pairs(
    profile: ReferenceProfile, reference: Reference, now: Current, options: MonitorOptions
) -> tuple[str, ...]:
    """Return a note where correlations are compared by default, and these data or this reference have none."""
    if profile.dependence is None or options.names is not None or options.preset is not None:
        return ()
    if isinstance(now.table, LargeTable):
        return (
            "correlations of features are not compared in data that are counted in one pass: pass a sample of them",
        )
    stored = reference.rows is None and not reference.depth
    return (PAIRS_LEFT_OUT,) if stored and now.relations.seasonal is not None else ()


def _of_origins(profile: ReferenceProfile) -> tuple[str, ...]:
    """Return a note on each feature of integers beyond floats, whose numbers are shown less an origin."""
    return tuple(
        f"the whole numbers of {name} are beyond 2**53. They are compared exactly, and shown less {each.origin}"
        for name, each in profile.features.items()
        if each.origin
    )


def _period(now: Current, place: int, invalid: frozenset[str]) -> ReportPeriod:
    """Return a period, with the number of its rows whose truth is known."""
    window = now.windows[place]
    labelled = int(now.truth.known()[window.rows].sum()) if now.truth is not None else 0
    batch = "" if now.moment is not None and window.start is not None else now.digest(window)
    return ReportPeriod.of(window, labelled, window.label not in invalid, batch)


def _rows_needed(profile: ReferenceProfile, reference: Reference, now: Current) -> int:
    """Return the number of current rows from which a report without drift is conclusive."""
    if not now.windows:
        return 0
    before = reference.rows.rows if reference.rows is not None else profile.rows
    if reference.depth:
        before = max(window.n for window in now.windows) * reference.depth
    needed = power.rows_needed(before, TESTS_OF_FEATURE * len(profile.features))
    return math.ceil(needed * _rows_that_count_as_one(profile, reference, now))


def _rows_that_count_as_one(profile: ReferenceProfile, reference: Reference, now: Current) -> float:
    """Return the design effect of the current rows, the median over the features, or 1 where they are independent.

    Copies among few rows count once.
    """
    relations = dataclasses.replace(now.relations, seasonal=None)
    effects, _ = reference_choice.related(reference, dataclasses.replace(now, relations=relations))
    place, largest = max(enumerate(now.windows), key=lambda window: window[1].n)
    if effects is None:
        return largest.n / max(now.observe(profile.features).windows[place].n, 1)
    return statistics.median(effects.of(name, None, largest.rows)[1] for name in profile.features)
