"""Performance of rows without truth: CBPE for classes, DLE for numbers, and where neither can be believed."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mlops_magics.core.monitoring.comparing import univariate
from mlops_magics.core.monitoring.estimation import dle, estimates, support
from mlops_magics.core.monitoring.estimation.calibration import Calibrator
from mlops_magics.core.monitoring.estimation.learning import CALIBRATION, LOSS
from mlops_magics.core.monitoring.profiling.profiler import FeatureProfile, ReferenceProfile
from mlops_magics.core.monitoring.reading.column_values import Column
from mlops_magics.core.monitoring.reading.periods import Period
from mlops_magics.core.monitoring.reporting.current import Current
from mlops_magics.core.monitoring.scoring import confidence

ERRORS = ("rmse", "mae")  # estimated of a regression when nothing is asked for
LONG = {"mean_absolute_error": "mae", "mean_squared_error": "mse", "root_mean_squared_error": "rmse"}
MOST_ROWS = 20_000  # of a period that the errors are estimated from: the band is narrow long before
TIMELESS = ("numeric", "categorical")  # times always leave the range of the reference
NOT_LEARNED = (
    "the errors of a regression can be estimated before the truth arrives where it was pinned with held-out rows: "
    "--test X_test y_test"
)
UNCALIBRATED = (
    "performance is estimated from probabilities as the model tells them; pinned with held-out rows (--test X_test "
    "y_test), they are calibrated first"
)


@dataclass(frozen=True, slots=True)
class Estimates:
    """Records like those of measured performance, the periods in which they are not valid, and why."""

    records: tuple[Mapping[str, Any], ...] = ()
    invalid: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()


def estimate(profile: ReferenceProfile, current: Current, metrics: Sequence[Any] | None) -> Estimates:
    """Estimate what can be estimated: nothing where neither probabilities nor a model of the errors are known."""
    records = list(_of_classes(profile, current, metrics) or _of_errors(profile, current, metrics))
    if not records:
        unlearned = current.truth is None and current.prediction is not None and current.prediction.kind == "numeric"
        return Estimates(notes=(NOT_LEARNED,) if unlearned and LOSS not in profile.facts else ())
    outside = dict(_outside(profile, current))
    notes = _not_valid(outside)
    if LOSS not in profile.facts and CALIBRATION not in profile.facts:
        notes.append(UNCALIBRATED)
    return Estimates(tuple(records), frozenset(outside), tuple(notes))


def _of_classes(
    profile: ReferenceProfile, current: Current, metrics: Sequence[Any] | None
) -> list[dict[str, Any]] | None:
    chances = current.chances(current.prediction)
    answers = estimates.answers_of(current.prediction, chances) if current.prediction is not None and chances else None
    if answers is None:
        return None
    stored = profile.facts.get(CALIBRATION, {})
    learned = {label: Calibrator(np.array(scores), np.array(chances)) for label, (scores, chances) in stored.items()}
    return estimates.estimated(answers, current.windows, learned, metrics)


def _of_errors(profile: ReferenceProfile, current: Current, metrics: Sequence[Any] | None) -> Iterator[dict[str, Any]]:
    """Estimate the errors of a regression from the model of them that was stored with it."""
    if LOSS not in profile.facts or current.prediction is None or current.prediction.kind != "numeric":
        return
    model = dle.LossModel.from_json(profile.facts[LOSS])
    asked = [name for name in metrics or ERRORS if isinstance(name, str) and LONG.get(name, name) in dle.METRICS]
    columns = {
        name: univariate.like(profile.features[name], current.table.column(name))
        for name in model.columns
        if name in current.table.names and name in profile.features
    }
    for window in current.windows:
        yield from _errors(model, columns, current.prediction, window, asked)


def _errors(
    model: dle.LossModel, columns: Mapping[str, Column], prediction: Column, window: Period, asked: Sequence[str]
) -> Iterator[dict[str, Any]]:
    rows = np.arange(len(prediction))[window.rows]
    rows = rows[np.isfinite(prediction.values[rows])]
    n, rows = len(rows), rows[:: max(1, math.ceil(len(rows) / MOST_ROWS))]
    losses = (
        model.estimate({name: column.take(rows) for name, column in columns.items()}, prediction.values[rows])
        if n
        else (np.empty(0), np.empty(0))
    )
    for name in asked:
        short = LONG.get(name, name)
        score = dle.metric(short, *losses)
        lower, upper = confidence.band(score, dle.sampling_error(short, *losses, model.spread))
        yield {
            "period": window.label,
            "metric": name,
            "score": score,
            "n": n,
            "kind": "estimated",
            "lower": max(lower, 0.0),
            "upper": upper,
        }


def _outside(profile: ReferenceProfile, current: Current) -> Iterator[tuple[str, list[str]]]:
    """Name the features of each period that leave the reference's support."""
    if current.counted is not None:
        for window, counts in zip(current.windows, current.counted):
            left = [name for name, each in profile.features.items() if _leaves(each, counts.features.get(name))]
            if window.n and left:
                yield window.label, left
        return
    held: list[tuple[FeatureProfile, Column]] = [
        (reference, univariate.like(reference, current.table.column(name)))
        for name, reference in profile.features.items()
        if name in current.table.names and reference.kind in TIMELESS
    ]
    missing = [name for name in profile.features if name not in current.table.names]
    for window in current.windows:
        outside = support.outside_of_support((reference, column.take(window.rows)) for reference, column in held)
        if window.n and (outside or missing):
            yield window.label, [*missing, *outside]


def _not_valid(outside: Mapping[str, Sequence[str]]) -> list[str]:
    """Say which estimates cannot be believed, once for all periods of the same reason."""
    periods: dict[str, list[str]] = {}
    for period, features in outside.items():
        periods.setdefault(_told(features), []).append(period)
    return [
        f"the estimate for {labels[0]} is not valid: {reason}"
        if len(labels) == 1
        else f"the estimates for {len(labels)} periods ({labels[0]} to {labels[-1]}) are not valid: {reason}"
        for reason, labels in periods.items()
    ]


def _leaves(reference: FeatureProfile, now: FeatureProfile | None) -> bool:
    if now is None:
        return True
    return reference.kind in TIMELESS and support.share_of_counts(reference, now) > support.TOLERATED


def _told(features: Sequence[str]) -> str:
    more = f" and {len(features) - 3} more" if len(features) > 3 else ""
    return f"{', '.join(features[:3])}{more} left the range of the reference"
