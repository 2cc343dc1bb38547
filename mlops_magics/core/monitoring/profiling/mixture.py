"""A mixture of stored profiles of one feature: as many rows of each as are wanted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import reduce
from operator import add

import numpy as np

from mlops_magics.core.monitoring.profiling.feature_profile import FeatureProfile
from mlops_magics.core.monitoring.profiling.samples import CategorySample, Moments, NumericSample, Sample, moments_of
from mlops_magics.core.monitoring.reading.column_values import FloatArray


def of_features(features: Sequence[FeatureProfile], shares: Sequence[float]) -> FeatureProfile:
    """Return the profile of a part of the rows of each profile.

    Parameters
    ----------
    features
        Profiles of one feature.
    shares
        The part of the rows of each, from 0 to 1.
    """
    if len(features) == 1 and shares[0] == 1:
        return features[0]
    first = features[0]
    parts = {
        name: of_features([each.parts[name] for each in features], shares)
        for name in first.parts
        if all(name in each.parts for each in features)
    }
    return replace(first, sample=_of_samples([each.sample for each in features], shares), parts=parts)


def _of_samples(samples: Sequence[Sample], shares: Sequence[float]) -> Sample:
    missing = round(sum(each.missing * share for each, share in zip(samples, shares)))
    numbers = [each for each in samples if isinstance(each, NumericSample)]
    if len(numbers) == len(samples):
        infinite = round(sum(each.infinite * share for each, share in zip(numbers, shares)))
        return _of_numbers(numbers, shares, missing, infinite)
    counts: dict[str, float] = {}
    other = 0.0
    for each, share in zip(samples, shares):
        if isinstance(each, CategorySample):
            other += each.other * share
            for label, count in zip(each.labels, each.counts.tolist()):
                counts[label] = counts.get(label, 0.0) + count * share
    return CategorySample(tuple(counts), np.round(list(counts.values())).astype(np.int64), missing, round(other))


def _of_numbers(
    samples: Sequence[NumericSample], shares: Sequence[float], missing: int, infinite: int
) -> NumericSample:
    held = [(each, share) for each, share in zip(samples, shares) if each.n and share > 0]
    if not held:
        return NumericSample(np.empty(0), moments_of(np.empty(0)), missing, infinite, np.empty(0, dtype=np.int64))
    edges = np.unique(np.concatenate([each.values for each, _ in held]))
    below = np.round(sum(_at_most(each, edges) * share for each, share in held)).astype(np.int64)
    moments = reduce(add, (_scaled(each.moments, share) for each, share in held))
    kept = np.diff(below, prepend=0) > 0
    whole = replace(moments, n=int(below[-1]))
    return NumericSample(edges[kept], whole, missing, infinite, below[kept])


def _at_most(sample: NumericSample, points: FloatArray) -> FloatArray:
    """Return the rows up to each point, evenly spread within the bins of a sample that keeps quantiles."""
    exact = sample.at_most(points).astype(np.float64)
    if sample.cumulative is None or sample.n <= 2 * len(sample.values):
        return exact
    between = np.interp(points, sample.values, sample.cumulative)
    steps = np.diff(sample.cumulative, prepend=0)
    return np.where(np.median(steps) > steps.max() / 4, between, exact)  # quantile bins hold about the same number each


def _scaled(moments: Moments, share: float) -> Moments:
    n = max(round(moments.n * share), 1)
    return replace(moments, n=n, squares=moments.squares * n / moments.n)
