"""Performance where the truth is known: metrics per period, curves, and changes in the stream of errors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from mlops_magics.core.monitoring.reading import periods, tables
from mlops_magics.core.monitoring.reporting.current import Current
from mlops_magics.core.monitoring.scoring import curves, error_detectors, performance
from mlops_magics.core.monitoring.scoring.curves import Curve
from mlops_magics.core.monitoring.scoring.error_detectors import Change
from mlops_magics.core.monitoring.scoring.outcomes import Outcomes
from mlops_magics.core.monitoring.scoring.performance import MetricScore


def measure(current: Current, metrics: Sequence[Any] | None) -> tuple[list[MetricScore], tuple[str, ...]]:
    """Return one score per period and metric, or a sentence that says why there is none."""
    outcomes = current.outcomes()
    if not isinstance(outcomes, Outcomes):
        reason = outcomes or current.refused
        return [], (reason,) if reason else ()
    return performance.measure(outcomes, current.windows, metrics), ()


def curves_of(current: Current) -> tuple[Curve, ...]:
    """Return the curves of ROC, precision and recall, calibration and residuals."""
    outcomes = current.outcomes()
    return curves.of_outcomes(outcomes) if isinstance(outcomes, Outcomes) else ()


def changes(current: Current, detectors: Sequence[str] | str | None) -> tuple[tuple[Change, ...], tuple[str, ...]]:
    """Run the drift detectors on the error stream; return the alarms and one note for each."""
    if not detectors:
        return (), ()
    outcomes = current.outcomes()
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
    moments = periods.moments_of(tables.raw(current.table, current.moment), current.moment)
    return np.argsort(moments.wall, kind="stable")  # NaT sorts last


def _note(change: Change) -> str:
    where = "" if change.period in ("", periods.WHOLE) else f" in {change.period}"
    way = "rose" if change.since > change.before else "changed"
    return (
        f"{change.detector}: the error {way} from {change.before:.3g} to {change.since:.3g} at row {change.row}{where}"
    )
