"""The reference profile: how every feature, the target and the prediction were distributed at training, without a row
of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mlops_magics.core import progress
from mlops_magics.core.monitoring.profiling import covariance, derived_features, samples
from mlops_magics.core.monitoring.profiling.covariance import Covariance
from mlops_magics.core.monitoring.profiling.samples import CategorySample, NumericSample, Sample
from mlops_magics.core.monitoring.reading import tables
from mlops_magics.core.monitoring.reading.column_values import Column, FloatArray, Kind, Native

BINS = 1024  # quantile bins: KS from the profile is within 1/1024 of the exact one
KEPT_CATEGORIES = 2048  # the most frequent ones by name, the rest as one number: bounds the size for identifiers
DIGITS = 17  # that tell any float from its neighbours
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
        from mlops_magics.core.monitoring.profiling import profile_json

        return json.dumps(profile_json.to_json(self), separators=(",", ":"), allow_nan=False).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> ReferenceProfile:
        """Read what `to_bytes` wrote.

        Raises
        ------
        InvalidInput
            Not a profile, or one of a newer format.
        """
        from mlops_magics.core.monitoring.profiling import profile_json

        return profile_json.from_json(data)

    def merge(self, other: ReferenceProfile) -> ReferenceProfile:
        """Return the profile of both parts together.

        Counts, missing and infinite values, moments, ranges, covariance and segments add up exactly; quantile bins
        exactly where both parts have the same edges or few distinct values, else within one bin. Gaps and lags between
        times are those within the parts. What was learned of a model's answers (calibration, errors) is no sum: it is
        kept where both parts have the same, else left out.
        """
        from mlops_magics.core.monitoring.profiling import merging

        return merging.merged_profiles(self, other)


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
    from mlops_magics.core.monitoring.counting import one_pass

    if truth is None and prediction is None and one_pass.is_large(X):
        return one_pass.profile_of(X, frozenset(categorical or ()))
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
    column = derived_features.recognised(column)
    sample = samples.of_column(column)
    taken_apart = {
        part.name: of_column(part.derive(column), condense)
        for part in derived_features.parts_of(column.kind)
        if not part.kept_as
    }
    if condense:
        sample = _unnamed(sample) if column.kind == "text" else condensed(sample)
    return FeatureProfile(column.name, column.kind, column.native, sample, taken_apart)


def _unnamed(sample: Sample) -> CategorySample:
    return CategorySample((), np.empty(0, dtype=np.int64), sample.missing, sample.n)


def condensed(sample: Sample, bins: int = BINS) -> Sample:
    """Reduce a sample to what a profile keeps."""
    return binned(sample, bins) if isinstance(sample, NumericSample) else most_frequent(sample)


def binned(sample: NumericSample, bins: int = BINS) -> NumericSample:
    """Keep the count at each distinct value, or at ``bins`` quantiles where there are more values than that."""
    if not sample.n:
        return sample
    edges = _distinct(sample.values)
    if len(edges) > bins:
        steps = np.ceil(np.arange(1, bins + 1) / bins * sample.n).astype(np.int64) - 1
        position = steps if sample.cumulative is None else np.searchsorted(sample.cumulative, steps + 1)
        edges = _distinct(np.concatenate((sample.values[:1], sample.values[position])))
        after = sample.values[np.searchsorted(sample.values, edges[1:-1], side="right")]
        edges[1:-1] = _shortest(edges[1:-1], after)
    return NumericSample(edges, sample.moments, sample.missing, sample.infinite, sample.at_most(edges).astype(np.int64))


def _shortest(low: FloatArray, high: FloatArray) -> FloatArray:
    """Return the number of the fewest digits from each ``low`` to before ``high``: between two neighbouring values as
    many rows lie below it as below the first, and written it takes half the room."""
    found, open_ = low.copy(), np.ones(len(low), dtype=bool)
    largest = np.maximum(np.maximum(np.abs(low), np.abs(high)), np.finfo(float).tiny)
    exponent = np.floor(np.log10(largest))
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):  # at the edge of floats: the value itself
        for digits in range(1, DIGITS):
            power = digits - 1 - exponent
            scale = 10.0 ** np.abs(power)
            near = np.where(power >= 0, np.ceil(low * scale) / scale, np.ceil(low / scale) * scale) + 0.0
            fits = open_ & (near >= low) & (near < high)
            found[fits], open_ = near[fits], open_ & ~fits
    return found


def _distinct(ordered: FloatArray) -> FloatArray:
    return ordered[np.concatenate(([True], ordered[1:] != ordered[:-1]))] if len(ordered) else ordered


def most_frequent(sample: CategorySample, most: int = KEPT_CATEGORIES) -> CategorySample:
    order = sorted(range(len(sample.labels)), key=lambda i: (-int(sample.counts[i]), sample.labels[i]))
    kept, rest = order[:most], order[most:]
    return CategorySample(
        tuple(sample.labels[i] for i in kept),
        sample.counts[kept].astype(np.int64),
        sample.missing,
        sample.other + int(sample.counts[rest].sum()),
    )


def _of_values(name: str, values: Any) -> FeatureProfile | None:
    return None if values is None else of_column(tables.column_of(name, values))
