"""Tests of homogeneity of two samples of counts."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from mlops_magics.core.monitoring.reading.column_values import FloatArray, IntArray

RELIABLE_EXPECTED = (
    5.0  # Cochran (1952): below this the tail of the statistic is heavier than chi-square, measured at p = 0.0025
)


@dataclass(frozen=True, slots=True)
class Homogeneity:
    """A statistic that is χ² distributed under homogeneity, with its degrees of freedom and p-value."""

    statistic: float
    freedom: int
    p_value: float


def pearson(reference: IntArray, current: IntArray) -> Homogeneity:
    """Return Pearson's two-sample X² = Σ(O−E)²/E without Yates' correction (Pearson 1900), ``(n_categories,)`` each."""
    observed, expected = _table(reference, current)
    return _tested(float(np.sum((observed - expected) ** 2 / expected)), observed.shape[1] - 1)


def likelihood_ratio(reference: IntArray, current: IntArray) -> Homogeneity:
    """Return the two-sample G = 2ΣO·ln(O/E) (Sokal and Rohlf 1994, ch. 17)."""
    observed, expected = _table(reference, current)
    present = observed > 0
    return _tested(
        2.0 * float(np.sum(observed[present] * np.log(observed[present] / expected[present]))), observed.shape[1] - 1
    )


def reliable(reference: IntArray, current: IntArray) -> Homogeneity:
    """Return Pearson's test after pooling the rarest categories until each expects enough.

    The choice of categories depends on the pooled counts alone, so the test stays valid (it conditions on the
    margins). If that leaves one category only, rare ones are compared with the others, exactly.
    """
    pooled = pearson(*pooled_rare(reference, current))
    return pooled if pooled.freedom else rare_against_others(reference, current)


def p_at_distance(distance: float, reference: IntArray, current: IntArray) -> float:
    """Return the largest p-value of `reliable` at a total variation of ``distance``, 1 where that is not known.

    X² is at least n·m/(n+m)·(Σ|p−q|)², by Cauchy and Schwarz. In a pool of rare categories moves in opposite directions
    cancel: at most those of all of its categories but the largest.
    """
    both, (n, m) = reference + current, (int(reference.sum()), int(current.sum()))
    if not n or not m:
        return 1.0
    pooled = rare_categories(both, min(n, m) / (n + m))
    freedom = int(np.count_nonzero(both[~pooled])) + bool(pooled.any()) - 1
    inside = both[pooled]
    left = distance - (int(inside.sum() - inside.max()) / min(n, m) if len(inside) else 0.0)
    if freedom < 1 or left <= 0:
        return 1.0
    return _tested((2 * left) ** 2 * n * m / (n + m), freedom).p_value


def rare_against_others(reference: IntArray, current: IntArray) -> Homogeneity:
    """Return the exact test of the rarest categories on both sides (Fisher 1935), with one degree of freedom.

    Rare are those below the middle of the counts that occur in both together. If all occur as often, as identifiers
    do, the p-value is 1.
    """
    both = reference + current
    levels = np.unique(both[both > 0])
    if len(levels) < 2:
        return Homogeneity(0.0, 0, 1.0)
    from scipy.stats import hypergeom

    rare = both < levels[len(levels) // 2]
    inside, size = int(reference[rare].sum()), int(reference.sum())
    rows, few = int(both.sum()), int(both[rare].sum())
    below, above = (
        float(tail) for tail in (hypergeom.cdf(inside, rows, few, size), hypergeom.sf(inside - 1, rows, few, size))
    )
    share = few / rows
    spread = size * share * (1 - share) * (rows - size) / max(rows - 1, 1)
    apart = (inside - size * share) ** 2 / spread if spread > 0 else 0.0
    return Homogeneity(apart, 1, min(1.0, 2 * min(below, above)))


def pooled_rare(reference: IntArray, current: IntArray, least: float = RELIABLE_EXPECTED) -> tuple[IntArray, IntArray]:
    """Join the rarest categories into one until no expected count is below ``least``."""
    both = reference + current
    joined = rare_categories(both, min(reference.sum(), current.sum()) / max(both.sum(), 1), least)
    return (_joined(reference, joined), _joined(current, joined)) if joined.any() else (reference, current)


def rare_categories(
    both: IntArray, smaller_share: float, least: float = RELIABLE_EXPECTED
) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Return which categories are joined into one, none where all expect enough, ``(n_categories,)``.

    Parameters
    ----------
    both
        Rows of each category on both sides, ``(n_categories,)``.
    smaller_share
        The share of the smaller side in all rows.
    least
        The expected count that is enough.
    """
    few = both * smaller_share < least
    joined = np.zeros(len(both), dtype=bool)
    if few.any():
        order = np.argsort(both, kind="stable")
        reach = int(np.searchsorted(np.cumsum(both[order]) * smaller_share, least)) + 1
        joined[order[: max(reach, int(few.sum()))]] = True
    return joined


def cramers_v(reference: IntArray, current: IntArray) -> float:
    """Return √(X²/N) of the 2 x k table: Cramér's V without bias correction (Cramér 1946, p. 282)."""
    total = int(reference.sum() + current.sum())
    return math.sqrt(pearson(reference, current).statistic / total)


def _joined(counts: IntArray, mask: np.ndarray[Any, np.dtype[np.bool_]]) -> IntArray:
    return np.append(counts[~mask], counts[mask].sum())


def _table(reference: IntArray, current: IntArray) -> tuple[FloatArray, FloatArray]:
    occurring = (reference + current) > 0
    observed = np.array([reference[occurring], current[occurring]], dtype=np.float64)
    return observed, observed.sum(axis=1, keepdims=True) * observed.sum(axis=0) / observed.sum()


def _tested(statistic: float, freedom: int) -> Homogeneity:
    if freedom < 1:
        return Homogeneity(0.0, 0, 1.0)
    from scipy.special import chdtrc

    return Homogeneity(statistic, freedom, float(chdtrc(freedom, statistic)))
