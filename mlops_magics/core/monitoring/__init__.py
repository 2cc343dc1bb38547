"""Monitoring of a log against its reference: drift, performance, estimates, alerts. Names are imported on first use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlops_magics.lazy_exports import lazy_exports

if TYPE_CHECKING:
    from mlops_magics.core.monitoring.builder import monitor
    from mlops_magics.core.monitoring.comparing.frames import drift
    from mlops_magics.core.monitoring.counting.profiles import profile
    from mlops_magics.core.monitoring.profiling.reference_profile import ReferenceProfile
    from mlops_magics.core.monitoring.report import MonitorReport
    from mlops_magics.core.monitoring.scoring.performance import performance

__all__ = ["MonitorReport", "ReferenceProfile", "drift", "monitor", "performance", "profile"]

# A module must not bear the name of its function: importing it would replace the function on this package.
__getattr__, __dir__ = lazy_exports(
    __name__,
    {
        "MonitorReport": "report",
        "ReferenceProfile": "profiling.reference_profile",
        "drift": "comparing.frames",
        "monitor": "builder",
        "performance": "scoring.performance",
        "profile": "counting.profiles",
    },
)
