"""The monitor report for users: a record that can be shown, stored and acted upon."""

from __future__ import annotations

import weakref
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlops_magics.core.monitoring.alerts import trigger
from mlops_magics.core.monitoring.reporting import ranking, report_json, report_wire
from mlops_magics.core.monitoring.reporting.record import Report
from mlops_magics.core.monitoring.statistics import declarations
from mlops_magics.core.wire.encoding import to_json

if TYPE_CHECKING:
    import pandas as pd

    from mlops_magics.core.monitoring.alerts.trigger import Trigger
    from mlops_magics.core.monitoring.charts.chart import Chart

MOST_ALERTS = 20
"""Alerts that the text of a report names."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class MonitorReport(Report):
    """The current data of a version against its reference, with charts, JSON and the view in a notebook."""

    def __repr__(self) -> str:
        """Return the text that a terminal shows: the verdict, the alerts with their limits, and the notes."""
        alerts = [alert.message for alert in self.alerts]
        more = len(alerts) - MOST_ALERTS
        return "\n".join([self.verdict, *alerts[:MOST_ALERTS], *[f"and {more} more alerts"] * (more > 0), *self.notes])

    @property
    def definitions(self) -> dict[str, dict[str, Any]]:
        """The definition, bins, base and practical floor of each statistic of the report."""
        kept = self.drift.attrs.get("described")
        names = [*self.drift["statistic"], *self.roles["statistic"]]
        return dict(kept) if kept is not None else declarations.describe(names)

    @property
    def view(self) -> Any:
        """The live view in which this report was shown last: ``report.view.selected`` is the reader's choice in it.

        ``None`` before the report was shown.
        """
        return views.get(self)

    @property
    def trigger(self) -> Trigger | None:
        """The input of retraining, or ``None`` without a reason to act."""
        return trigger.of_report(self)

    def charts(self, view: str | None = None) -> Chart:
        """Draw the report as one linked chart, from aggregates only and without fetching anything.

        A notebook shows it. ``charts().save("drift.png")`` (svg, html, json) writes it, and ``charts().to_altair()``
        returns an Altair chart.

        Parameters
        ----------
        view
            One part alone: ``drift``, ``performance``, ``roc``, ``pr``, ``calibration`` or ``residuals``.
        """
        from mlops_magics.core.monitoring.charts import overview

        return overview.chart(self, view)

    def ranking(self, metric: str | None = None) -> pd.DataFrame:
        """Rank the features by the correlation of their drift with the change of performance over the periods."""
        return ranking.rank(self, metric)

    def to_json(self) -> dict[str, Any]:
        """Return everything as a JSON-safe mapping."""
        return report_json.to_json(self, self.definitions)

    @classmethod
    def from_json(cls, document: Mapping[str, Any] | str | bytes) -> MonitorReport:
        """Read a report of `to_json`, as a mapping or as text.

        Raises
        ------
        InvalidInput
            Not a report.
        """
        return cls(**report_json.fields(document))

    def show_in(self, view: Any) -> None:
        """Remember the view that shows this report, as ``report.view``."""
        views[self] = view

    def wire(self) -> dict[str, Any]:
        """Return the data of the views: one entry per feature with its scores per period.

        200 features in 26 periods are 190 kB, 500 in one period are 360 kB: about 0.3 kB each, and at most 210 kB of
        bars.
        """
        record: dict[str, Any] = to_json(report_wire.of_report(self, self.definitions))
        return record


views: weakref.WeakKeyDictionary[MonitorReport, Any] = weakref.WeakKeyDictionary()
"""The views of the reports that are alive, added by the widget that shows them."""
