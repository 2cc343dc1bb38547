"""Detectors on the stream of errors: has the model become worse, and since which row? (river's ADWIN, Page-Hinkley and
DDM)"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from mlops_magics.core.monitoring import scoring, tables
from mlops_magics.errors import InvalidInput, MissingDependency, NotFound

DETECTORS = ("adwin", "page_hinkley", "ddm")


@dataclass(frozen=True, slots=True)
class Change:
    """A detector's alarm: which, at which row (from 0), and the mean error before and since."""

    detector: str
    row: int
    before: float
    since: float


def changes(truth: Any, estimate: Any, detectors: Iterable[str] = DETECTORS) -> list[Change]:
    """Return every alarm on the errors of predictions in order of time.

    ADWIN (Bifet and Gavaldà 2007), Page-Hinkley (Page 1954), DDM (Gama et al. 2004, for right or wrong only). The
    error is 0 or 1 for classes, the absolute error for numbers; rows without truth are left out.

    Parameters
    ----------
    truth, estimate
        ``(n_samples,)``, oldest first.

    Raises
    ------
    MissingDependency
        river is not installed.
    """
    wanted = [detectors] if isinstance(detectors, str) else list(detectors)
    for name in wanted:
        if name not in DETECTORS:
            raise NotFound("detector", name, DETECTORS)
    outcomes = scoring.outcomes_of(tables.column_of("truth", truth), tables.column_of("estimate", estimate))
    rows = np.flatnonzero(outcomes.known)
    binary = outcomes.task != "regression"
    distance = (
        outcomes.truth[rows] != outcomes.estimate[rows]
        if binary
        else np.abs(outcomes.truth[rows] - outcomes.estimate[rows])
    )
    errors = distance.astype(np.float64)
    if not len(errors):
        raise InvalidInput("There is no row with truth and prediction yet.")
    found = [change for name in wanted if binary or name != "ddm" for change in _alarms(name, errors, rows)]
    return sorted(found, key=lambda change: (change.row, change.detector))


def _alarms(name: str, errors: Any, rows: Any) -> Iterable[Change]:
    detector, start = _detector(name), 0
    for k, error in enumerate(errors):
        detector.update(bool(error) if name == "ddm" else float(error))
        if detector.drift_detected:
            middle = max(k - int(getattr(detector, "width", 0) or 0), start) if name == "adwin" else start
            before = (
                errors[start : max(middle, start + 1)].mean()
                if name == "adwin"
                else errors[start:k].mean()
                if k > start
                else errors[k]
            )
            yield Change(name, int(rows[k]), float(before), float(errors[max(middle, k - 30) : k + 1].mean()))
            start = k + 1


def _detector(name: str) -> Any:
    try:
        from river import drift
        from river.drift import binary
    except ImportError as missing:
        raise MissingDependency(
            "Streaming detectors are river's. To fix it: `pip install 'mlops-magics[streaming]'`."
        ) from missing
    return {"adwin": drift.ADWIN, "page_hinkley": drift.PageHinkley, "ddm": binary.DDM}[name]()
