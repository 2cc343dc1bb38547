"""Two-sample statistics of sorted numbers beside Kolmogorov-Smirnov: distances between distribution functions, and ranks."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np

from mlops_magics.core.monitoring.columns import FloatArray
from mlops_magics.core.monitoring.samples import NumericSample


def wasserstein(reference: NumericSample, current: NumericSample) -> float:
    """Return ∫|F−G|, the earth mover's distance in the feature's unit (Vallender 1974)."""
    gap, difference = _steps(reference, current)
    return float(np.dot(np.abs(difference), gap))


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
    """Return what a distance is divided by: the standard deviation (ddof 0), else IQR/1.349, else the range, else 0.

    The fallbacks serve references whose standard deviation is not finite; a constant one has no scale.
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
    """Return T and its asymptotic p-value (Anderson 1962, with mid-ranks); two equal constants give (0, 1).

    The correction term of scipy's formula makes two identical constant samples look different; they are not.
    """
    from scipy.stats import cramervonmises_2samp

    if constant_and_equal(reference, current):
        return 0.0, 1.0
    result = cramervonmises_2samp(reference.expanded(), current.expanded(), method="asymptotic")
    return float(result.statistic), float(result.pvalue)


def anderson(reference: NumericSample, current: NumericSample) -> tuple[float, float]:
    """Return the normalised k-sample Anderson-Darling statistic with mid-ranks (Scholz and Stephens 1987) and its p-value.

    The p-value is interpolated in their table, so it lies between 0.001 and 0.25.
    """
    from scipy.stats import anderson_ksamp

    if constant_and_equal(reference, current):
        return 0.0, 1.0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # scipy warns that the p-value is capped or floored, and of its new argument
        result = anderson_ksamp([reference.expanded(), current.expanded()], **_midrank_option())
    return float(result.statistic), float(result.pvalue)


def _midrank_option() -> dict[str, Any]:
    """Return the argument that asks for mid-ranks, in the spelling of the installed scipy."""
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

    NaN where neither sample varies: the test is not defined there.
    """
    a, b = reference.moments, current.moments
    if a.n + b.n < 3 or a.squares + b.squares == 0 or (not equal_variance and min(a.n, b.n) < 2):
        return float("nan"), float("nan")
    from scipy.stats import ttest_ind_from_stats

    stds = [0.0 if moments.n < 2 else moments.std for moments in (a, b)]
    result = ttest_ind_from_stats(a.mean, stds[0], a.n, b.mean, stds[1], b.n, equal_var=equal_variance)
    return float(result.statistic), float(result.pvalue)


def constant_and_equal(reference: NumericSample, current: NumericSample) -> bool:
    """Tell whether both samples hold one value, and the same."""
    values = {reference.moments.minimum, reference.moments.maximum, current.moments.minimum, current.moments.maximum}
    return len(values) == 1
