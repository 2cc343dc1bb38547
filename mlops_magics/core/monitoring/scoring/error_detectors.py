"""Detectors on the stream of errors, which find when a model became worse (river's ADWIN, Page-Hinkley and DDM)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from mlops_magics.core.monitoring.scoring.outcomes import Outcomes
from mlops_magics.errors import MissingDependency, NotFound

DETECTORS = ("adwin", "page_hinkley", "ddm")
FIRST = 100
"""Rows whose mean error is the unit of a regression's errors."""
RECENT = 30
"""Rows up to an alarm whose mean error is reported."""


@dataclass(frozen=True, slots=True)
class Change:
    """A detector's alarm: its detector, row (from 0) and period, and the mean error before and since."""

    detector: str
    row: int
    before: float
    since: float
    period: str = ""


def of_outcomes(outcomes: Outcomes, detectors: Iterable[str], order: Any) -> tuple[Change, ...]:
    """Return every alarm on the errors of predictions.

    ADWIN (Bifet and Gavaldà 2007), Page-Hinkley (Page 1954), DDM (Gama et al. 2004, for right or wrong only). The
    error is 0 or 1 for classes, the absolute error for numbers. Rows without truth are left out.

    Parameters
    ----------
    order
        The rows, oldest first.

    Raises
    ------
    MissingDependency
        river is not installed.
    NotFound
        The detector is unknown.
    """
    wanted = [detectors] if isinstance(detectors, str) else list(detectors)
    for name in wanted:
        if name not in DETECTORS:
            raise NotFound("detector", name, DETECTORS)
    rows = order[outcomes.known[order]]
    truth, estimate = outcomes.truth[rows], outcomes.estimate[rows]
    binary = outcomes.task != "regression"
    errors = (truth != estimate if binary else np.abs(truth - estimate)).astype(np.float64)
    # a unit of 0, where the first rows are all right, would divide by zero
    scale = 1.0 if binary else float(errors[:FIRST].mean()) or 1.0
    found = [change for name in wanted if binary or name != "ddm" for change in _alarms(name, errors, rows, scale)]
    place = {int(row): k for k, row in enumerate(rows)}
    return tuple(sorted(found, key=lambda change: (place[change.row], change.detector)))


def _alarms(name: str, errors: Any, rows: Any, scale: float) -> Iterable[Change]:
    """Yield the alarms of one detector, which sees the errors of a regression in multiples of the first ones."""
    detector, start = _detector(name), 0
    for k, error in enumerate(errors):
        detector.update(bool(error) if name == "ddm" else float(error) / scale)
        if detector.drift_detected:
            middle = max(k - int(detector.width), start) if name == "adwin" else max(start, k - RECENT)
            before = errors[start : max(middle, start + 1)].mean()
            yield Change(name, int(rows[k]), float(before), float(errors[max(middle, k - RECENT) : k + 1].mean()))
            start = k + 1


def _detector(name: str) -> Any:
    try:
        from river import drift
        from river.drift import binary
    except ImportError as missing:
        raise MissingDependency("Streaming detectors are river's", "mlops-magics[streaming]") from missing
    return {"adwin": drift.ADWIN, "page_hinkley": drift.PageHinkley, "ddm": binary.DDM}[name]()
