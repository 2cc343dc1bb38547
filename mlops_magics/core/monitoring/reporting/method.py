"""The method of a report, in sentences."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from mlops_magics.core.monitoring.statistics.false_discovery import FALSE_DISCOVERY_RATE

if TYPE_CHECKING:
    from mlops_magics.core.monitoring.reporting.record import Report

BOTH = (
    "A feature has drifted when both hold: the change is improbable without a cause (Benjamini–Hochberg over all tests "
    f"of this report, q < {FALSE_DISCOVERY_RATE:g}), and it is large enough to matter (its effect reaches the "
    "floor{floors}). A small change passes only the first; too few rows are a large effect that may be chance."
)
ELSEWHERE = "Drift was decided as another tool does, or by the limits that were set."
BANDS = "Bands of the performance are 95% confidence intervals."
ESTIMATES = "Estimates need no truth: they are learned from held-out rows of the training, and are marked as estimated."


def sentences(report: Report, definitions: Mapping[str, Any]) -> Iterator[str]:
    """Yield sentences on the decision about drift, on each statistic, and on the bands."""
    if not report.drift.empty:
        yield BOTH.format(floors=_floors(report)) if report.q_values else ELSEWHERE
    for name in dict.fromkeys(report.drift["statistic"]):
        words = str(definitions.get(name, {}).get("definition", ""))
        if words:
            yield f"{str(name).replace('_', ' ')}: {words}."
    if not report.performance.empty:
        yield BANDS
    if (report.performance["kind"] == "estimated").any():
        yield ESTIMATES


def _floors(report: Report) -> str:
    found = sorted({round(float(limit), 4) for limit in report.drift["threshold"] if math.isfinite(limit)})
    if not found:
        return ""
    return f" of {found[0]:g}" if len(found) == 1 else f", which is {found[0]:g} to {found[-1]:g} by statistic"
