"""What monitoring found: a frozen record that is shown, stored and acted upon."""

from __future__ import annotations

import datetime as dt
import math
import weakref
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mlops_magics.core.monitoring.reporting.histograms import Distribution

if TYPE_CHECKING:
    import pandas as pd

    from mlops_magics.core.monitoring.alerts.rules import Alert
    from mlops_magics.core.monitoring.alerts.trigger import Trigger
    from mlops_magics.core.monitoring.charts.chart import Chart
    from mlops_magics.core.monitoring.scoring.curves import Curve
    from mlops_magics.core.monitoring.scoring.error_detectors import Change

NAMED = 3  # features that the one-line verdict names


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class MonitorReport:
    """What a version sees now against what it was trained on.

    Attributes
    ----------
    drift
        One row per feature, statistic and period: see `mlops_magics.drift`.
    roles
        The same for ``prediction`` and ``target``, which are no features.
    performance
        One row per period and metric: see `mlops_magics.performance`; ``kind`` is ``measured`` or ``estimated``.
    periods
        One mapping per period: ``label, n, start, end, partial``, and ``labelled``, the rows whose truth is known.
    distributions
        Counts in a few bars per feature and period, for charts.
    notes
        One sentence for everything that the reader should know beside the numbers.
    segments, segment_drift
        Performance and drift of each value of the segmenting column, where one was named; ``segment`` comes first.
    curves
        What the charts of ROC, precision and recall, calibration and residuals are drawn from, in few points.
    changes
        The alarms of streaming detectors on the errors.
    alerts
        Every reason to act, by the thresholds of the model.
    limits
        Metric (or ``"metric|segment"``) to its lowest and highest acceptable value, where the model has such limits.
    versions
        Where another version began to answer: one mapping per change, ``period, version, since``.
    """

    name: str
    version: str | None
    created: dt.datetime
    drift: pd.DataFrame
    roles: pd.DataFrame
    performance: pd.DataFrame
    periods: tuple[Mapping[str, Any], ...]
    distributions: tuple[Distribution, ...] = ()
    notes: tuple[str, ...] = ()
    segments: pd.DataFrame | None = None
    segment_drift: pd.DataFrame | None = None
    curves: tuple[Curve, ...] = ()
    changes: tuple[Change, ...] = ()
    alerts: tuple[Alert, ...] = ()
    limits: Mapping[str, tuple[float | None, float | None]] = field(default_factory=dict)
    versions: tuple[Mapping[str, Any], ...] = ()

    @property
    def drifted(self) -> list[str]:
        """The features that drifted in any period, the largest effect first."""
        found = self.drift[self.drift["drifted"]]
        severity = (found["score"].abs() / found["threshold"].where(found["threshold"] > 0)).fillna(math.inf)
        worst = severity.groupby(found["feature"], sort=False).max().sort_values(ascending=False, kind="stable")
        return [str(name) for name in worst.index]

    @property
    def features(self) -> list[str]:
        """Every feature that was compared or found missing."""
        return [str(name) for name in self.drift["feature"].drop_duplicates()]

    @property
    def rows(self) -> int:
        """The number of current rows in all periods."""
        return sum(int(period["n"]) for period in self.periods)

    @property
    def period(self) -> str:
        """The time or the rows that the report is about."""
        if not self.periods:
            return "nothing"
        first, last = self.periods[0], self.periods[-1]
        return str(first["label"]) if len(self.periods) == 1 else f"{first['label']} to {last['label']}"

    @property
    def definitions(self) -> dict[str, dict[str, Any]]:
        """What each statistic of the report is: its definition, bins, base and practical floor."""
        from mlops_magics.core.monitoring.comparing import definitions

        kept = self.drift.attrs.get("described")
        return dict(kept) if kept is not None else definitions.of([*self.drift["statistic"], *self.roles["statistic"]])

    @property
    def verdict(self) -> str:
        """One line for a person."""
        subject = self.name if self.version is None else f"{self.name}@{self.version}"
        parts = [_drift_in_words(self), _segments_in_words(self.segment_drift), _performance_in_words(self)]
        return f"{subject}: " + "; ".join(part for part in parts if part) + "."

    @property
    def view(self) -> Any:
        """The live view in which this report was shown last: ``report.view.selected`` is what the reader chose in it.

        ``None`` before the report was shown.
        """
        return views.get(self)

    @property
    def trigger(self) -> Trigger | None:
        """What retraining takes; ``None`` where there is no reason to act."""
        from mlops_magics.core.monitoring.alerts import trigger

        return trigger.of_report(self)

    def charts(self, view: str | None = None) -> Chart:
        """Draw the report as one linked chart; aggregates only, nothing is fetched.

        A notebook shows it; ``charts().save("drift.png")`` (svg, html, json) writes it, ``charts().to_altair()`` takes
        it on.

        Parameters
        ----------
        view
            One part alone: ``drift``, ``performance``, ``roc``, ``pr``, ``calibration`` or ``residuals``.
        """
        from mlops_magics.core.monitoring.charts import overview

        return overview.chart(self, view)

    def ranking(self, metric: str | None = None) -> pd.DataFrame:
        """Rank the features by how their drift goes with the change of performance over the periods."""
        from mlops_magics.core.monitoring.reporting import ranking

        return ranking.rank(self, metric)

    def to_json(self) -> dict[str, Any]:
        """Return everything as a JSON-safe mapping."""
        from mlops_magics.core.monitoring.reporting import report_json

        return report_json.to_json(self)

    @classmethod
    def from_json(cls, document: Mapping[str, Any] | str | bytes) -> MonitorReport:
        """Read what `to_json` gave, as a mapping or as text.

        Raises
        ------
        InvalidInput
            Not a report.
        """
        from mlops_magics.core.monitoring.reporting import report_json

        return report_json.from_json(document)

    def wire(self) -> dict[str, Any]:
        """Return what the views show: one entry per feature with its scores per period; at most 300 kB."""
        from mlops_magics.core.monitoring.reporting import report_wire

        return report_wire.of_report(self)


views: weakref.WeakKeyDictionary[MonitorReport, Any] = weakref.WeakKeyDictionary()
"""The views of the reports that are alive, put here by whoever shows them."""


def _drift_in_words(report: MonitorReport) -> str:
    drifted = report.drifted
    rows = f"{report.rows:,} row{'s' if report.rows != 1 else ''}" + (
        f" in {len(report.periods)} periods" if len(report.periods) > 1 else ""
    )
    if not report.rows:
        return "nothing to compare yet: no rows"
    if not drifted:
        return f"no drift in {len(report.features)} features over {rows}"
    named = ", ".join(_in_words(report.drift, feature) for feature in drifted[:NAMED])
    more = f" and {len(drifted) - NAMED} more" if len(drifted) > NAMED else ""
    return f"{len(drifted)} of {len(report.features)} features drifted over {rows}: {named}{more}"


def _segments_in_words(drift: pd.DataFrame | None) -> str:
    if drift is None or drift.empty:
        return ""
    found = drift[drift["drifted"]]
    places = list(
        dict.fromkeys(f"{feature} in {segment}" for segment, feature in zip(found["segment"], found["feature"]))
    )
    if not places:
        return f"no drift within {drift['segment'].nunique()} segments"
    more = f" and {len(places) - NAMED} more" if len(places) > NAMED else ""
    return f"within segments: {', '.join(places[:NAMED])}{more}"


def _in_words(drift: pd.DataFrame, feature: str) -> str:
    found = drift[drift["drifted"] & (drift["feature"] == feature)]
    worst = found.iloc[int(found["score"].abs().fillna(0).to_numpy().argmax())]
    told = str(worst["statistic"]).replace("_", " ")
    return (
        f"{feature} ({told})"
        if math.isnan(worst["threshold"])
        else f"{feature} ({told} {worst['score']:.2g}, limit {worst['threshold']:.2g})"
    )


def _performance_in_words(report: MonitorReport) -> str:
    performance = report.performance
    known = performance[performance["score"].notna() & ~_doubted(performance, report.periods)]
    if known.empty:
        return ""
    known = known[known["kind"] == ("measured" if (known["kind"] == "measured").any() else "estimated")]
    first = known[known["metric"] == known["metric"].iloc[0]].iloc[-1]
    word = " (estimated)" if first["kind"] == "estimated" else ""
    return f"{first['metric']} {first['score']:.3g}{word}" + (
        f" in {first['period']}" if first["period"] != "all" else ""
    )


def _doubted(performance: pd.DataFrame, periods: tuple[Mapping[str, Any], ...]) -> pd.Series:
    """Return which rows are estimates that nobody should believe."""
    invalid = {period["label"] for period in periods if not period.get("estimate_valid", True)}
    return (performance["kind"] == "estimated") & performance["period"].isin(invalid)
