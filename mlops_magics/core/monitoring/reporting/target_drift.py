"""Predictions and truths against those of training: they are no features, but they drift like them."""

from __future__ import annotations

from mlops_magics.core import progress
from mlops_magics.core.monitoring.comparing import univariate
from mlops_magics.core.monitoring.comparing.findings import Finding
from mlops_magics.core.monitoring.profiling.profiler import FeatureProfile, ReferenceProfile
from mlops_magics.core.monitoring.reading.column_values import Column
from mlops_magics.core.monitoring.reporting import histograms
from mlops_magics.core.monitoring.reporting.current import Current
from mlops_magics.core.monitoring.reporting.histograms import Distribution

NOT_YET_KNOWN = ("missing", "all_missing")  # a truth that has not arrived is no drift of the target


def compared(profile: ReferenceProfile, current: Current) -> list[Finding]:
    """Compare predictions with those on the training data, else with the target; truths with the target."""
    found = [
        finding
        for reference, column in _pairs(profile, current)
        for finding in univariate.compare(reference, column, current.windows)
    ]
    return [finding for finding in found if finding.statistic not in NOT_YET_KNOWN]


def counted(profile: ReferenceProfile, current: Current) -> tuple[Distribution, ...]:
    """Count features and roles in a few bars per period."""
    if current.counted is not None:
        return _of_counts(profile, current, current.counted)
    pairs = [
        (reference, univariate.like(reference, current.table.column(name)))
        for name, reference in profile.features.items()
        if name in current.table.names
    ]
    wanted = [*pairs, *_pairs(profile, current)]
    whole = [
        histograms.of_feature(reference, univariate.like(reference, column), current.windows)
        for reference, column in progress.each(wanted, "counting distributions", len(wanted), "features")
    ]
    return tuple(entry for entry in whole if entry is not None)


def _of_counts(
    profile: ReferenceProfile, current: Current, counts: tuple[ReferenceProfile, ...]
) -> tuple[Distribution, ...]:
    whole = [
        histograms.of_counts(reference, [each.features[name] for each in counts])
        for name, reference in profile.features.items()
        if counts and name in counts[0].features
    ] + [
        histograms.of_feature(reference, univariate.like(reference, column), current.windows)
        for reference, column in _pairs(profile, current)
    ]
    return tuple(entry for entry in whole if entry is not None)


def _pairs(profile: ReferenceProfile, current: Current) -> list[tuple[FeatureProfile, Column]]:
    pairs = []
    before = profile.prediction or profile.target
    if current.prediction is not None and before is not None:
        pairs.append((FeatureProfile("prediction", before.kind, before.native, before.sample), current.prediction))
    if current.truth is not None and profile.target is not None:
        pairs.append((profile.target, current.truth.column))
    return pairs
