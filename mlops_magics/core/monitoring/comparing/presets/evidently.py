"""Evidently 0.7's drift scores and verdicts, including its faults, which are named at each.

Missing and infinite values are dropped first. A score is a p-value or a distance, as Evidently reports it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mlops_magics.core.monitoring.comparing.drift_options import DriftOptions
from mlops_magics.core.monitoring.comparing.findings import Finding
from mlops_magics.core.monitoring.comparing.presets import row_pairs
from mlops_magics.core.monitoring.comparing.presets.row_pairs import Pair
from mlops_magics.core.monitoring.profiling import samples
from mlops_magics.core.monitoring.statistics import kolmogorov, ranks, shares
from mlops_magics.errors import NotFound

if TYPE_CHECKING:
    import pandas as pd

SMALL_REFERENCE = 1_000  # rows up to which tests are the default, beyond it distances
FEW_VALUES = 5  # a number with at most so many distinct values counts as a category
MANY_VALUES = 20  # distinct reference values above which numbers are binned
TINY_SCALE = (
    0.001  # the least standard deviation that Wasserstein is divided by: hides drift in features of small scale
)
PERMUTATIONS = 1_000


@dataclass(frozen=True, slots=True)
class Method:
    """One of Evidently's tests: its score, its threshold, and on which side of it is drift."""

    compute: Callable[[Pair], float]
    threshold: float
    of_distance: bool
    numeric: bool = True
    categorical: bool = True
    inclusive: bool = False

    def drifted(self, score: float) -> bool:
        """Return Evidently's verdict, which is not drift for an undefined score."""
        if self.of_distance:
            return score >= self.threshold
        return score <= self.threshold if self.inclusive else score < self.threshold


def drift(reference: Any, current: Any, how: DriftOptions) -> pd.DataFrame:
    """Compare as Evidently's ``DataDriftPreset`` does, or by named methods (its names or ours).

    Raises
    ------
    NotFound
        An unknown method.
    """
    for name in how.statistics or ():
        if ALIASES.get(name, name) not in METHODS:
            raise NotFound("statistic of the evidently preset", name, sorted({*METHODS, *ALIASES}))
    return row_pairs.tabulate(reference, current, how, lambda pair, period: _findings(pair, period, how.statistics))


def _findings(pair: Pair, period: str, names: Sequence[str] | None) -> Iterator[Finding]:
    for name in names if names is not None else [default_method(pair)]:
        method = METHODS[ALIASES.get(name, name)]
        if names is not None and not (method.categorical if pair.coded else method.numeric):
            continue
        score = method.compute(pair)
        yield Finding(
            pair.name,
            name if names is not None else OURS.get(name, name),
            period,
            pair.n,
            pair.m,
            score,
            math.nan if method.of_distance else score,
            method.threshold,
            structural=method.drifted(score),
        )


def default_method(pair: Pair) -> str:
    """Return the method that Evidently takes when none is named."""
    distinct = len(np.union1d(pair.reference, pair.current))
    if pair.n > SMALL_REFERENCE:
        return "wasserstein" if not pair.coded and distinct > FEW_VALUES else "jensenshannon"
    if not pair.coded and distinct > FEW_VALUES:
        return "ks"
    return "z" if distinct <= 2 else "chisquare"


def binned(pair: Pair, filled: bool) -> tuple[Any, Any]:
    """Return shares in Sturges' bins of both samples pooled (they depend on the current data), or per distinct
    value."""
    if not pair.coded and len(np.unique(pair.reference)) > MANY_VALUES:
        edges = _sturges(np.concatenate((pair.reference, pair.current)), pair.whole)
        counts = [np.histogram(values, edges)[0] for values in (pair.reference, pair.current)]
    else:
        counts = list(pair.counts())
    first, second = counts[0] / pair.n, counts[1] / pair.m
    return (_filled(first), _filled(second)) if filled else (first, second)


def _sturges(values: Any, whole: bool) -> Any:
    # numpy makes bins of integers at least 1 wide, and Evidently bins the column as it is
    return np.histogram_bin_edges(values.astype(np.int64) if whole else values, bins="sturges")


def _filled(share: Any) -> Any:
    least = share[share > 0].min()
    return np.where(share == 0, least / 1e6 if least <= 1e-4 else 1e-4, share)


def _kullback_leibler(pair: Pair) -> float:
    p, q = binned(pair, filled=True)
    p, q = p / p.sum(), q / q.sum()
    return float(np.sum(p * np.log(p / q)))


def _hellinger(pair: Pair) -> float:
    if pair.coded:
        first, second = binned(pair, filled=False)
    else:
        edges = _sturges(np.union1d(pair.reference, pair.current), pair.whole)
        first, second = (np.histogram(values, edges)[0] / len(values) for values in (pair.reference, pair.current))
    return math.sqrt(1.0 - min(max(float(np.sum(np.sqrt(first * second))), 0.0), 1.0))


def _goodness_of_fit(pair: Pair) -> float:
    """Return the p-value of the current counts against the reference's, taken as if they were exact: alarms far too
    often."""
    from scipy.special import chdtrc

    reference, current = pair.counts()
    expected = reference * (pair.m / pair.n)
    if len(expected) < 2:
        return math.nan
    if (expected == 0).any():
        return 0.0
    return float(chdtrc(len(expected) - 1, float(np.sum((current - expected) ** 2 / expected))))


def _likelihood_ratio(pair: Pair) -> float:
    """Return the p-value of the current counts against the reference's as they are: defined for equally many rows
    only."""
    from scipy.stats import power_divergence

    reference, current = pair.counts()
    if pair.n != pair.m:
        return math.nan
    with np.errstate(all="ignore"):
        return float(power_divergence(current, reference, lambda_="log-likelihood").pvalue)


def _fisher_exact(pair: Pair) -> float:
    """Return the p-value of Fisher's test, for two categories and equally many rows only."""
    from scipy.stats import fisher_exact

    reference, current = pair.counts()
    if pair.n != pair.m or len(reference) > 2:
        return math.nan
    return float(fisher_exact([_two(current), _two(reference)]).pvalue)


def _two(counts: Any) -> list[int]:
    return [int(count) for count in counts] + [0] * (2 - len(counts))


def _proportion(pair: Pair) -> float:
    """Return the p-value of a z-test of one category (the first in order) against the rest."""
    reference, current = pair.counts()
    if len(reference) < 2:
        return 1.0
    first, second = 1 - reference[0] / pair.n, 1 - current[0] / pair.m
    pooled = (first * pair.n + second * pair.m) / (pair.n + pair.m)
    z = abs(first - second) / math.sqrt(pooled * (1 - pooled) * (1 / pair.n + 1 / pair.m))
    from scipy.special import ndtr

    return float(2 * (1 - ndtr(z)))


def _permuted_total_variation(pair: Pair) -> float:
    """Return the share of 1000 shuffles (seed 0) whose total variation reaches the observed one."""
    shuffled = np.random.RandomState(0)
    pooled = np.concatenate((pair.reference, pair.current)).astype(np.int64)
    kinds = int(pooled.max()) + 1
    whole = np.bincount(pooled, minlength=kinds)

    def distance(first: Any) -> float:
        return float(0.5 * np.sum(np.abs(first / pair.n - (whole - first) / pair.m)))

    observed = distance(np.bincount(pooled[: pair.n], minlength=kinds))
    reached = sum(
        observed <= distance(np.bincount(shuffled.choice(pooled, pair.n, replace=False), minlength=kinds))
        for _ in range(PERMUTATIONS)
    )
    return reached / PERMUTATIONS


def _mises(pair: Pair) -> float:
    from scipy.stats import cramervonmises_2samp

    return float(cramervonmises_2samp(pair.reference, pair.current, method="asymptotic").pvalue)


def _anderson(pair: Pair) -> float:
    return ranks.anderson(*_samples(pair))[1]


def _epps_singleton(pair: Pair) -> float:
    from scipy.stats import epps_singleton_2samp

    try:
        with np.errstate(all="ignore"):
            return float(epps_singleton_2samp(pair.reference, pair.current).pvalue)
    except (ValueError, np.linalg.LinAlgError):  # no spread in the middle half
        return math.nan


def _mann_whitney(pair: Pair) -> float:
    """Return the one-sided p-value: a shift downwards is never found."""
    from scipy.stats import mannwhitneyu

    return float(mannwhitneyu(pair.reference, pair.current, alternative="less").pvalue)


def _ks(pair: Pair) -> float:
    reference, current = _samples(pair)
    return kolmogorov.p_value(reference, current, kolmogorov.distance(reference, current))


def _wasserstein(pair: Pair) -> float:
    reference, current = _samples(pair)
    return ranks.wasserstein(reference, current) / max(math.sqrt(reference.moments.squares / reference.n), TINY_SCALE)


def _samples(pair: Pair) -> tuple[samples.NumericSample, samples.NumericSample]:
    return samples.sort_numbers(pair.reference), samples.sort_numbers(pair.current)


METHODS = {
    "ks": Method(_ks, 0.05, of_distance=False, categorical=False, inclusive=True),
    "wasserstein": Method(_wasserstein, 0.1, of_distance=True, categorical=False),
    "jensenshannon": Method(
        lambda pair: shares.jensen_shannon(*binned(pair, False), base=math.e), 0.1, of_distance=True
    ),
    "psi": Method(lambda pair: shares.psi(*binned(pair, True)), 0.1, of_distance=True),
    "kl_div": Method(_kullback_leibler, 0.1, of_distance=True),
    "hellinger": Method(_hellinger, 0.1, of_distance=True),
    "ed": Method(lambda pair: ranks.energy(*_samples(pair)), 0.1, of_distance=True, categorical=False),
    "anderson": Method(_anderson, 0.1, of_distance=False, categorical=False),
    "cramer_von_mises": Method(_mises, 0.1, of_distance=False, categorical=False),
    "es": Method(_epps_singleton, 0.05, of_distance=False, categorical=False),
    "mannw": Method(_mann_whitney, 0.05, of_distance=False, categorical=False),
    "t_test": Method(
        lambda pair: ranks.student(*_samples(pair), equal_variance=True)[1], 0.05, of_distance=False, categorical=False
    ),
    "chisquare": Method(_goodness_of_fit, 0.05, of_distance=False, numeric=False),
    "g_test": Method(_likelihood_ratio, 0.1, of_distance=False, numeric=False),
    "fisher_exact": Method(_fisher_exact, 0.1, of_distance=False, numeric=False),
    "z": Method(_proportion, 0.05, of_distance=False, numeric=False),
    "TVD": Method(_permuted_total_variation, 0.1, of_distance=False, numeric=False),
}
ALIASES = {
    "kl": "kl_div",
    "energy": "ed",
    "cramervonmises": "cramer_von_mises",
    "mannwhitney": "mannw",
    "ttest": "t_test",
    "chi2": "chisquare",
    "g": "g_test",
    "tvd": "TVD",
}
OURS = {theirs: ours for ours, theirs in ALIASES.items()}
