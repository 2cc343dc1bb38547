"""Performance where the truth is known: metrics per period, curves, and changes in the stream of errors."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from mlops_magics.core.monitoring.reading import column_values, periods, row_times, tables
from mlops_magics.core.monitoring.reading.row_groups import RowGroups
from mlops_magics.core.monitoring.reporting.current import Current
from mlops_magics.core.monitoring.reporting.monitor_options import MonitorOptions
from mlops_magics.core.monitoring.scoring import curves, error_detectors, metric_score, metrics, performance
from mlops_magics.core.monitoring.scoring.curves import Curve
from mlops_magics.core.monitoring.scoring.error_detectors import Change
from mlops_magics.core.monitoring.scoring.metric import is_smaller_better
from mlops_magics.core.monitoring.scoring.metric_score import MetricScore
from mlops_magics.core.monitoring.scoring.model_task import ModelTask
from mlops_magics.core.monitoring.scoring.outcomes import Outcomes
from mlops_magics.core.monitoring.scoring.outputs import Outputs
from mlops_magics.core.monitoring.statistics import design_effect


def measure(current: Current, options: MonitorOptions) -> tuple[list[MetricScore], tuple[str, ...]]:
    """Return one score per period and metric, and notes on the metrics that are not defined.

    Raises
    ------
    InvalidInput
        A metric needs facts that are not known, or is not defined for this kind of task.
    """
    found = current.outcomes
    if isinstance(found, str) or found is None:
        reason = found or current.refused
        return [], (reason,) if reason else ()
    scores = performance.measure(found, current.windows, options.measures, options.smaller_is_better, current.limited)
    if current.groups is not None and isinstance(found, Outcomes):
        scores = _with_wider_bands(scores, found, current, current.groups)
    return scores, (*performance.notes_of(found), *metric_score.remarks(scores))


def unchecked(current: Current, scores: Sequence[MetricScore]) -> tuple[str, ...]:
    """Return a note for each limit on a metric that has no score."""
    held = {metrics.identity(score.metric) for score in scores}
    held |= {name.partition("[")[0] for name in held}
    found = current.outcomes
    return tuple(
        f"the limit of {name} is not checked: "
        + (_reason(found, name) if isinstance(found, Outcomes | Outputs) else "no truth is known, and no estimate")
        for name in current.limited
        if metrics.identity(name) not in held
    )


def _reason(found: Outcomes | Outputs, name: str) -> str:
    return performance.refusal(found, name) or "it has no score"


def _with_wider_bands(
    scores: Sequence[MetricScore], found: Outcomes, current: Current, groups: RowGroups
) -> list[MetricScore]:
    """Return the scores with bands for as many independent rows as these count: by the design effect of the errors."""
    known = found.known
    apart = found.truth - found.estimate
    wrong = apart != 0 if found.task != "regression" else np.abs(apart)
    errors = column_values.numeric("error", np.where(known, wrong, np.nan).astype(np.float64))
    parts = design_effect.components([(errors, groups)])
    positions = np.arange(len(known))
    held = {window.label: positions[window.rows] for window in current.windows}
    widths = {
        label: math.sqrt(design_effect.effect(parts, groups.codes[rows[known[rows]]])) for label, rows in held.items()
    }
    return [_widened(score, widths[score.period]) for score in scores]


def _widened(score: MetricScore, width: float) -> MetricScore:
    """Return a score whose band is so many times as wide, within the bounds of the metric."""
    lower, upper = (score.score + (end - score.score) * width for end in (score.lower, score.upper))
    # a share stays one; a metric that leaves these bounds, such as the R², has no others
    if score.lower >= 0 and score.upper <= 1:
        lower, upper = max(lower, 0.0), min(upper, 1.0)
    return replace(score, lower=lower, upper=upper)


def task_of(current: Current) -> ModelTask | None:
    """Return the task that was scored, else the recorded one."""
    found = current.outcomes
    if isinstance(found, Outcomes | Outputs):
        task: ModelTask = performance.task_of(found)
        return task
    answered = current.answered
    return answered.task if answered is not None else current.asked.task


def smaller_is_better(scores: Sequence[MetricScore], options: MonitorOptions) -> tuple[str, ...]:
    """Return the metrics of a report that are better when they are smaller."""
    given = {
        found.name: found.smaller_is_better
        for each in options.measures or ()
        for found in [metrics.find(each, options.smaller_is_better)]
    }
    names = dict.fromkeys(score.metric for score in scores)
    return tuple(name for name in names if given.get(name.partition("[")[0], is_smaller_better(name)))


def curves_of(current: Current) -> tuple[Curve, ...]:
    """Return the curves of ROC, precision and recall, calibration and residuals."""
    found = current.outcomes
    return curves.of_outcomes(found) if isinstance(found, Outcomes) else ()


def changes(current: Current, detectors: Sequence[str] | str | None) -> tuple[tuple[Change, ...], tuple[str, ...]]:
    """Run the drift detectors on the error stream, and return the alarms and one note for each."""
    if not detectors:
        return (), ()
    outcomes = current.outcomes
    if not isinstance(outcomes, Outcomes) or not outcomes.known.any():
        return (), ("the detectors have nothing to read: no row has both truth and prediction",)
    positions = np.arange(current.table.rows)
    rows = [positions[window.rows].tolist() for window in current.windows]
    found = error_detectors.of_outcomes(outcomes, detectors, _in_order_of_time(current))
    place = {row: window.label for window, held in zip(current.windows, rows) for row in held}
    placed = tuple(replace(change, period=place.get(change.row, "")) for change in found)
    return placed, tuple(_note(change) for change in placed)


def _in_order_of_time(current: Current) -> npt.NDArray[np.int64]:
    if current.moment is None:
        return np.arange(current.table.rows)
    moments = row_times.moments_of(tables.raw(current.table, current.moment), current.moment)
    return np.argsort(moments.wall, kind="stable")  # NaT sorts last


def _note(change: Change) -> str:
    where = "" if change.period in ("", periods.WHOLE) else f" in {change.period}"
    way = "rose" if change.since > change.before else "changed"
    return (
        f"{change.detector}: the error {way} from {change.before:.3g} to {change.since:.3g} at row {change.row}{where}"
    )
