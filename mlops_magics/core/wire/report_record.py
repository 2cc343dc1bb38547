"""A monitoring report: small, per feature, in the order of interest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from mlops_magics.core.wire.version_records import MetricName


@dataclass(frozen=True, slots=True)
class DriftFeature:
    """The worst of a feature. ``scores`` and ``drifted_in`` have one entry for each period.

    Attributes
    ----------
    kind
        ``numeric``, ``categorical``, ``boolean``, ``datetime`` or ``text``, or empty where it is not known.
    verdict
        ``drifted``: improbable and large. ``small``: improbable, below the floor. ``unsure``: large, and may be
        chance, else ``stable``. Empty in reports of version 0.1.
    q_value
        The p-value, adjusted for all tests of the report.
    since
        The first period of a drift that lasts until the last one.
    sentence
        What changed, with its numbers.
    """

    feature: str
    statistic: str
    score: float | None
    threshold: float | None
    p_value: float | None
    severity: float
    drifted: bool
    n_reference: int
    n_current: int
    scores: tuple[float | None, ...]
    drifted_in: tuple[bool, ...]
    kind: str = ""
    verdict: Literal["drifted", "small", "unsure", "stable", ""] = ""
    q_value: float | None = None
    since: str | None = None
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class NumberFacts:
    """The facts of numbers. ``outside`` is the share of rows outside the range of the reference."""

    n: int
    mean: float | None
    std: float | None
    smallest: float | None
    largest: float | None
    outside: float | None


@dataclass(frozen=True, slots=True)
class FoundChange:
    """Something that is new, missing or gone: ``kind`` is ``new``, ``missing``, ``gone`` or ``column``."""

    kind: Literal["new", "missing", "gone", "column"]
    feature: str
    words: str
    matters: bool


@dataclass(frozen=True, slots=True)
class SegmentFeature:
    """The worst of a feature in each segment."""

    feature: str
    statistic: str
    threshold: float | None
    severity: float
    drifted: bool
    scores: tuple[float | None, ...]
    drifted_in: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class SegmentDrift:
    """Drift within segments. Each feature has one entry for each segment."""

    segments: tuple[str, ...]
    features: tuple[SegmentFeature, ...]


@dataclass(frozen=True, slots=True)
class Histogram:
    """The distribution of a feature.

    Attributes
    ----------
    current
        Counts in each period, one for each bar.
    missing
        Missing values: in the reference, then in each period.
    new
        Bars that the reference never saw.
    scale
        ``linear`` or ``log``.
    edges
        The inner edges of the bars of numbers.
    facts
        Facts of the numbers of the reference, then of all current ones, or empty where it is not known.
    """

    feature: str
    kind: str
    bars: tuple[str, ...]
    reference: tuple[float, ...]
    current: tuple[tuple[int, ...], ...]
    missing: tuple[int, ...]
    new: tuple[str, ...]
    scale: str
    edges: tuple[float, ...] = ()
    facts: tuple[NumberFacts, ...] = ()


@dataclass(frozen=True, slots=True)
class PerformanceRow:
    """A metric in a period, measured or estimated, with its band. ``segment`` is None for all rows."""

    period: str
    metric: str
    score: float | None
    lower: float | None
    upper: float | None
    n: int
    kind: str
    segment: str | None = None


@dataclass(frozen=True, slots=True)
class ReportCurve:
    """A ROC, a precision and recall, a calibration or a residual curve. ``n`` counts the rows of each point."""

    view: str
    label: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    n: tuple[int, ...]
    lower: tuple[float, ...]
    upper: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class ReportPeriod:
    """A period of the current data.

    Attributes
    ----------
    n, labelled
        Its rows, and those of them whose truth is known.
    start, end
        ISO 8601, or None where the periods are not of time.
    partial
        Whether the period was not over when the report was made.
    estimate_valid
        False where an estimate of performance is not to be trusted.
    """

    label: str
    n: int
    labelled: int
    start: str | None
    end: str | None
    partial: bool
    estimate_valid: bool


@dataclass(frozen=True, slots=True)
class VersionChange:
    """The period in which another version began to answer. ``number`` is 0 where it is not known."""

    period: str
    version: str
    since: str
    number: int = 0


@dataclass(frozen=True, slots=True)
class ErrorChange:
    """A detector's alarm on the errors of predictions: at which row, and the mean error before and since."""

    detector: str
    row: int
    before: float
    since: float
    period: str


@dataclass(frozen=True, slots=True)
class ReportAlert:
    """One reason to act. ``segment`` is empty for all rows."""

    subject: str
    name: str
    period: str
    score: float | None
    limit: float | None
    message: str
    segment: str
    before: float | None


@dataclass(frozen=True, slots=True)
class Report:
    """A monitoring report.

    Attributes
    ----------
    features
        The drifted ones first, then by score over threshold.
    roles
        The same of prediction and target.
    limits
        The lowest and the highest acceptable value of a metric, or None where there is none.
    task
        The kind of model, its classes and the positive one, in words, or empty where nothing was scored.
    segments
        The first metric of each segment.
    segmented_by
        The column whose values are the segments, or empty where it is not known.
    sentence, paragraph
        The headline for a person, made by rules from the numbers, with ``meaning`` for its sign.
    number
        That of the version, or 0 where it is not known.
    metrics
        The metrics of the performance, with their directions.
    found
        What is new, missing or gone.
    method
        How it was decided, in sentences.
    """

    name: str
    version: str | None
    created: str
    verdict: str
    drifted: tuple[str, ...]
    rows: int
    periods: tuple[ReportPeriod, ...]
    features: tuple[DriftFeature, ...]
    roles: tuple[DriftFeature, ...]
    performance: tuple[PerformanceRow, ...]
    distributions: tuple[Histogram, ...]
    notes: tuple[str, ...]
    segments: tuple[PerformanceRow, ...]
    segment_drift: SegmentDrift
    curves: tuple[ReportCurve, ...]
    changes: tuple[ErrorChange, ...]
    alerts: tuple[ReportAlert, ...]
    n_alerts: int
    limits: dict[str, tuple[float | None, float | None]]
    versions: tuple[VersionChange, ...]
    task: str = ""
    sentence: str = ""
    paragraph: str = ""
    meaning: Literal["alert", "good", "info"] = "info"
    number: int = 0
    aliases: tuple[str, ...] = ()
    metrics: tuple[MetricName, ...] = ()
    found: tuple[FoundChange, ...] = ()
    method: tuple[str, ...] = ()
    segmented_by: str = ""


EXAMPLES = {"drift": Report}
"""The records that have an example of their own, by its name."""
