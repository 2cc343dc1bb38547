"""What monitoring found: a frozen record that is shown, stored and acted upon."""

from __future__ import annotations

import datetime as dt
import json
import math
import weakref
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlops_magics.core.monitoring.distributions import Distribution
from mlops_magics.errors import InvalidInput

if TYPE_CHECKING:
    import pandas as pd

FORMAT = "mlops-magics-report/1"
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
    segments
        The performance of each value of the segmenting column, where one was named.
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
    def verdict(self) -> str:
        """One line for a person."""
        subject = self.name if self.version is None else f"{self.name}@{self.version}"
        parts = [_drift_in_words(self), _performance_in_words(self.performance)]
        return f"{subject}: " + "; ".join(part for part in parts if part) + "."

    @property
    def view(self) -> Any:
        """The live view in which this report was shown last: ``report.view.selected`` is what the reader chose in it.

        ``None`` before the report was shown.
        """
        return views.get(self)

    def charts(self) -> Any:
        """Draw the report as one linked chart; aggregates only, nothing is fetched."""
        from mlops_magics.core.monitoring.charts import overview

        return overview.chart(self)

    def to_json(self) -> dict[str, Any]:
        """Return everything as a JSON-safe mapping."""
        return {
            "format": FORMAT,
            "name": self.name,
            "version": self.version,
            "created": self.created.isoformat(),
            "verdict": self.verdict,
            "drifted": self.drifted,
            "drift": _records(self.drift),
            "roles": _records(self.roles),
            "performance": _records(self.performance),
            "periods": [dict(period) for period in self.periods],
            "distributions": [distribution.to_json() for distribution in self.distributions],
            "notes": list(self.notes),
            "segments": _records(self.segments) if self.segments is not None else [],
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any] | str | bytes) -> MonitorReport:
        """Read what `to_json` gave, as a mapping or as text.

        Raises
        ------
        InvalidInput
            Not a report.
        """
        try:
            found = json.loads(document) if isinstance(document, str | bytes) else document
            if found["format"] != FORMAT:
                raise InvalidInput(
                    f"A report of format {found['format']!r} needs another version of mlops_magics; this one reads "
                    f"{FORMAT!r}."
                )
            return cls(
                found["name"],
                found["version"],
                dt.datetime.fromisoformat(found["created"]),
                _drift_frame(found["drift"]),
                _drift_frame(found["roles"]),
                _performance_frame(found["performance"]),
                tuple(found["periods"]),
                tuple(Distribution.from_json(entry) for entry in found["distributions"]),
                tuple(found["notes"]),
                _segment_frame(found.get("segments", [])),
            )
        except (KeyError, TypeError, json.JSONDecodeError) as fault:
            raise InvalidInput(f"This is no monitor report ({type(fault).__name__}: {fault}).") from fault

    def wire(self) -> dict[str, Any]:
        """Return what the views show: one entry per feature with its scores per period; at most 300 kB."""
        from mlops_magics.core.monitoring import wire

        return wire.of_report(self)


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


def _in_words(drift: pd.DataFrame, feature: str) -> str:
    found = drift[drift["drifted"] & (drift["feature"] == feature)]
    worst = found.iloc[int(found["score"].abs().fillna(0).to_numpy().argmax())]
    told = str(worst["statistic"]).replace("_", " ")
    return (
        f"{feature} ({told})"
        if math.isnan(worst["threshold"])
        else f"{feature} ({told} {worst['score']:.2g}, limit {worst['threshold']:.2g})"
    )


def _performance_in_words(performance: pd.DataFrame) -> str:
    known = performance[performance["score"].notna()]
    if known.empty:
        return ""
    known = known[known["kind"] == ("measured" if (known["kind"] == "measured").any() else "estimated")]
    first = known[known["metric"] == known["metric"].iloc[0]].iloc[-1]
    word = " (estimated)" if first["kind"] == "estimated" else ""
    return f"{first['metric']} {first['score']:.3g}{word}" + (
        f" in {first['period']}" if first["period"] != "all" else ""
    )


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(key): _plain(value) for key, value in row.items()} for row in frame.to_dict("records")]


def _plain(value: Any) -> Any:
    """Return a JSON value; what is not finite becomes null, or a word for infinity."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None if math.isnan(value) else "inf" if value > 0 else "-inf"
    return value.item() if hasattr(value, "item") else value


def _drift_frame(records: Any) -> pd.DataFrame:
    import pandas as pd

    from mlops_magics.core.monitoring.findings import DRIFT_COLUMNS

    numbers = {"score": float, "p_value": float, "threshold": float}
    return pd.DataFrame(records, columns=list(DRIFT_COLUMNS)).astype(
        {**numbers, "drifted": bool, "n_reference": "int64", "n_current": "int64"}
    )


def _segment_frame(records: Any) -> pd.DataFrame:
    import pandas as pd

    from mlops_magics.core.monitoring.scoring import PERFORMANCE_COLUMNS

    return pd.DataFrame(records, columns=["segment", *PERFORMANCE_COLUMNS])


def _performance_frame(records: Any) -> pd.DataFrame:
    from mlops_magics.core.monitoring import scoring

    return scoring.to_frame(records)
