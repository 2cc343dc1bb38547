"""Drift of predictions and of the target."""

from __future__ import annotations

from dataclasses import replace

from mlops_magics.core.monitoring.comparing import univariate
from mlops_magics.core.monitoring.comparing.findings import Finding
from mlops_magics.core.monitoring.profiling.feature_profile import FeatureProfile
from mlops_magics.core.monitoring.profiling.observed import Observed
from mlops_magics.core.monitoring.profiling.reference_profile import ReferenceProfile
from mlops_magics.core.monitoring.profiling.row_features import ObservedRows
from mlops_magics.core.monitoring.reading.tables import NamedColumns
from mlops_magics.core.monitoring.reporting.current import Current

NOT_YET_KNOWN = ("missing", "all_missing")
"""A truth that has not arrived is not drift of the target."""


def compare(profile: ReferenceProfile, current: Current) -> list[Finding]:
    """Compare predictions with those on the training data, else with the target; truths with the target."""
    references, observed = roles_of(profile, current)
    found = univariate.compare_features(references, observed)
    return [finding for finding in found if finding.statistic not in NOT_YET_KNOWN]


def roles_of(profile: ReferenceProfile, current: Current) -> tuple[dict[str, FeatureProfile], Observed]:
    """Return prediction and target as features, of the reference and of the current data."""
    before = profile.prediction or profile.target
    references, columns = {}, {}
    if current.prediction is not None and before is not None:
        references["prediction"], columns["prediction"] = replace(before, name="prediction"), current.prediction
    if current.truth is not None and profile.target is not None:
        references["target"], columns["target"] = replace(profile.target, name="target"), current.truth.column
    return references, ObservedRows(NamedColumns(columns), current.windows if columns else (), references)
