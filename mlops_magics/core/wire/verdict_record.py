"""The findings of monitoring on a model, one record for each time."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WorstFeature:
    """A feature that a verdict names."""

    feature: str
    statistic: str
    score: float | None
    threshold: float | None
    drifted: bool


@dataclass(frozen=True, slots=True)
class CheckedMetric:
    """A metric in the last period of a check, ``measured`` or ``estimated``, with the limits that were set."""

    metric: str
    kind: str
    score: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class VerdictRow:
    """One verdict of monitoring. ``features`` is their number, 0 where it is not known."""

    name: str
    version: str | None
    created: str
    verdict: str
    drifted: tuple[str, ...]
    worst: tuple[WorstFeature, ...]
    rows: int = 0
    features: int = 0
    alerts: tuple[str, ...] = ()
    n_alerts: int = 0
    by: str | None = None
    performance: tuple[CheckedMetric, ...] = ()
