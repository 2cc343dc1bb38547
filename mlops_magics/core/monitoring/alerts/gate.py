"""Thresholds per feature, metric and segment, kept with the model, and whether a report passes them."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from mlops_magics.errors import InvalidInput

if TYPE_CHECKING:
    from mlops_magics.core.monitoring.report import MonitorReport

Subject = Literal["drift", "performance"]
SUBJECTS: tuple[Subject, ...] = ("drift", "performance")


@dataclass(frozen=True, slots=True)
class Alert:
    """One reason to act: what, in which period, how much, against which limit."""

    subject: Subject
    name: str
    period: str
    score: float
    limit: float
    message: str

    def to_json(self) -> dict[str, Any]:
        """Return a JSON-safe mapping."""
        told = {key: getattr(self, key) for key in ("subject", "name", "period", "message")}
        return told | {
            key: value if math.isfinite(value) else None
            for key, value in (("score", self.score), ("limit", self.limit))
        }


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What is still acceptable.

    Attributes
    ----------
    features
        Feature (or ``"feature|segment"``) to the largest acceptable score: replaces the calibrated verdict of that
        feature.
    metrics
        Metric (or ``"metric|segment"``) to ``(lowest, highest)``; ``None`` for no limit on that side.
    ignored
        Features whose drift nobody wants to hear of.
    """

    features: Mapping[str, float] = field(default_factory=dict)
    metrics: Mapping[str, tuple[float | None, float | None]] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()

    def to_bytes(self) -> bytes:
        """Write as JSON, to be stored with the model."""
        return json.dumps(
            {"features": dict(self.features), "metrics": dict(self.metrics), "ignored": list(self.ignored)}
        ).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> Thresholds:
        """Read what `to_bytes` wrote."""
        try:
            found = json.loads(data)
            metrics = {name: (low, high) for name, (low, high) in found.get("metrics", {}).items()}
            return cls(
                {name: float(limit) for name, limit in found.get("features", {}).items()},
                metrics,
                tuple(found.get("ignored", ())),
            )
        except (ValueError, TypeError, AttributeError) as fault:
            raise InvalidInput(f"These are no thresholds ({fault}).") from fault


def alerts(report: MonitorReport, thresholds: Thresholds | None = None, segment: str = "") -> list[Alert]:
    """Return every reason to act in a report, drift first."""
    limits = thresholds or Thresholds()
    return [*_of_drift(report, limits, segment), *_of_performance(report, limits, segment)]


def failing(found: Iterable[Alert], fail_on: str | Iterable[str]) -> list[Alert]:
    """Return the alerts that a gate such as ``--fail-on drift,performance`` stops at."""
    subjects = {part.strip() for part in (fail_on.split(",") if isinstance(fail_on, str) else fail_on)}
    unknown = subjects - set(SUBJECTS)
    if unknown:
        raise InvalidInput(f"Cannot fail on {sorted(unknown)[0]!r}. Known: {', '.join(SUBJECTS)}.")
    return [alert for alert in found if alert.subject in subjects]


def _of_drift(report: MonitorReport, limits: Thresholds, segment: str) -> list[Alert]:
    found = []
    row: Any
    for row in report.drift.itertuples():
        if row.feature in limits.ignored:
            continue
        own = limits.features.get(f"{row.feature}|{segment}", limits.features.get(row.feature))
        structural = bool(row.drifted) and math.isnan(row.threshold)
        if structural or (bool(row.drifted) if own is None else abs(row.score) > own):
            limit = row.threshold if own is None else own
            told = f"{row.feature} drifted in {row.period}: {row.statistic} {row.score:.3g}" + (
                "" if structural else f" above {limit:.3g}"
            )
            found.append(Alert("drift", row.feature, row.period, float(row.score), float(limit), told))
    return found


def _of_performance(report: MonitorReport, limits: Thresholds, segment: str) -> list[Alert]:
    found = []
    row: Any
    for row in report.performance.itertuples():
        low, high = limits.metrics.get(f"{row.metric}|{segment}", limits.metrics.get(row.metric, (None, None)))
        for limit, beyond, word in (
            (low, low is not None and row.score < low, "below"),
            (high, high is not None and row.score > high, "above"),
        ):
            if beyond and limit is not None:
                told = f"{row.metric} ({row.kind}) in {row.period} is {row.score:.3g}, {word} {limit:.3g}"
                found.append(Alert("performance", row.metric, row.period, float(row.score), float(limit), told))
    return found
