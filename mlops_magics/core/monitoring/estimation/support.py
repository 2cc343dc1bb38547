"""Whether an estimate can be trusted: it cannot where the data leave what the reference covered."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from mlops_magics.core.monitoring.profiling.profiler import FeatureProfile
from mlops_magics.core.monitoring.profiling.samples import CategorySample, NumericSample
from mlops_magics.core.monitoring.reading.column_values import Column

TOLERATED = 0.05  # of rows with a value outside the reference's range or categories


def share_outside(reference: FeatureProfile, column: Column) -> float:
    """Return the share of present values that lie outside the reference's range, or in a category that it never saw."""
    sample = reference.sample
    if isinstance(sample, NumericSample) != (not column.coded) or not sample.n:
        return 0.0
    if isinstance(sample, NumericSample):
        values = column.values[np.isfinite(column.values)]
        outside = np.count_nonzero((values < sample.moments.minimum) | (values > sample.moments.maximum))
        return outside / len(values) if len(values) else 0.0
    counts, known = column.counts(), set(sample.labels)
    unseen = (
        sum(int(count) for label, count in zip(column.labels, counts) if label not in known) if not sample.other else 0
    )
    return unseen / int(counts.sum()) if counts.sum() else 0.0


def share_of_counts(reference: FeatureProfile, now: FeatureProfile) -> float:
    """Return the same share of what was counted."""
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


def outside_of_support(pairs: Iterable[tuple[FeatureProfile, Column]], tolerated: float = TOLERATED) -> list[str]:
    """Return the features in which more than ``tolerated`` of the rows leave the reference's support."""
    return [reference.name for reference, column in pairs if share_outside(reference, column) > tolerated]
