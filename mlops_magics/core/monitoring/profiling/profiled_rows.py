"""A stored profile in the place of current rows."""

from __future__ import annotations

from collections.abc import Sequence

from mlops_magics.core.monitoring.profiling.dependence import Dependence
from mlops_magics.core.monitoring.profiling.feature_profile import Features
from mlops_magics.core.monitoring.profiling.reference_profile import ReferenceProfile
from mlops_magics.core.monitoring.reading import periods
from mlops_magics.core.monitoring.reading.periods import Period


class ProfiledRows:
    """A stored profile as the current data, in one period."""

    def __init__(self, profile: ReferenceProfile) -> None:
        self._profile = profile
        self.windows = (Period(periods.WHOLE, slice(None), profile.rows),)
        self.names = tuple(profile.features)
        self.rows = profile.rows

    def dependence(self, place: int, like: Dependence) -> Dependence | None:
        """Return the correlations of the profile."""
        return self._profile.dependence

    def during(self, places: Sequence[int]) -> Features:
        """Return the features of the profile."""
        return self._profile.features
