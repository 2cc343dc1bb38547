"""The verb `monitor`: a reference profile, what came since, and what is known of its truth, made into one report."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from mlops_magics.core import progress
from mlops_magics.core.monitoring import comparison, distributions, findings, history, scoring, tables, truths
from mlops_magics.core.monitoring.columns import Column, as_categorical
from mlops_magics.core.monitoring.estimation import estimates, support
from mlops_magics.core.monitoring.estimation.calibration import Calibrator
from mlops_magics.core.monitoring.findings import Finding
from mlops_magics.core.monitoring.periods import Period
from mlops_magics.core.monitoring.reference_profile import FeatureProfile, ReferenceProfile
from mlops_magics.core.monitoring.report import MonitorReport
from mlops_magics.core.monitoring.tables import Table

if TYPE_CHECKING:
    import pandas as pd

PREDICTION = "mlops.prediction"
NOT_YET_KNOWN = ("missing", "all_missing")  # a truth that has not arrived is no drift of the target


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
    metrics: Sequence[str | Callable[..., Any]] | str | None = None,
    probabilities: Mapping[str, str] | str | None = None,
    reference: Any = None,
    segment: str | None = None,
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
        a truth to compare with. By default the log's column.
    by, timestamp
        Periods, and the column that holds the times.
    statistics, metrics, probabilities
        As in `mlops_magics.drift` and `mlops_magics.performance`.
    reference
        ``"fixed"`` (the profile), ``"previous"``, ``"rolling:4"``, or a frame or path to compare with instead.
    segment
        A column by whose values performance is also given apart (``report.segments``).
    """
    progress.tell("reading the rows")
    table = tables.read(current)
    windows = comparison.windows_of(table, by, timestamp)
    apart = comparison.used_as_time(table, by, timestamp)
    known = truths.align(table, truth, on)
    guess = _prediction(profile, table, current, prediction, known is not None)
    wanted = [statistics] if isinstance(statistics, str) else list(statistics) if statistics is not None else None
    used = {
        apart,
        truth if isinstance(truth, str) else None,
        prediction if isinstance(prediction, str) else None,
    } - set(profile.features)
    found = history.compared(reference, profile, table, windows, wanted, {name for name in used if name})
    records, notes = _performance(table, windows, known, guess, metrics, probabilities)
    wanted_metrics = [metrics] if isinstance(metrics, str) else metrics
    estimated, doubts = _estimates(profile, table, windows, guess, wanted_metrics, probabilities)
    return MonitorReport(
        name=name,
        version=version,
        created=dt.datetime.now(dt.UTC),
        drift=findings.to_frame(found),
        roles=findings.to_frame(_roles(profile, windows, guess, known)),
        performance=scoring.to_frame([*records, *estimated]),
        segments=_segments(
            table, windows, segment, lambda part: _performance(table, part, known, guess, metrics, probabilities)[0]
        ),
        periods=tuple(_told(window, known) | {"estimate_valid": window.label not in doubts} for window in windows),
        distributions=_distributions(profile, table, windows, guess, known),
        notes=(
            *(known.notes if known else ()),
            *notes,
            *(_doubted(period, features) for period, features in doubts.items()),
        ),
    )


def _prediction(profile: ReferenceProfile, table: Table, current: Any, given: Any, needed: bool) -> Column | None:
    if callable(given):
        return tables.column_of("prediction", given(current[list(profile.features)])) if needed else None
    if isinstance(given, str):
        return scoring.column_named(table, given, "prediction")
    if given is not None:
        return tables.column_of("prediction", given)
    return table.column(PREDICTION) if PREDICTION in table.names else None


def _performance(
    table: Table,
    windows: Sequence[Period],
    known: truths.Truth | None,
    guess: Column | None,
    metrics: Any,
    probabilities: Any,
) -> tuple[list[dict[str, Any]], tuple[str, ...]]:
    if known is None:
        return [], ()
    if guess is None:
        return [], ("the truth is known, but not what was predicted: pass prediction=…, or monitor the prediction log",)
    if known.column.missing() == len(known.column):
        return [], ("no truth has arrived for these rows yet",)
    chances = scoring.probability_columns(table, probabilities, known.column, guess)
    outcomes = scoring.outcomes_of(known.column, guess, chances)
    return scoring.measured(outcomes, windows, metrics), ()


def _segments(
    table: Table,
    windows: Sequence[Period],
    segment: str | None,
    measure: Callable[[list[Period]], list[dict[str, Any]]],
) -> pd.DataFrame:
    """Measure each value of a column by itself."""
    import pandas as pd

    rows: list[dict[str, Any]] = []
    if segment is not None:
        column = as_categorical(scoring.column_named(table, segment, "segment"))
        positions = np.arange(table.rows)
        for code, label in enumerate(column.labels):
            parts = [positions[window.rows] for window in windows]
            held = [part[column.values[part] == code] for part in parts]
            inside = [replace(window, rows=part, n=len(part)) for window, part in zip(windows, held)]
            rows += [{"segment": label, **record} for record in measure(inside)]
    return pd.DataFrame(rows, columns=["segment", *scoring.PERFORMANCE_COLUMNS])


def _estimates(
    profile: ReferenceProfile,
    table: Table,
    windows: Sequence[Period],
    guess: Column | None,
    metrics: Any,
    probabilities: Any,
) -> tuple[list[dict[str, Any]], dict[str, list[str]]]:
    """Estimate what cannot be measured yet, and name the periods whose data leave the reference's support."""
    columns = scoring.probability_columns(table, probabilities, guess)
    answers = estimates.answers_of(guess, columns) if guess is not None and columns else None
    if answers is None:
        return [], {}
    stored = profile.facts.get("calibration", {})
    learned = {label: Calibrator(np.array(scores), np.array(chances)) for label, (scores, chances) in stored.items()}
    held = [
        (reference, comparison.like(reference, table.column(name)))
        for name, reference in profile.features.items()
        if name in table.names
    ]
    doubts = {}
    for window in windows:
        outside = support.outside_of_support((reference, column.take(window.rows)) for reference, column in held)
        if outside and window.n:
            doubts[window.label] = outside
    return estimates.estimated(answers, windows, learned, metrics), doubts


def _doubted(period: str, features: list[str]) -> str:
    return f"the estimate for {period} is not valid: {', '.join(features[:3])} left the range of the reference"


def _roles(
    profile: ReferenceProfile, windows: Sequence[Period], guess: Column | None, known: truths.Truth | None
) -> list[Finding]:
    """Compare predictions with those on the training data, else with the target; truths with the target."""
    found: list[Finding] = []
    for reference, column in _pairs(profile, guess, known):
        found += comparison.compare(reference, column, windows)
    return [finding for finding in found if finding.statistic not in NOT_YET_KNOWN]


def _pairs(
    profile: ReferenceProfile, guess: Column | None, known: truths.Truth | None
) -> list[tuple[FeatureProfile, Column]]:
    pairs = []
    before = profile.prediction or profile.target
    if guess is not None and before is not None:
        pairs.append((FeatureProfile("prediction", before.kind, before.native, before.sample), guess))
    if known is not None and profile.target is not None:
        pairs.append((profile.target, known.column))
    return pairs


def _distributions(
    profile: ReferenceProfile, table: Table, windows: Sequence[Period], guess: Column | None, known: truths.Truth | None
) -> tuple[distributions.Distribution, ...]:
    pairs = [(reference, table.column(name)) for name, reference in profile.features.items() if name in table.names]
    wanted = [*pairs, *_pairs(profile, guess, known)]
    counted = [
        distributions.of_feature(reference, comparison.like(reference, column), windows)
        for reference, column in progress.each(wanted, "counting distributions", len(wanted), "features")
    ]
    return tuple(entry for entry in counted if entry is not None)


def _told(window: Period, known: truths.Truth | None) -> dict[str, Any]:
    labelled = 0
    if known is not None:
        part = known.column.take(window.rows)
        labelled = len(part) - part.missing()
    return {**window.to_json(), "labelled": labelled}
