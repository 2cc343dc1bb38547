"""Profiles of parts, added up to the profile of the whole."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np

from mlops_magics.core.monitoring.profiling import derived_features, profile_json, profiler
from mlops_magics.core.monitoring.profiling.covariance import Covariance
from mlops_magics.core.monitoring.profiling.profiler import FeatureProfile, ReferenceProfile
from mlops_magics.core.monitoring.profiling.samples import CategorySample, NumericSample, Sample, moments_of
from mlops_magics.core.monitoring.reading.column_values import MISSING_CODE, Column, Native
from mlops_magics.errors import InvalidInput

SEGMENTS = "segments"  # the fact that holds a profile per value of a column


def merged_profiles(first: ReferenceProfile, second: ReferenceProfile) -> ReferenceProfile:
    """Return the profile of both parts together."""
    if tuple(first.features) != tuple(second.features):
        apart = sorted(set(first.features) ^ set(second.features)) or list(first.features)
        raise InvalidInput(
            f"Two profiles can be merged when they have the same features in the same order; {apart[0]!r} differs."
        )
    features = {name: merged(feature, second.features[name]) for name, feature in first.features.items()}
    return ReferenceProfile(
        features,
        first.rows + second.rows,
        merged(first.target, second.target) if first.target and second.target else None,
        merged(first.prediction, second.prediction) if first.prediction and second.prediction else None,
        _facts(first.facts, second.facts, features),
        _together(first.covariance, second.covariance),
    )


def _facts(
    first: Mapping[str, Any], second: Mapping[str, Any], features: Mapping[str, FeatureProfile]
) -> dict[str, Any]:
    """Keep what both know alike, and add segments up."""
    kept = {name: fact for name, fact in first.items() if name != SEGMENTS and second.get(name) == fact}
    sides = first.get(SEGMENTS, {}), second.get(SEGMENTS, {})
    common = [name for name in sides[0] if name in sides[1]]
    if common:
        kept[SEGMENTS] = {name: _segments(sides[0][name], sides[1][name], features) for name in common}
    return kept


def _segments(
    first: Mapping[str, Any], second: Mapping[str, Any], features: Mapping[str, FeatureProfile]
) -> dict[str, Any]:
    """Add up the profiles of each value; one that occurs in one part only is that part's."""
    found = {}
    for label in dict.fromkeys((*first, *second)):
        held = [profile_json.of_document(side[label]) for side in (first, second) if label in side]
        whole = held[0] if len(held) == 1 else merged_profiles(*held)
        alike = {name: _of_kind(each, features[name]) for name, each in whole.features.items()}
        found[label] = profile_json.to_json(dataclasses.replace(whole, features=alike))
    return found


def _of_kind(feature: FeatureProfile, whole: FeatureProfile) -> FeatureProfile:
    """Read the feature of a segment as the kind that it has in all rows, which a part may not have seen."""
    if whole.kind == "text" and feature.native != "empty":
        return _as_text(feature)
    return _nothing(whole, feature.sample.total) if feature.native == "empty" != whole.native else feature


def _nothing(like: FeatureProfile, missing: int) -> FeatureProfile:
    """Return a feature of this kind without a value."""
    between = [part.name for part in derived_features.parts_of(like.kind) if part.in_order]
    taken_apart = {name: _nothing(part, 0 if name in between else missing) for name, part in like.parts.items()}
    sample: Sample = CategorySample((), np.empty(0, dtype=np.int64), missing)
    if isinstance(like.sample, NumericSample):
        nothing = np.empty(0)
        sample = NumericSample(nothing, moments_of(nothing), missing, 0, np.empty(0, dtype=np.int64))
    return FeatureProfile(like.name, like.kind, like.native, sample, taken_apart)


def _together(first: Covariance | None, second: Covariance | None) -> Covariance | None:
    """Add how features go together over rows in which each has a value: a part in which one never has, has no such
    row."""
    held = [each for each in (first, second) if each is not None]
    names = {name for each in held for name in each.names}
    whole = [each for each in held if set(each.names) == names]
    if not whole or len(held) < 2:
        return None
    return whole[0] if len(whole) == 1 else whole[0] + whole[1]


def merged(first: FeatureProfile, second: FeatureProfile, bins: int | None = profiler.BINS) -> FeatureProfile:
    """Add two profiles of one feature up; with ``bins=None`` at every edge that either has."""
    if "empty" in (first.native, second.native):
        kept, other = (second, first) if first.native == "empty" else (first, second)
        return _with_missing(kept, other.sample.total)
    if "text" in (first.kind, second.kind):
        first, second = _as_text(first), _as_text(second)
    if first.kind != second.kind:
        raise InvalidInput(
            f"{first.name!r} is {first.kind} in one profile and {second.kind} in the other; they cannot be merged."
        )
    taken_apart = {
        name: merged(part, second.parts[name], bins) for name, part in first.parts.items() if name in second.parts
    }
    sample = merged_samples(first.sample, second.sample, bins)
    whole = FeatureProfile(first.name, first.kind, first.native, sample, taken_apart)
    return _as_text(whole) if _is_text(whole) else whole


def _with_missing(feature: FeatureProfile, more: int) -> FeatureProfile:
    """Add rows that have no value, and so none in any part but those between values."""
    between = [part.name for part in derived_features.parts_of(feature.kind) if part.in_order]
    taken_apart = {name: part if name in between else _with_missing(part, more) for name, part in feature.parts.items()}
    sample = dataclasses.replace(feature.sample, missing=feature.sample.missing + more)
    return dataclasses.replace(feature, sample=sample, parts=taken_apart)


def _is_text(feature: FeatureProfile) -> bool:
    """Tell whether the whole has enough words for what neither part could see."""
    sample = feature.sample
    if feature.kind != "categorical" or not isinstance(sample, CategorySample) or sample.other:
        return False
    return derived_features.recognised(_repeated(feature.name, feature.native, sample)).kind == "text"


def _as_text(feature: FeatureProfile) -> FeatureProfile:
    """Read words of which a part had too few to see that they are text."""
    sample = feature.sample
    if feature.kind == "text" or not isinstance(sample, CategorySample) or feature.native != "string":
        return feature
    column = dataclasses.replace(_repeated(feature.name, "string", sample), kind="text")
    counted = CategorySample((), np.empty(0, dtype=np.int64), sample.missing, sample.n)
    return dataclasses.replace(profiler.of_column(column), sample=counted)


def _repeated(name: str, native: Native, sample: CategorySample) -> Column:
    codes = np.repeat(np.arange(len(sample.labels)), sample.counts)
    values = np.append(codes, np.full(sample.missing, MISSING_CODE))
    return Column(name, "categorical", native, values, sample.labels)


def merged_samples(first: Sample, second: Sample, bins: int | None = profiler.BINS) -> Sample:
    """Add two profiled samples up."""
    if isinstance(first, NumericSample) and isinstance(second, NumericSample):
        return merged_numbers(first, second, bins)
    if isinstance(first, CategorySample) and isinstance(second, CategorySample):
        counts = dict(zip(first.labels, first.counts.tolist()))
        for label, count in zip(second.labels, second.counts.tolist()):
            counts[label] = counts.get(label, 0) + count
        values = np.fromiter(counts.values(), dtype=np.int64, count=len(counts))
        return profiler.most_frequent(
            CategorySample(tuple(counts), values, first.missing + second.missing, first.other + second.other)
        )
    raise InvalidInput("A numeric and a categorical profile cannot be merged.")


def merged_numbers(first: NumericSample, second: NumericSample, bins: int | None = profiler.BINS) -> NumericSample:
    """Add two profiled samples of numbers up at the edges of both, and thin them where they are too many."""
    edges = np.union1d(first.values, second.values)
    cumulative = (first.at_most(edges) + second.at_most(edges)).astype(np.int64)
    missing, infinite = first.missing + second.missing, first.infinite + second.infinite
    whole = NumericSample(edges, first.moments + second.moments, missing, infinite, cumulative)
    same = len(edges) == len(first.values) == len(second.values)
    return whole if same or bins is None else profiler.binned(whole, bins)
