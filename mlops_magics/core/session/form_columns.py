"""The columns of a version as a form shows them: with example rows, and the distribution of each at training."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mlops_magics.core.wire.encoding import to_json
from mlops_magics.core.wire.endpoint_records import FormColumn, FormPrototype
from mlops_magics.errors import MlopsError

if TYPE_CHECKING:
    from mlops_magics.core.monitoring.profiling.feature_profile import FeatureProfile
    from mlops_magics.core.versioning import Board, ModelVersion
    from mlops_magics.core.versioning.describing.column import Column

PROFILE = "profile.json"
BINS = 22
"""Bars of the histogram below a slider."""
MOST_KNOWN = 24
"""Values of a text that are offered."""


def of(board: Board, version: ModelVersion) -> FormPrototype:
    """Return the columns of a form, and the example rows that fill it."""
    if version.prototype is None:
        return FormPrototype((), ())
    profile = _profile(board, version)
    columns = tuple(_column(column, profile.get(column.name)) for column in version.prototype.columns)
    return FormPrototype(columns, tuple(to_json(list(version.prototype.examples))))


def _profile(board: Board, version: ModelVersion) -> Mapping[str, FeatureProfile]:
    """Return the features of the version's reference profile, none where it has none that can be read."""
    from mlops_magics.core.monitoring import ReferenceProfile

    if version.stored(PROFILE) is None:
        return {}
    try:
        return ReferenceProfile.from_bytes(board.read_file(version, PROFILE)).features
    except (MlopsError, ValueError, KeyError, TypeError):
        return {}


def _column(column: Column, profile: FeatureProfile | None) -> FormColumn:
    return FormColumn(
        name=column.name,
        kind=column.kind,
        categories=None if column.categories is None else tuple(to_json(list(column.categories))),
        minimum=to_json(column.minimum),
        maximum=to_json(column.maximum),
        nullable=bool(column.nullable),
        example=to_json(column.example),
        counts=_counts(column, profile),
        known=known_texts(column.kind, profile),
    )


def known_texts(kind: str, profile: FeatureProfile | None) -> tuple[str, ...]:
    """Return the values of a text at training, the most frequent first, nothing where they are many."""
    sample: Any = None if profile is None else profile.sample
    if kind != "string" or not hasattr(sample, "labels") or len(sample.labels) > MOST_KNOWN:
        return ()
    ranked = sorted(zip(sample.labels, sample.counts.tolist()), key=lambda each: -each[1])
    return tuple(str(label) for label, _ in ranked)


def _counts(column: Column, profile: FeatureProfile | None) -> tuple[int, ...]:
    """Return the training rows of each category, or of `BINS` equal parts from the least to the largest value."""
    if profile is None:
        return ()
    if column.categories is not None:
        return _by_label(column.categories, profile.sample)
    if isinstance(column.minimum, int | float) and isinstance(column.maximum, int | float) and not profile.coded:
        return _in_bins(float(column.minimum), float(column.maximum), profile.sample)
    return ()


def _by_label(labels: Any, sample: Any) -> tuple[int, ...]:
    if not hasattr(sample, "labels"):
        return ()
    counts = dict(zip(sample.labels, sample.counts.tolist()))
    return tuple(int(counts.get(str(label), 0)) for label in labels)


def _in_bins(low: float, high: float, sample: Any) -> tuple[int, ...]:
    import numpy as np

    from mlops_magics.core.monitoring.statistics import binning

    if not high > low:
        return ()
    return tuple(binning.counts_up_to(sample, np.linspace(low, high, BINS + 1)[1:-1]).tolist())
