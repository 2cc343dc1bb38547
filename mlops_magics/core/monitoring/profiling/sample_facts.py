"""Facts of the numbers of a feature: mean, spread, range, the share outside the reference's range."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from mlops_magics.core.monitoring.profiling.samples import NumericSample

DIGITS = 9
"""Of a fact."""


@dataclass(frozen=True, slots=True)
class SampleFacts:
    """The numbers of a sample.

    Attributes
    ----------
    n
        Finite values.
    outside
        The share of them outside the range of the reference.
    """

    n: int
    mean: float
    std: float
    smallest: float
    largest: float
    outside: float = 0.0

    @classmethod
    def of(cls, sample: NumericSample, reference: NumericSample) -> SampleFacts | None:
        """Return the facts of a sample compared with its reference, or None without finite values."""
        if not sample.n:
            return None
        import numpy as np

        bounds = np.array([reference.moments.minimum, reference.moments.maximum])
        beyond = int(sample.less_than(bounds[:1])[0]) + sample.n - int(sample.at_most(bounds[1:])[0])
        found = sample.moments
        mean, std, smallest, largest = map(_rounded, (found.mean, found.std, found.minimum, found.maximum))
        return cls(sample.n, mean, std, smallest, largest, beyond / sample.n)

    def to_json(self) -> dict[str, Any]:
        """Return a JSON-safe mapping."""
        return {name: value if math.isfinite(value) else None for name, value in asdict(self).items()}

    @classmethod
    def from_json(cls, entry: Mapping[str, Any]) -> SampleFacts:
        """Read the mapping of `to_json`."""
        numbers = {each.name: entry[each.name] for each in fields(cls) if each.name != "n"}
        return cls(entry["n"], **{name: math.nan if value is None else value for name, value in numbers.items()})


def _rounded(value: float) -> float:
    """Return a number without the digits in which engines that sum in another order differ."""
    return float(f"{value:.{DIGITS}g}")
