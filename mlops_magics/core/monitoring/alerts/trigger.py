"""What retraining takes from monitoring: which version, why, and on which data it was seen."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlops_magics.core.monitoring.alerts.rules import Alert
from mlops_magics.errors import InvalidInput

if TYPE_CHECKING:
    from mlops_magics.core.monitoring.report import MonitorReport


@dataclass(frozen=True, slots=True)
class Trigger:
    """A reason to train again; what ran it can be asked nothing else.

    Attributes
    ----------
    name, version
        The model, and the version that was monitored.
    created
        When it was seen.
    period
        The time or the rows that were looked at.
    alerts
        Why: at least one.
    """

    name: str
    version: str | None
    created: dt.datetime
    period: str
    alerts: tuple[Alert, ...]

    @property
    def reason(self) -> str:
        """One line for the history of the next version."""
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
        """Read what `to_json` gave."""
        try:
            return cls(
                document["name"],
                document["version"],
                dt.datetime.fromisoformat(document["created"]),
                document["period"],
                tuple(Alert.from_json(entry) for entry in document["alerts"]),
            )
        except (KeyError, TypeError, ValueError) as fault:
            raise InvalidInput(f"This is no trigger ({type(fault).__name__}: {fault}).") from fault


def of_report(report: MonitorReport) -> Trigger | None:
    """Return the trigger of a report; ``None`` where there is no reason to act."""
    if not report.alerts:
        return None
    return Trigger(report.name, report.version, report.created, report.period, report.alerts)
