"""The current data, feature by feature and period by period, with rows in memory or after they have passed by."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from mlops_magics.core.monitoring.profiling.dependence import Dependence
from mlops_magics.core.monitoring.profiling.feature_profile import Features
from mlops_magics.core.monitoring.reading.periods import Period


class Observed(Protocol):
    """The current data, for every comparison.

    Attributes
    ----------
    windows
        The periods.
    names
        The features that the current data have.
    rows
        The number of rows, those in no period included.
    """

    @property
    def windows(self) -> tuple[Period, ...]: ...

    @property
    def names(self) -> tuple[str, ...]: ...

    @property
    def rows(self) -> int: ...

    def dependence(self, place: int, like: Dependence) -> Dependence | None:
        """Return the correlations of one period for the reference's pairs, or ``None`` where the rows passed by."""
        ...

    def during(self, places: Sequence[int]) -> Features:
        """Return the features over some of the periods together, by their place."""
        ...
