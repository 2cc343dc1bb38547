"""Estimated performance of rows without truth: CBPE for classes, DLE for numbers, and periods without either."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mlops_magics.core.monitoring.estimation import dle, estimates, support
from mlops_magics.core.monitoring.estimation.calibration import Calibrator
from mlops_magics.core.monitoring.estimation.learning import CALIBRATION, LOSS
from mlops_magics.core.monitoring.profiling import profiler
from mlops_magics.core.monitoring.profiling.reference_profile import ReferenceProfile
from mlops_magics.core.monitoring.reading.column_values import Column
from mlops_magics.core.monitoring.reading.periods import Period
from mlops_magics.core.monitoring.reporting.current import Current
from mlops_magics.core.monitoring.scoring.label_text import LabelNames
from mlops_magics.core.monitoring.scoring.metric_score import MetricScore, remarks

ERRORS = ("rmse", "mae")
"""Estimated metrics of a regression by default."""
LONG = {"mean_absolute_error": "mae", "mean_squared_error": "mse", "root_mean_squared_error": "rmse"}
MOST_ROWS = 20_000
"""Rows of a period from which errors are estimated: the band is narrow long before."""
FEWEST_SHARE = 0.5
"""Share of a period's rows that have probabilities from which its performance is estimated."""
NOT_LEARNED = (
    "the errors of a regression can be estimated before the truth arrives where it was pinned with held-out rows: "
    "--test X_test y_test"
)
NO_PROBABILITIES = (
    "performance is not estimated, because no probabilities came with the predictions: ask predict_proba, or pass the "
    "rows with --data, which the model answers again"
)
UNCALIBRATED = (
    "performance is estimated from the model's own probabilities; pinned with held-out rows (--test X_test "
    "y_test), they are calibrated first"
)


@dataclass(frozen=True, slots=True)
class Estimates:
    """Scores like those of measured performance, the periods in which they are not valid, and why."""

    scores: tuple[MetricScore, ...] = ()
    invalid: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()


def estimate(profile: ReferenceProfile, current: Current, metrics: Sequence[Any] | None) -> Estimates:
    """Estimate the performance, if probabilities or a model of the errors are known."""
    scores = list(_of_classes(profile, current, metrics) or _of_errors(profile, current, metrics))
    if not scores:
        if current.truth is not None or current.prediction is None:
            return Estimates()
        if current.prediction.kind != "numeric":
            return Estimates(notes=(NO_PROBABILITIES,) if current.answered is not None else ())
        return Estimates(notes=(NOT_LEARNED,) if LOSS not in profile.facts else ())
    scores, sparse = _without_sparse(scores, current.windows)
    outside = dict(_outside(profile, current))
    notes = [*sparse, *remarks(scores), *_not_valid(outside)]
    if LOSS not in profile.facts and CALIBRATION not in profile.facts:
        notes.append(UNCALIBRATED)
    return Estimates(tuple(scores), frozenset(outside), tuple(notes))


def _without_sparse(scores: Sequence[MetricScore], windows: Sequence[Period]) -> tuple[list[MetricScore], list[str]]:
    """Return the scores, NaN in periods of which few rows have an estimate, and a note.

    The log has probabilities of the requests to `predict_proba` alone, and those of three rows are not the others'.
    """
    rows = {window.label: window.n for window in windows}
    sparse = {each.period: each.n for each in scores if 0 < each.n < FEWEST_SHARE * rows[each.period]}
    if not sparse:
        return list(scores), []
    kept = [
        replace(each, score=math.nan, lower=math.nan, upper=math.nan, doubt="") if each.period in sparse else each
        for each in scores
    ]
    label, known = next(iter(sparse.items()))
    others = f", and {len(sparse) - 1} more periods" if len(sparse) > 1 else ""
    return kept, [
        f"performance is not estimated from {known:,} of {rows[label]:,} rows ({label}{others}): only these have "
        "probabilities. Ask predict_proba, or pass the rows with --data, which the model answers again"
    ]


def _of_classes(profile: ReferenceProfile, current: Current, metrics: Sequence[Any] | None) -> list[MetricScore]:
    answers = current.answered
    if answers is None or answers.scores is None:
        return []
    names = LabelNames([answers.task.classes])
    learned = {names(label): Calibrator.from_json(entry) for label, entry in profile.facts.get(CALIBRATION, {}).items()}
    asked = [*(metrics or estimates.DEFAULTS), *current.limited]
    return estimates.estimate(answers, current.windows, learned, asked)


def _of_errors(profile: ReferenceProfile, current: Current, metrics: Sequence[Any] | None) -> Iterator[MetricScore]:
    """Estimate the errors of a regression from the model of them that was stored with it."""
    if LOSS not in profile.facts or current.prediction is None or current.prediction.kind != "numeric":
        return
    model = dle.LossModel.from_json(profile.facts[LOSS])
    asked = [
        name
        for name in estimates.distinct([*(metrics or ERRORS), *current.limited])
        if LONG.get(name, name) in dle.METRICS
    ]
    columns = {
        name: profiler.cast_like(reference.type, current.table.column(name))
        for name in model.columns
        if name in current.table.names and (reference := profile.features.get(name)) is not None
    }
    for window in current.windows:
        yield from _errors(model, columns, current.prediction, window, asked)


def _errors(
    model: dle.LossModel, columns: Mapping[str, Column], prediction: Column, window: Period, asked: Sequence[str]
) -> Iterator[MetricScore]:
    rows = np.arange(len(prediction))[window.rows]
    # before the thinning, so that n is the number of rows that could be scored
    rows = rows[np.isfinite(prediction.values[rows])]
    # every k-th row and not the first ones: a period is in order of time
    n, rows = len(rows), rows[:: max(1, math.ceil(len(rows) / MOST_ROWS))]
    losses = (
        model.estimate({name: column.take(rows) for name, column in columns.items()}, prediction.values[rows])
        if n
        else (np.empty(0), np.empty(0))
    )
    for name in asked:
        short = LONG.get(name, name)
        score = dle.metric(short, *losses)
        bounds = dle.interval(short, *losses, model)
        doubt = "is not known: too few held-out rows have an error" if score > 0 and math.isnan(bounds[1]) else ""
        yield MetricScore(window.label, name, score, n, "estimated", *bounds, doubt=doubt)


def _outside(profile: ReferenceProfile, current: Current) -> Iterator[tuple[str, list[str]]]:
    """Return the features that leave the reference's support, for each period with any."""
    observed = current.observe(profile.features)
    left: dict[int, list[str]] = {}
    for name, reference in profile.features.items():
        for place, window in enumerate(observed.windows):
            now = observed.during([place])
            if window.n and (name not in now or support.leaves(reference, now[name])):
                left.setdefault(place, []).append(name)
    for place in sorted(left):
        yield observed.windows[place].label, left[place]


def _not_valid(outside: Mapping[str, Sequence[str]]) -> list[str]:
    """Return notes on the estimates that are not valid, one for all periods of the same reason."""
    periods: dict[str, list[str]] = {}
    for period, features in outside.items():
        periods.setdefault(_reason(features), []).append(period)
    return [
        f"the estimate for {labels[0]} is not valid: {reason}"
        if len(labels) == 1
        else f"the estimates for {len(labels)} periods ({labels[0]} to {labels[-1]}) are not valid: {reason}"
        for reason, labels in periods.items()
    ]


def _reason(features: Sequence[str]) -> str:
    more = f" and {len(features) - 3} more" if len(features) > 3 else ""
    return f"{', '.join(features[:3])}{more} left the range of the reference"
