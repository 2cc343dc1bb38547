"""The reference profile: how every feature, the target and the prediction were distributed at training, without a row
of it."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mlops_magics.core import progress
from mlops_magics.core.monitoring import covariance, parts, samples, tables
from mlops_magics.core.monitoring.columns import Column, FloatArray, Kind, Native
from mlops_magics.core.monitoring.covariance import Covariance
from mlops_magics.core.monitoring.samples import CategorySample, NumericSample, Sample
from mlops_magics.errors import InvalidInput

BINS = 1024  # quantile bins: KS from the profile is within 1/1024 of the exact one
KEPT_CATEGORIES = 2048  # the most frequent ones by name, the rest as one number: bounds the size for identifiers
FORMAT = "mlops-magics-profile/1"


@dataclass(frozen=True, slots=True)
class FeatureProfile:
    """One feature's distribution: at most 1024 quantile bins with moments, or counts of categories; times and texts in
    parts."""

    name: str
    kind: Kind
    native: Native
    sample: Sample
    parts: Mapping[str, FeatureProfile] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReferenceProfile:
    """The distributions that a version was trained on, stored with it.

    Attributes
    ----------
    features
        One profile per feature, in the order of the training data.
    target, prediction
        The same for what was to be predicted and what was; ``None`` where they were not given.
    rows
        How many rows were profiled.
    covariance
        How the numeric features go together, over the rows in which each has a value.
    """

    features: Mapping[str, FeatureProfile]
    rows: int
    target: FeatureProfile | None = None
    prediction: FeatureProfile | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    covariance: Covariance | None = None

    def to_bytes(self) -> bytes:
        """Write as JSON: open, and readable without this package."""
        from mlops_magics.core.monitoring import profile_format

        return json.dumps(profile_format.to_json(self), separators=(",", ":"), allow_nan=False).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> ReferenceProfile:
        """Read what `to_bytes` wrote.

        Raises
        ------
        InvalidInput
            Not a profile, or one of a newer format.
        """
        from mlops_magics.core.monitoring import profile_format

        return profile_format.from_json(data)

    def merge(self, other: ReferenceProfile) -> ReferenceProfile:
        """Return the profile of both parts together.

        Counts, missing values, moments and ranges add up exactly; quantile bins exactly where both parts have the same
        edges or few distinct values, else within one bin.
        """
        if tuple(self.features) != tuple(other.features):
            apart = sorted(set(self.features) ^ set(other.features)) or list(self.features)
            raise InvalidInput(
                f"Two profiles can be merged when they have the same features in the same order; {apart[0]!r} differs."
            )
        features = {name: merged(feature, other.features[name]) for name, feature in self.features.items()}
        return ReferenceProfile(
            features,
            self.rows + other.rows,
            merged(self.target, other.target) if self.target and other.target else None,
            merged(self.prediction, other.prediction) if self.prediction and other.prediction else None,
            dict(self.facts),
            self.covariance + other.covariance if self.covariance and other.covariance else None,
        )


def profile(
    X: Any,
    truth: Any = None,
    prediction: Any = None,
    *,
    categorical: Any = None,
    probabilities: Mapping[str, Any] | None = None,
) -> ReferenceProfile:
    """Profile training data.

    Parameters
    ----------
    X
        Features ``(n_samples, n_features)``: a frame of any library, or an array.
    truth, prediction
        What was to be predicted and what was, ``(n_samples,)``.
    categorical
        Names of numeric features that are really categories.
    probabilities
        For a classifier, label to ``(n_samples,)`` probabilities, best on rows that were held out of training: with
        the truth they give the calibration by which performance is estimated later without labels.
    """
    from mlops_magics.core.monitoring.engines import counted

    if truth is None and prediction is None and counted.is_large(X):
        return counted.profile_of(X, frozenset(categorical or ()))
    table = tables.read(X)
    chosen = set(categorical or ())
    names = progress.each(table.names, "learning distributions", len(table.names), "features")
    features = {name: of_column(tables.column_as(table, name, name in chosen)) for name in names}
    facts = (
        {"calibration": _calibration(truth, prediction, probabilities)} if probabilities and truth is not None else {}
    )
    return ReferenceProfile(
        features,
        table.rows,
        _of_values("target", truth),
        _of_values("prediction", prediction),
        facts,
        covariance.of_columns([table.column(name) for name in features if features[name].kind == "numeric"]),
    )


def _calibration(truth: Any, prediction: Any, probabilities: Mapping[str, Any]) -> dict[str, list[list[float]]]:
    from mlops_magics.core.monitoring.estimation import estimates

    columns = {str(label): tables.column_of("probability", values) for label, values in probabilities.items()}
    known = tables.column_of("target", truth)
    answers = estimates.answers_of(
        tables.column_of("prediction", prediction) if prediction is not None else known, columns
    )
    learned = estimates.calibrators(answers, known) if answers is not None else {}
    return {label: [found.scores.tolist(), found.probabilities.tolist()] for label, found in learned.items()}


def of_column(column: Column, condense: bool = True) -> FeatureProfile:
    """Profile one column; with ``condense=False`` every value is kept, for an exact comparison of rows.

    A profile keeps no text, only its length and its words.
    """
    column = parts.recognised(column)
    sample = samples.of_column(column)
    taken_apart = {
        part.name: of_column(part.derive(column), condense) for part in parts.parts_of(column.kind) if not part.kept_as
    }
    if condense:
        sample = _unnamed(sample) if column.kind == "text" else condensed(sample)
    return FeatureProfile(column.name, column.kind, column.native, sample, taken_apart)


def _unnamed(sample: Sample) -> CategorySample:
    return CategorySample((), np.empty(0, dtype=np.int64), sample.missing, sample.n)


def condensed(sample: Sample, bins: int = BINS) -> Sample:
    """Reduce a sample to what a profile keeps."""
    return _binned(sample, bins) if isinstance(sample, NumericSample) else _most_frequent(sample)


def _binned(sample: NumericSample, bins: int = BINS) -> NumericSample:
    """Keep the count at each distinct value, or at ``bins`` quantiles where there are more values than that."""
    if not sample.n:
        return sample
    edges = _distinct(sample.values)
    if len(edges) > bins:
        steps = np.ceil(np.arange(1, bins + 1) / bins * sample.n).astype(np.int64) - 1
        position = steps if sample.cumulative is None else np.searchsorted(sample.cumulative, steps + 1)
        edges = _distinct(np.concatenate((sample.values[:1], sample.values[position])))
    return NumericSample(edges, sample.moments, sample.missing, sample.infinite, sample.at_most(edges).astype(np.int64))


def _distinct(ordered: FloatArray) -> FloatArray:
    return ordered[np.concatenate(([True], ordered[1:] != ordered[:-1]))] if len(ordered) else ordered


def _most_frequent(sample: CategorySample, most: int = KEPT_CATEGORIES) -> CategorySample:
    order = sorted(range(len(sample.labels)), key=lambda i: (-int(sample.counts[i]), sample.labels[i]))
    kept, rest = order[:most], order[most:]
    return CategorySample(
        tuple(sample.labels[i] for i in kept),
        sample.counts[kept].astype(np.int64),
        sample.missing,
        sample.other + int(sample.counts[rest].sum()),
    )


def merged(first: FeatureProfile, second: FeatureProfile, bins: int | None = BINS) -> FeatureProfile:
    """Add two profiles of one feature up; with ``bins=None`` at every edge that either has."""
    if first.kind != second.kind and "empty" not in (first.native, second.native):
        raise InvalidInput(
            f"{first.name!r} is {first.kind} in one profile and {second.kind} in the other; they cannot be merged."
        )
    if first.native != second.native and "empty" in (first.native, second.native):
        kept, other = (second, first) if first.native == "empty" else (first, second)
        return _with_missing(kept, other.sample.total)
    taken_apart = {
        name: merged(part, second.parts[name], bins) for name, part in first.parts.items() if name in second.parts
    }
    sample = merged_samples(first.sample, second.sample, bins)
    return FeatureProfile(first.name, first.kind, first.native, sample, taken_apart)


def _with_missing(feature: FeatureProfile, more: int) -> FeatureProfile:
    """Add rows that have no value."""
    if isinstance(feature.sample, NumericSample) and not feature.sample.n and not more:
        return feature
    sample = dataclasses.replace(feature.sample, missing=feature.sample.missing + more)
    return dataclasses.replace(feature, sample=sample)


def merged_samples(first: Sample, second: Sample, bins: int | None = BINS) -> Sample:
    """Add two profiled samples up."""
    if isinstance(first, NumericSample) and isinstance(second, NumericSample):
        return merged_numbers(first, second, bins)
    if isinstance(first, CategorySample) and isinstance(second, CategorySample):
        counts = dict(zip(first.labels, first.counts.tolist()))
        for label, count in zip(second.labels, second.counts.tolist()):
            counts[label] = counts.get(label, 0) + count
        values = np.fromiter(counts.values(), dtype=np.int64, count=len(counts))
        return _most_frequent(
            CategorySample(tuple(counts), values, first.missing + second.missing, first.other + second.other)
        )
    raise InvalidInput("A numeric and a categorical profile cannot be merged.")


def merged_numbers(first: NumericSample, second: NumericSample, bins: int | None = BINS) -> NumericSample:
    """Add two profiled samples of numbers up at the edges of both, and thin them where they are too many."""
    edges = np.union1d(first.values, second.values)
    cumulative = (first.at_most(edges) + second.at_most(edges)).astype(np.int64)
    missing, infinite = first.missing + second.missing, first.infinite + second.infinite
    whole = NumericSample(edges, first.moments + second.moments, missing, infinite, cumulative)
    same = len(edges) == len(first.values) == len(second.values)
    return whole if same or bins is None else _binned(whole, bins)


def _of_values(name: str, values: Any) -> FeatureProfile | None:
    return None if values is None else of_column(tables.column_of(name, values))
