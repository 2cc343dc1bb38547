"""Drift of predictions and of the target."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from mlops_magics.core.monitoring.comparing import univariate
from mlops_magics.core.monitoring.comparing.findings import Finding
from mlops_magics.core.monitoring.comparing.row_effects import GroupedRows, RowEffects
from mlops_magics.core.monitoring.counting.label_columns import spelled_as
from mlops_magics.core.monitoring.profiling.feature_profile import FeatureProfile
from mlops_magics.core.monitoring.profiling.observed import Observed
from mlops_magics.core.monitoring.profiling.reference_profile import ReferenceProfile
from mlops_magics.core.monitoring.profiling.row_features import CastColumns, ObservedRows
from mlops_magics.core.monitoring.reading.tables import NamedColumns
from mlops_magics.core.monitoring.reporting.current import Current

NOT_YET_KNOWN = ("missing", "all_missing")
"""A truth that has not arrived is not drift of the target."""


def compare(profile: ReferenceProfile, current: Current) -> list[Finding]:
    """Compare predictions with those on the training data, else with the target, and truths with the target."""
    references, observed = roles_of(profile, current)
    found = univariate.compare_features(references, observed, effects=_effects(references, current))
    return [finding for finding in found if finding.statistic not in NOT_YET_KNOWN]


def _effects(references: Mapping[str, FeatureProfile], current: Current) -> RowEffects | None:
    """Return the design effects of prediction and target, where rows depend on each other."""
    if current.groups is None:
        return None
    return RowEffects(GroupedRows(CastColumns(_columns(references, current), references), current.groups))


def roles_of(profile: ReferenceProfile, current: Current) -> tuple[dict[str, FeatureProfile], Observed]:
    """Return prediction and target as features, of the reference and of the current data."""
    before = profile.prediction or profile.target
    if current.counted_roles is not None and before is not None:
        return {"prediction": replace(before, name="prediction")}, current.counted_roles
    references = {}
    if current.prediction is not None and before is not None:
        references["prediction"] = replace(before, name="prediction")
    if current.truth is not None and profile.target is not None and len(current.truth.columns) == 1:
        references["target"] = replace(profile.target, name="target")
    columns = _columns(references, current)
    return references, ObservedRows(columns, current.windows if references else (), references)


def _columns(references: Mapping[str, FeatureProfile], current: Current) -> NamedColumns:
    """Return those of prediction and target that are compared."""
    held = {
        "prediction": current.prediction,
        "target": current.truth.column if current.truth is not None and "target" in references else None,
    }
    known = {name: column for name, column in held.items() if name in references and column is not None}
    return NamedColumns({name: spelled_as(references[name], column) for name, column in known.items()})
