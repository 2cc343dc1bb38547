"""The trigger of retraining: the version, the reasons and the data."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mlops_magics.core.monitoring.reporting.alert import Alert
from mlops_magics.core.monitoring.reporting.record import Report
from mlops_magics.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Trigger:
    """A reason to retrain a model.

    Attributes
    ----------
    name, version
        The model, and the version that was monitored.
    created
        The time of the report.
    period
        The time or the rows that were compared.
    alerts
        The reasons, at least one.
    """

    name: str
    version: str | None
    created: dt.datetime
    period: str
    alerts: tuple[Alert, ...]

    @property
    def reason(self) -> str:
        """The reason in one line, for the history of the next version."""
        more = f" and {len(self.alerts) - 1} more" if len(self.alerts) > 1 else ""
        return f"{self.alerts[0].message}{more}"

    def to_json(self) -> dict[str, Any]:
        """Return a JSON-safe mapping, which orchestrators can pass on."""
        return {
            "name": self.name,
            "version": self.version,
            "created": self.created.isoformat(),
            "period": self.period,
            "reason": self.reason,
            "alerts": [alert.to_json() for alert in self.alerts],
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Trigger:
        """Read the mapping of `to_json`.

        Raises
        ------
        InvalidInput
            The text is not a trigger.
        """
        try:
            return cls(
                document["name"],
                document["version"],
                dt.datetime.fromisoformat(document["created"]),
                document["period"],
                tuple(Alert.from_json(entry) for entry in document["alerts"]),
            )
        except (KeyError, TypeError, ValueError) as fault:
            raise InvalidInput(f"Not a valid trigger ({type(fault).__name__}: {fault}).") from fault


def of_report(report: Report) -> Trigger | None:
    """Return the trigger of a report, or ``None`` without a reason to act."""
    if not report.alerts:
        return None
    return Trigger(report.name, report.version, report.created, report.period, report.alerts)
