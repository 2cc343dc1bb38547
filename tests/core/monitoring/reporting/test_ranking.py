"""Which drifted feature follows the loss of performance."""

from __future__ import annotations

from mlops_magics.core.monitoring import MonitorReport
from mlops_magics.core.monitoring.reporting import ranking


def test_the_feature_that_follows_performance_ranks_first(falling: MonitorReport) -> None:
    """Its drift and the loss of accuracy rise together."""
    ranked = ranking.rank(falling)

    assert ranked["feature"].iloc[0] == "cause"
    assert ranked["correlation"].iloc[0] > 0.8
