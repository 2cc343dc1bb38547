"""The declaration of a statistic: its formula, bins, base, floor and inputs, in one record."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from mlops_magics.core.monitoring.profiling.samples import NumericSample
from mlops_magics.core.monitoring.reading.column_values import FloatArray
from mlops_magics.core.monitoring.statistics.sample_distances import INDEPENDENT, CategoryPair, NumericPair, Pair
from mlops_magics.core.monitoring.statistics.score import Score

GROWING = "n·m/(n+m)"
"""The effective number of rows, with which some statistics grow."""
LEAST_P = 1e-300
"""A smaller p-value is read as this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """The description of a statistic for readers of a report.

    Attributes
    ----------
    definition
        The formula and the source of the p-value.
    floor
        The smallest score that matters in practice: a number, or a formula where it depends on the rows.
    floor_source
        The source of the floor.
    weight
        Its share of the false alarms that a feature may make by default, relative to the feature's other statistics. 0
        for a statistic that is computed on request. The many rows of a move between categories need little of it, and
        the few rows of one rare category need most.
    sees
        The changes that it finds and misses, where it is part of the default family.
    bins, base, empty_bins
        The bins of numbers and categories, the base of the logarithm, and the share that replaces an empty bin.
    """

    name: str
    definition: str
    floor: float | str
    floor_source: str
    bins: str | None = None
    base: str | None = None
    empty_bins: float | None = None
    weight: float = 0.0
    sees: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return a JSON-safe mapping for reports, with what a statistic of the default family sees."""
        found = {key: getattr(self, key) for key in ("definition", "bins", "base", "empty_bins", "floor")}
        return found | ({"sees": self.sees} if self.sees else {})


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistic(Declaration):
    """A comparison of two samples of one feature.

    Attributes
    ----------
    numeric, categorical
        The score of two samples of that kind, or ``None`` where the statistic is not defined for it.
    by_effects
        Whether its p-value allows for the design effects of both samples by itself.
    reads
        The points at which it reads the distribution function of numbers, besides the edges of the profile. A stream is
        counted at these points, so that its score is that of the rows.
    """

    numeric: Callable[[NumericPair], Score | None] | None = None
    categorical: Callable[[CategoryPair], Score | None] | None = None
    by_effects: bool = False
    reads: Callable[[NumericSample], FloatArray] | None = None

    def __call__(self, pair: Pair) -> Score | None:
        """Compare, or return ``None`` where the statistic is not defined for this kind of feature."""
        if isinstance(pair, NumericPair):
            score = self.numeric(pair) if self.numeric else None
        else:
            score = self.categorical(pair) if self.categorical else None
        if score is None or pair.effects == INDEPENDENT or self.by_effects:
            return score
        return replace(score, p_value=_softened(score.p_value, pair))


def _softened(p_value: float, pair: Pair) -> float:
    """Return the p-value of a statistic that is as far from its mean in standard errors of independent rows."""
    from scipy.special import ndtr, ndtri

    n, m = max(pair.reference.n, 1), max(pair.current.n, 1)
    ratio = (pair.effects[0] / n + pair.effects[1] / m) / (1 / n + 1 / m)
    return float(2 * ndtr(ndtri(max(p_value, LEAST_P) / 2) / math.sqrt(ratio)))
