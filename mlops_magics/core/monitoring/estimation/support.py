"""The validity of an estimate, which ends where the data leave the support of the reference."""

from __future__ import annotations

import numpy as np

from mlops_magics.core.monitoring.profiling.feature_profile import FeatureProfile
from mlops_magics.core.monitoring.profiling.samples import CategorySample, NumericSample

TOLERATED = 0.05
"""Share of the values outside the reference's range or categories."""
TIMELESS = ("numeric", "categorical")
"""Kinds that have a support. Times always leave the range of the reference."""


def share_outside(reference: FeatureProfile, now: FeatureProfile) -> float:
    """Return the share of present values outside the reference's range, or in a category that it never had."""
    before, sample = reference.sample, now.sample
    if not before.n or not sample.n:
        return 0.0
    if isinstance(before, NumericSample) and isinstance(sample, NumericSample):
        ends = np.array([before.moments.minimum]), np.array([before.moments.maximum])
        return 1 - int(sample.at_most(ends[1])[0] - sample.less_than(ends[0])[0]) / sample.n
    if isinstance(before, CategorySample) and isinstance(sample, CategorySample) and not before.other:
        known = set(before.labels)
        return sum(int(n) for label, n in zip(sample.labels, sample.counts) if label not in known) / sample.n
    return 0.0


def leaves(reference: FeatureProfile, now: FeatureProfile, tolerated: float = TOLERATED) -> bool:
    """Return whether more than ``tolerated`` of the values are outside the reference's support."""
    return reference.kind in TIMELESS and share_outside(reference, now) > tolerated
