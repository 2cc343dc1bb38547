"""Profiles of columns: every value of rows, or the part that a stored profile keeps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from mlops_magics.core.monitoring.profiling import derived_features, samples
from mlops_magics.core.monitoring.profiling.feature_profile import FeatureProfile, FeatureType
from mlops_magics.core.monitoring.profiling.samples import CategorySample, NumericSample, Sample
from mlops_magics.core.monitoring.reading import column_values
from mlops_magics.core.monitoring.reading.column_values import MISSING_CODE, Column, FloatArray

BINS = 1024
"""Quantile bins of a stored profile, from which KS is within 1/1024 of the exact one."""
COARSE = 128
"""Bins of a feature in the profile of a part of the rows: there are many parts, with fewer rows each."""
KEPT_CATEGORIES = 2048
"""Categories that a profile keeps by name, the most frequent ones. The others are one count, which bounds the size of
identifiers."""
DIGITS = 17
"""Significant digits that distinguish any float from its neighbours."""


def of_column(column: Column) -> FeatureProfile:
    """Return the stored profile of a column. A text is stored as its number of words and its vocabulary."""
    column = derived_features.with_text_recognised(column)
    sample = samples.of_column(column)
    parts = {part.name: of_column(part.derive(column)) for part in derived_features.stored_parts(column.kind)}
    kept = _unnamed(sample) if column.kind == "text" else condensed(sample)
    return FeatureProfile(column.name, column.kind, column.native, kept, parts, column.zone, column.origin)


def of_values(column: Column) -> FeatureProfile:
    """Return every value of a column, for an exact comparison of rows."""
    sample = samples.of_column(column)
    parts = _DerivedParts(column)
    return FeatureProfile(column.name, column.kind, column.native, sample, parts, column.zone, column.origin)


def coarse(column: Column, rows: Any) -> FeatureProfile:
    """Return a smaller profile of some rows, such as those of a segment, or of a weekday."""
    whole = of_column(derived_features.with_text_recognised(column).take(rows))
    return replace(whole, sample=condensed(whole.sample, COARSE))


class _DerivedParts(Mapping[str, FeatureProfile]):
    """The features derived from a column, each computed when it is read."""

    def __init__(self, column: Column) -> None:
        self._column = column
        self._derive = {part.name: part.derive for part in derived_features.stored_parts(column.kind)}

    def __getitem__(self, name: str) -> FeatureProfile:
        return of_values(self._derive[name](self._column))

    def __iter__(self) -> Iterator[str]:
        return iter(self._derive)

    def __len__(self) -> int:
        return len(self._derive)


FLAGS = ("False", "True")
"""Booleans as categories, in the order of 0 and 1."""


def cast_like(reference: FeatureType, column: Column) -> Column:
    """Read a current column as the type of its reference, with times in its time zone, and 0 and 1 as booleans."""
    kind, native, zone, origin = reference
    if (origin or column.origin) and kind == column.kind == "numeric" and native == column.native:
        return column_values.above(column, origin)
    if zone and column.zone:
        return replace(column, zone=zone)
    if {native, column.native} == {"boolean", "number"}:
        return _flags_as_numbers(column) if native == "number" else _numbers_as_flags(column)
    if kind == "text" and column.kind == "categorical":
        return replace(column, kind="text")
    if kind in ("categorical", "text") and not column.coded and column.native == native:
        return column_values.as_categorical(column)
    return (
        column_values.as_numeric(column) if kind == "numeric" and column.coded and native == column.native else column
    )


def _numbers_as_flags(column: Column) -> Column:
    """Read numbers as booleans where all of them are 0 or 1."""
    numbers = column_values.as_numeric(column).values
    known = np.isfinite(numbers)
    if not np.isin(numbers[known], (0, 1)).all() or np.isinf(numbers).any():
        return column
    codes = np.where(known, numbers, MISSING_CODE).astype(np.int64)
    return column_values.coded(column.name, codes, FLAGS, "boolean")


def _flags_as_numbers(column: Column) -> Column:
    """Read booleans as 0 and 1."""
    values = np.array([*(float(label == FLAGS[1]) for label in column.labels), np.nan])
    return column_values.numeric(column.name, values[column.values], integral=True)


def _unnamed(sample: Sample) -> CategorySample:
    return CategorySample((), np.empty(0, dtype=np.int64), sample.missing, sample.n)


def condensed(sample: Sample, bins: int = BINS) -> Sample:
    """Reduce a sample to the part that a profile keeps."""
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
    many rows are below it as below the first, and written it takes half the room."""
    found, left = low.copy(), np.arange(len(low))
    largest = np.maximum(np.maximum(np.abs(low), np.abs(high)), np.finfo(float).tiny)
    exponent = np.floor(np.log10(largest))
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):  # at the edge of floats: the value itself
        for digits in range(1, DIGITS):
            if not len(left):
                break
            start, power = low[left], digits - 1 - exponent[left]
            scale = 10.0 ** np.abs(power)
            near = np.where(power >= 0, np.ceil(start * scale) / scale, np.ceil(start / scale) * scale) + 0.0
            fits = (near >= start) & (near < high[left])
            found[left[fits]], left = near[fits], left[~fits]
    return found


def _distinct(ordered: FloatArray) -> FloatArray:
    return ordered[np.concatenate(([True], ordered[1:] != ordered[:-1]))] if len(ordered) else ordered


def most_frequent(sample: CategorySample, most: int = KEPT_CATEGORIES) -> CategorySample:
    """Keep the most frequent categories by name, and the others as one count."""
    order = sorted(range(len(sample.labels)), key=lambda i: (-int(sample.counts[i]), sample.labels[i]))
    kept, rest = order[:most], order[most:]
    return CategorySample(
        tuple(sample.labels[i] for i in kept),
        sample.counts[kept].astype(np.int64),
        sample.missing,
        sample.other + int(sample.counts[rest].sum()),
    )
