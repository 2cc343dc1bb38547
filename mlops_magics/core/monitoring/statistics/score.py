"""The result of a statistic."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Score:
    """The value, its probability when nothing changed, and the practical floor on the same scale.

    Attributes
    ----------
    p_value
        Under "both samples come from one distribution", for the sizes at hand, NaN without such a test.
    threshold
        The smallest value that matters in practice. For statistics that grow with the number of rows it grows too.
    low_matters
        The statistic has two ends, and this value is towards the lower one: it matters at or below the threshold.
    p_at_floor
        The largest p-value that a value at the threshold can have, 1 where that is not known.
    """

    value: float
    p_value: float
    threshold: float
    low_matters: bool = False
    p_at_floor: float = 1.0

    @property
    def matters(self) -> bool:
        """Whether the effect reaches the practical floor."""
        return self.value <= self.threshold if self.low_matters else abs(self.value) >= self.threshold
