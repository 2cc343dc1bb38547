"""Two-sample statistics of sorted numbers except Kolmogorov-Smirnov: distances of distribution functions, and ranks."""

from __future__ import annotations

import math
import warnings
from typing import Any, NamedTuple

import numpy as np

from mlops_magics.core.monitoring.profiling.samples import NumericSample
from mlops_magics.core.monitoring.reading.column_values import FloatArray, IntArray

BLOCK = 65_536  # current values that are integrated at a time, which bounds the temporary memory


class Places(NamedTuple):
    """The numbers of the reference's values below, and up to, each point: ``(n_points,)`` each."""

    below: IntArray
    at_most: IntArray


def place(reference: NumericSample, points: FloatArray) -> Places:
    """Find ascending points among the reference's values."""
    below = np.searchsorted(reference.values, points)
    tied = np.flatnonzero(reference.values[np.minimum(below, len(reference.values) - 1)] == points)
    if not len(tied):
        return Places(below, below)
    at_most = below.copy()
    at_most[tied] += 1  # complete where the reference holds a value once
    after = np.minimum(at_most[tied], len(reference.values) - 1)
    tied = tied[(at_most[tied] < len(reference.values)) & (reference.values[after] == points[tied])]
    if len(tied):
        at_most[tied] = np.searchsorted(reference.values, points[tied], side="right")
    return Places(below, at_most)


def wasserstein(reference: NumericSample, current: NumericSample, places: Places | None = None) -> float:
    """Return ∫|F−G|, the earth mover's distance in the feature's unit (Vallender 1974).

    Between two neighbouring current values G is constant and F rises, so they cross at most once: with the reference's
    prefix sums each stretch has a closed form, and nothing is merged or sorted again.
    """
    points = current.expanded()
    at_most = (places if places is not None else place(reference, points)).at_most
    middle, n, sums = reference.moments.mean, reference.n, reference.centred_sums
    first, last = points[0] - middle, points[-1] - middle
    total = (reference.count(at_most[0]) * first - sums[at_most[0]]) / n
    total += ((sums[-1] - sums[at_most[-1]]) - (n - reference.count(at_most[-1])) * last) / n
    for start in range(0, len(points) - 1, BLOCK):
        part = slice(start, min(start + BLOCK, len(points) - 1) + 1)
        total += _between(
            reference, points[part] - middle, at_most[part], (np.arange(start, part.stop - 1) + 1) / len(points)
        )
    return max(float(total), 0.0)


def _between(reference: NumericSample, points: FloatArray, at_most: IntArray, level: FloatArray) -> float:
    """Integrate |F−level| between neighbouring points, with centred values to keep precision.

    If F stays on one side of the level, that is |∫F−level|. The few stretches that it crosses are corrected apart.
    """
    area = _area(reference, points, at_most)
    stretches = np.abs(np.diff(area) - level * np.diff(points))
    reached = reference.index_of_share(level)  # F reaches the level at this value, if at all
    crossed = np.flatnonzero((reached > at_most[:-1]) & (reached <= at_most[1:]))
    if len(crossed):
        turn = reference.values[reached[crossed] - 1] - reference.moments.mean
        left, right = points[crossed], points[crossed + 1]
        stretches[crossed] = (
            level[crossed] * (2 * turn - left - right)
            + (area[crossed] + area[crossed + 1])
            - 2 * _area(reference, turn, reached[crossed])
        )
    return float(stretches.sum())


def _area(reference: NumericSample, points: FloatArray, index: IntArray) -> FloatArray:
    """Return ∫F up to each point, given the number of values up to each."""
    return np.asarray((reference.count(index) * points - reference.centred_sums[index]) / reference.n)


def energy(reference: NumericSample, current: NumericSample) -> float:
    """Return √(2∫(F−G)²), the energy distance (Székely and Rizzo 2013), as scipy's."""
    gap, difference = _steps(reference, current)
    return math.sqrt(2.0 * float(np.dot(difference * difference, gap)))


def _steps(reference: NumericSample, current: NumericSample) -> tuple[FloatArray, FloatArray]:
    """Return the widths between neighbouring pooled values, and F−G on each."""
    pooled = np.concatenate((reference.values, current.values))
    pooled.sort(kind="stable")  # merges two ascending runs
    difference = reference.at_most(pooled[:-1]) / reference.n - current.at_most(pooled[:-1]) / current.n
    return np.diff(pooled), difference


def scale(reference: NumericSample) -> float:
    """Return the divisor of a distance: the standard deviation (ddof 0), else IQR/1.349, else the range, else 0.

    The fallbacks are for references whose standard deviation is not finite. A constant one has no scale.
    """
    from mlops_magics.core.monitoring.statistics.binning import quantiles

    moments = reference.moments
    deviation = math.sqrt(moments.squares / moments.n)
    if deviation > 0 and math.isfinite(deviation):
        return deviation
    low, high = quantiles(reference, np.array([0.25, 0.75]))
    for width in ((high - low) / 1.349, moments.maximum - moments.minimum):
        if width > 0 and math.isfinite(width):
            return float(width)
    return 0.0


def cramer_von_mises(reference: NumericSample, current: NumericSample) -> tuple[float, float]:
    """Return T and its asymptotic p-value (Anderson 1962, with mid-ranks), (0, 1) for two equal constants.

    The correction term of scipy's formula makes two identical constant samples look different. NaN for a single
    observation on either side, to which the limiting distribution does not apply.
    """
    from scipy.stats import cramervonmises_2samp

    if constant_and_equal(reference, current):
        return 0.0, 1.0
    if min(reference.n, current.n) < 2:
        return math.nan, math.nan
    result = cramervonmises_2samp(reference.expanded(), current.expanded(), method="asymptotic")
    return float(result.statistic), float(result.pvalue)


def anderson(reference: NumericSample, current: NumericSample) -> tuple[float, float]:
    """Return the normalised k-sample Anderson-Darling statistic with mid-ranks (Scholz and Stephens 1987) and its
    p-value.

    The p-value is interpolated in their table, so it is between 0.001 and 0.25. NaN for fewer than four observations
    in all: their variance (eq. 4) divides by N−3.
    """
    from scipy.stats import anderson_ksamp

    if constant_and_equal(reference, current):
        return 0.0, 1.0
    if reference.n + current.n < 4:
        return math.nan, math.nan
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # scipy warns that the p-value is capped or floored, and of its new argument
        result = anderson_ksamp([reference.expanded(), current.expanded()], **_midrank_option())
    return float(result.statistic), float(result.pvalue)


def _midrank_option() -> dict[str, Any]:
    """Return the argument that selects mid-ranks, in the spelling of the installed scipy."""
    import inspect

    from scipy.stats import anderson_ksamp

    return {"variant": "midrank"} if "variant" in inspect.signature(anderson_ksamp).parameters else {"midrank": True}


def mann_whitney(reference: NumericSample, current: NumericSample) -> tuple[float, float]:
    """Return U of the reference and the two-sided p-value (Mann and Whitney 1947).

    Exact for at most 8 rows without ties, else the normal approximation with ties and continuity corrected, as scipy's.
    """
    from scipy.stats import mannwhitneyu

    if constant_and_equal(reference, current):
        return reference.n * current.n / 2, 1.0
    result = mannwhitneyu(reference.expanded(), current.expanded(), alternative="two-sided")
    return float(result.statistic), float(result.pvalue)


def student(reference: NumericSample, current: NumericSample, equal_variance: bool) -> tuple[float, float]:
    """Return t of the means and its two-sided p-value: Student's (equal variances) or Welch's (1947).

    NaN where the test is not defined: too few rows, or two equal constants. Two different constants are infinitely far
    apart.
    """
    a, b = reference.moments, current.moments
    if a.n + b.n < 3 or (not equal_variance and min(a.n, b.n) < 2):
        return math.nan, math.nan
    if a.squares + b.squares == 0:
        return (math.nan, math.nan) if a.mean == b.mean else (math.copysign(math.inf, a.mean - b.mean), 0.0)
    from scipy.stats import ttest_ind_from_stats

    means = _means(reference, current)
    stds = [0.0 if moments.n < 2 else moments.std for moments in (a, b)]
    result = ttest_ind_from_stats(means[0], stds[0], a.n, means[1], stds[1], b.n, equal_var=equal_variance)
    return float(result.statistic), float(result.pvalue)


def _means(reference: NumericSample, current: NumericSample) -> tuple[float, float]:
    """Return both means less a common value, where that keeps every digit (Sterbenz 1974): those of times, a thousand
    million seconds from zero, have too few digits left for their difference."""
    a, b = reference.moments, current.moments
    low, high = min(a.minimum, b.minimum), max(a.maximum, b.maximum)
    near, far = (low, high) if low > 0 else (high, low)
    if (
        near * far <= 0
        or abs(far) > 2 * abs(near)
        or reference.cumulative is not None
        or current.cumulative is not None
    ):
        return a.mean, b.mean
    return float((reference.values - near).mean()), float((current.values - near).mean())


def constant_and_equal(reference: NumericSample, current: NumericSample) -> bool:
    """Return whether both samples hold one value, and the same."""
    values = {reference.moments.minimum, reference.moments.maximum, current.moments.minimum, current.moments.maximum}
    return len(values) == 1
