"""The record of a report: its parts and the facts that follow from them, without input or output."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mlops_magics.core.monitoring.reporting import headline
from mlops_magics.core.monitoring.reporting.alert import Alert
from mlops_magics.core.monitoring.reporting.histograms import Distribution
from mlops_magics.core.monitoring.reporting.report_period import ReportPeriod, VersionChange
from mlops_magics.core.monitoring.scoring.curves import Curve
from mlops_magics.core.monitoring.scoring.error_detectors import Change
from mlops_magics.core.monitoring.scoring.model_task import ModelTask

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Report:
    """The current data of a version against its reference.

    Attributes
    ----------
    drift
        One row per feature, statistic and period: see `mlops_magics.drift`.
    roles
        The same for ``prediction`` and ``target``, which are not features.
    performance
        One row per period and metric: see `mlops_magics.performance`. ``kind`` is ``measured`` or ``estimated``.
    periods
        One record per period: ``label, n, start, end, partial``, and ``labelled``, the rows whose truth is known.
    distributions
        Counts in a few bars per feature and period, for charts.
    notes
        One sentence for each fact that the numbers do not show.
    segments, segment_drift
        Performance and drift of each value of the segmenting column, where one was named. ``segment`` comes first.
    segmented_by
        The name of that column, or empty.
    curves
        ROC, precision and recall, calibration and residuals, in few points.
    changes
        The alarms of streaming detectors on the errors.
    alerts
        Every reason to act, by the thresholds of the model.
    limits
        Metric (or ``"metric|segment"``) to its lowest and highest acceptable value, where the model has such limits.
    task
        The task that was scored, with its classes and the positive one, or ``None`` without scores.
    smaller_is_better
        The metrics that are better when they are smaller.
    rows_needed
        The current rows from which a shift of one standard deviation is found in four of five cases.
    versions
        The changes of version: one record per change, ``period, version, since``.
    q_values
        The p-value of each row of ``drift``, adjusted for all tests of the report. Shorter where it is not known.
    """

    name: str
    version: str | None
    created: dt.datetime
    drift: pd.DataFrame
    roles: pd.DataFrame
    performance: pd.DataFrame
    periods: tuple[ReportPeriod, ...]
    distributions: tuple[Distribution, ...] = ()
    notes: tuple[str, ...] = ()
    segments: pd.DataFrame | None = None
    segment_drift: pd.DataFrame | None = None
    curves: tuple[Curve, ...] = ()
    changes: tuple[Change, ...] = ()
    alerts: tuple[Alert, ...] = ()
    limits: Mapping[str, tuple[float | None, float | None]] = field(default_factory=dict)
    versions: tuple[VersionChange, ...] = ()
    task: ModelTask | None = None
    smaller_is_better: tuple[str, ...] = ()
    rows_needed: int = 0
    q_values: tuple[float, ...] = ()
    segmented_by: str = ""

    @property
    def drifted(self) -> list[str]:
        """The features that drifted in any period, the largest effect first."""
        found = self.drift[self.drift["drifted"]]
        # a fault has no threshold, and is worse than any score
        severity = (found["score"].abs() / found["threshold"].where(found["threshold"] > 0)).fillna(math.inf)
        worst = severity.groupby(found["feature"], sort=False).max().sort_values(ascending=False, kind="stable")
        return [str(name) for name in worst.index]

    @property
    def features(self) -> list[str]:
        """The features of the model: each was compared or found missing."""
        own = self.drift[~self.drift["statistic"].isin(headline.NOT_OF_THE_MODEL)]
        return [str(name) for name in own["feature"].drop_duplicates()]

    @property
    def rows(self) -> int:
        """The number of current rows in all periods."""
        return sum(period.n for period in self.periods)

    @property
    def period(self) -> str:
        """The time or the rows that the report is about."""
        if not self.periods:
            return "nothing"
        first, last = self.periods[0], self.periods[-1]
        return first.label if len(self.periods) == 1 else f"{first.label} to {last.label}"

    @property
    def too_few(self) -> bool:
        """Whether the rows are too few to exclude drift: no period has as many as are needed."""
        return bool(self.rows) and max(period.n for period in self.periods) < self.rows_needed

    @property
    def verdict(self) -> str:
        """The headline in one line, as the view and the mail show it."""
        subject = self.name if self.version is None else f"{self.name}@{self.version}"
        return f"{subject}: {headline.of_report(self).line}"
