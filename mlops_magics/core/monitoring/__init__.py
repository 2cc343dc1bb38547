"""The log against the reference: drift, performance, estimates, alerts. Names are imported on first use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mlops_magics.core.monitoring.reference_profile import ReferenceProfile, profile
    from mlops_magics.core.monitoring.report import MonitorReport
    from mlops_magics.core.monitoring.scoring import performance
    from mlops_magics.core.monitoring.two_sides import drift
    from mlops_magics.core.monitoring.watch import monitor

__all__ = ["MonitorReport", "ReferenceProfile", "drift", "monitor", "performance", "profile"]

# A module must not bear the name of what it exports: importing it would replace the function on this package.
_HOMES = {
    "MonitorReport": "report",
    "ReferenceProfile": "reference_profile",
    "drift": "two_sides",
    "monitor": "watch",
    "performance": "scoring",
    "profile": "reference_profile",
}


def __getattr__(name: str) -> Any:
    """Import a public name on first use; pandas, scipy and altair come only with the verb that needs them."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
