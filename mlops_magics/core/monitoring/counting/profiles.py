"""The profile of training data of any size."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from mlops_magics.core import progress
from mlops_magics.core.monitoring.counting import one_pass
from mlops_magics.core.monitoring.profiling import covariance, dependence, profiler
from mlops_magics.core.monitoring.profiling.feature_profile import FeatureProfile
from mlops_magics.core.monitoring.profiling.reference_profile import ReferenceProfile
from mlops_magics.core.monitoring.reading import tables
from mlops_magics.core.monitoring.reading.column_values import Column, FloatArray


def profile(
    X: Any, truth: Any = None, prediction: Any = None, *, categorical: Iterable[str] | None = None
) -> ReferenceProfile:
    """Profile training data.

    Parameters
    ----------
    X
        Features ``(n_samples, n_features)``: a frame of any library, or an array.
    truth, prediction
        The target and the model's answers, ``(n_samples,)``.
    categorical
        Names of numeric features that are really categories.
    """
    chosen = frozenset(categorical or ())
    if truth is None and prediction is None and one_pass.is_large(X):
        return one_pass.profile_of(X, chosen)
    table = tables.read(X)
    features: dict[str, FeatureProfile] = {}
    numeric: list[Column] = []
    paired: dict[str, FloatArray] = {}
    for name in progress.each(table.names, "learning distributions", len(table.names), "features"):
        column = tables.column_as(table, name, name in chosen)
        features[name] = profiler.of_column(column)
        if column.kind == "numeric":
            numeric.append(column)
        numbers = dependence.numbers_of(column)
        if numbers is not None:
            paired[name] = numbers
    target, answers = _of_role("target", truth), _of_role("prediction", prediction)
    return ReferenceProfile(
        features,
        table.rows,
        target,
        answers,
        covariance=covariance.of_columns(numeric),
        dependence=dependence.of_columns(paired),
    )


def _of_role(name: str, values: Any) -> FeatureProfile | None:
    return None if values is None else profiler.of_column(tables.column_of(name, values))
