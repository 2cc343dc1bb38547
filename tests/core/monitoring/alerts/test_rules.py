"""The reasons to act, their order, and the gates that stop at them."""

from __future__ import annotations

import pytest

from mlops_magics.core.monitoring import MonitorReport
from mlops_magics.core.monitoring.alerts import rules
from mlops_magics.core.monitoring.alerts.thresholds import Thresholds
from mlops_magics.errors import InvalidInput


def test_gates_stop_at_what_they_are_asked_for(falling: MonitorReport) -> None:
    """Drift and performance are apart; own limits replace the calibrated ones; an unknown gate is refused."""
    limits = Thresholds.from_bytes(Thresholds(metrics={"accuracy": (0.8, None)}, ignored=("other",)).to_bytes())
    found = rules.alerts(falling, limits)

    assert {alert.name for alert in rules.failing(found, "drift")} == {"cause"}
    assert {alert.period for alert in rules.failing(found, "performance")} >= {"600:800"}
    assert len(rules.failing(found, "drift,performance")) == len(found)
    with pytest.raises(InvalidInput, match="drift, performance"):
        rules.failing(found, "weather")
