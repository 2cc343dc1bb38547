"""Counts of features, period by period, added up while the rows pass by, in memory that does not grow with the rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from mlops_magics.core.monitoring.profiling import derived_features, profiler, samples
from mlops_magics.core.monitoring.profiling.dependence import Dependence
from mlops_magics.core.monitoring.profiling.feature_profile import FeatureProfile, Features
from mlops_magics.core.monitoring.profiling.samples import CategorySample, Moments, NumericSample, Sample
from mlops_magics.core.monitoring.reading.column_values import Column, FloatArray, IntArray
from mlops_magics.core.monitoring.reading.periods import Period, Rows
from mlops_magics.core.monitoring.reading.time_notes import TimeFacts
from mlops_magics.core.monitoring.statistics import binning, declarations

MOST_LABELS = 100_000  # of one feature that are counted by name, because identifiers would grow with the rows
NO_FACTS = TimeFacts()
NOTHING = Moments(0, float("nan"), 0.0, float("nan"), float("nan"))
Cut = Sequence[tuple[int, Rows]]
"""The rows of a batch in each period, by the key of the period."""


def points_of(reference: NumericSample, moments: bool = False) -> FloatArray:
    """Return every point at which a statistic or a chart reads the distribution function: counted there, it is exact.

    Parameters
    ----------
    moments
        The numbers are times.
    """
    shown = binning.display_edges(reference, moments)[0]
    return np.union1d(declarations.points_read(reference), shown[np.isfinite(shown)])


class Numbers:
    """The number of values between neighbouring points, and their moments."""

    def __init__(self, points: FloatArray) -> None:
        self.points = points
        self._counts: dict[int, npt.NDArray[np.unsignedinteger[Any]]] = {}
        self._moments: dict[int, Moments] = {}
        self._lacking: dict[int, tuple[int, int]] = {}

    def add(self, column: Column, cut: Cut) -> None:
        """Count the values of a batch."""
        for key, rows in cut:
            values = column.exact[rows]
            finite = np.isfinite(values)
            present = values if finite.all() else values[finite]
            missing = int(np.count_nonzero(np.isnan(values))) if len(present) < len(values) else 0
            counts = np.bincount(np.searchsorted(self.points, present), minlength=len(self.points) + 1)
            self.put(key, counts, samples.moments_of_any(present), missing, len(values) - len(present) - missing)

    def put(self, key: int, counts: IntArray, moments: Moments, missing: int, infinite: int) -> None:
        """Add counts between the points, ``(n_points + 1,)``.

        Parameters
        ----------
        key
            The period.
        counts
            ``(n_points + 1,)``.
        moments
            Of the finite values.
        missing, infinite
            Rows without a finite value.
        """
        before = self._lacking.get(key, (0, 0))
        self._lacking[key] = (before[0] + missing, before[1] + infinite)
        self._moments[key] = self._moments.get(key, NOTHING) + moments
        whole = counts + self._counts.get(key, 0)
        self._counts[key] = whole.astype(np.min_scalar_type(self._moments[key].n))  # there may be thousands of periods

    def sample(self, keys: Iterable[int]) -> NumericSample:
        """Return what was counted in some periods together."""
        counts, moments, missing, infinite = np.zeros(len(self.points) + 1, dtype=np.int64), NOTHING, 0, 0
        for key in keys:
            if key in self._counts:
                counts, moments = counts + self._counts[key], moments + self._moments[key]
                missing, infinite = missing + self._lacking[key][0], infinite + self._lacking[key][1]
        if counts[-1]:
            # never the last point itself, because points are distinct
            top = max(moments.maximum, np.nextafter(self.points[-1], np.inf))
            return NumericSample(np.append(self.points, top), moments, missing, infinite, np.cumsum(counts))
        return NumericSample(self.points, moments, missing, infinite, np.cumsum(counts[:-1]))


class Categories:
    """Counts of categories.

    Parameters
    ----------
    reference
        If its rare categories are one number, those that it does not name are one here, too.
    """

    def __init__(self, reference: CategorySample | None, named: bool = True) -> None:
        folded = reference is not None and reference.other > 0
        self._names = set(reference.labels) if reference is not None else set()
        self._most = 0 if not named else len(self._names) if folded else len(self._names) + MOST_LABELS
        self._counts: dict[int, dict[str, int]] = {}
        self._rest: dict[int, tuple[int, int]] = {}

    def add(self, column: Column, cut: Cut) -> None:
        """Count the categories of a batch."""
        for key, rows in cut:
            part = column.take(rows)
            counts = part.counts()
            found: dict[str, int] = {}
            for code in np.flatnonzero(counts).tolist():
                label = column.labels[code]
                found[label] = found.get(label, 0) + int(counts[code])
            self.put(key, found, len(part) - int(counts.sum()))

    def put(self, key: int, counts: Mapping[str, int], missing: int, other: int = 0) -> None:
        """Add counts by name.

        Parameters
        ----------
        key
            The period.
        counts
            Category to rows.
        missing, other
            Rows without a value, and with a category that has no name.
        """
        held = self._counts.setdefault(key, {})
        for label, count in counts.items():
            if label not in self._names:
                if len(self._names) >= self._most:
                    other += count
                    continue
                self._names.add(label)
            held[label] = held.get(label, 0) + count
        before = self._rest.get(key, (0, 0))
        self._rest[key] = (before[0] + missing, before[1] + other)

    def sample(self, keys: Iterable[int]) -> CategorySample:
        """Return what was counted in some periods together."""
        counts: dict[str, int] = {}
        missing = other = 0
        for key in keys:
            for label, count in self._counts.get(key, {}).items():
                counts[label] = counts.get(label, 0) + count
            rest = self._rest.get(key, (0, 0))
            missing, other = missing + rest[0], other + rest[1]
        values = np.fromiter(counts.values(), dtype=np.int64, count=len(counts))
        return CategorySample(tuple(counts), values, missing, other)


class Tally:
    """The counts of one feature: itself, and the parts of it that need no order of rows."""

    def __init__(self, reference: FeatureProfile) -> None:
        self.reference = reference
        sample = reference.sample
        self.counts: Numbers | Categories
        if isinstance(sample, NumericSample):
            self.counts = Numbers(points_of(sample, reference.kind == "datetime") if sample.n else np.zeros(1))
        else:
            self.counts = Categories(sample, named=reference.kind != "text")
        ordered = [part.name for part in derived_features.parts_of(reference.kind) if part.in_order]
        self.parts = {name: Tally(each) for name, each in reference.parts.items() if name not in ordered}
        self._others: dict[int, tuple[Column, int]] = {}

    def add(self, column: Column, cut: Cut) -> None:
        """Count a batch, and remember values of another type than the reference's as such."""
        column = profiler.cast_like(self.reference.type, column)
        if column.native == "empty":
            for key, rows in cut:
                self.nothing(key, len(column.values[rows]))
        elif column.native != self.reference.native or column.coded != isinstance(self.counts, Categories):
            for key, rows in cut:
                self.other(key, column, len(column.values[rows]))
        else:
            self.counts.add(column, cut)
            derived = {part.name: part.derive for part in derived_features.stored_parts(self.reference.kind)}
            for name, tally in self.parts.items():
                tally.add(derived[name](column), cut)

    def nothing(self, key: int, rows: int) -> None:
        """Count rows without a value."""
        if isinstance(self.counts, Numbers):
            self.counts.put(key, np.zeros(len(self.counts.points) + 1, dtype=np.int64), NOTHING, rows, 0)
        else:
            self.counts.put(key, {}, rows)

    def other(self, key: int, column: Column, rows: int) -> None:
        """Count rows of another type."""
        # without its rows, which would stay in memory
        self._others[key] = (column.take(slice(0)), self._others.get(key, (column, 0))[1] + rows)

    def profile(self, keys: Sequence[int]) -> FeatureProfile:
        """Return the distribution in some periods together."""
        name, odd = self.reference.name, [self._others[key] for key in keys if key in self._others]
        sample: Sample = self.counts.sample(keys)
        if odd:
            rows, other = sum(count for _, count in odd), odd[0][0]
            mixed = CategorySample((), np.empty(0, dtype=np.int64), sample.missing, rows)
            return FeatureProfile(name, other.kind, other.native, mixed)
        taken_apart = {part: tally.profile(keys) for part, tally in self.parts.items()}
        kind, native, zone, origin = self.reference.type
        return FeatureProfile(name, kind, native, sample, taken_apart, zone, origin)


class PeriodFeatures(Mapping[str, FeatureProfile]):
    """The features of some periods together, each added up on access and then let go.

    ``extra`` are columns that the reference does not have.
    """

    def __init__(self, tallies: Mapping[str, Tally], keys: Sequence[int], extra: Sequence[str] = ()) -> None:
        self._tallies, self._keys, self._extra = tallies, keys, extra

    def __getitem__(self, name: str) -> FeatureProfile:
        if name not in self._tallies and name in self._extra:
            return FeatureProfile(name, "categorical", "empty", CategorySample((), np.empty(0, dtype=np.int64)))
        return self._tallies[name].profile(self._keys)

    def __contains__(self, name: object) -> bool:
        return name in self._tallies or name in self._extra

    def __iter__(self) -> Iterator[str]:
        return iter((*self._tallies, *self._extra))

    def __len__(self) -> int:
        return len(self._tallies) + len(self._extra)


class ObservedCounts:
    """The current data of a stream, period by period, as counts.

    Attributes
    ----------
    windows
        The periods, whose rows have passed by.
    times
        The facts about the times of the rows.
    """

    def __init__(
        self,
        tallies: Mapping[str, Tally],
        periods: Sequence[tuple[Period, Sequence[int]]],
        extra: Sequence[str] = (),
        times: TimeFacts = NO_FACTS,
    ) -> None:
        self.windows = tuple(period for period, _ in periods)
        self.times = times
        self._tallies, self._extra = tallies, extra
        self._keys = [keys for _, keys in periods]

    @property
    def names(self) -> tuple[str, ...]:
        """The features of the current data."""
        return (*self._tallies, *self._extra)

    @property
    def rows(self) -> int:
        """The number of rows in all periods."""
        return sum(window.n for window in self.windows)

    def dependence(self, place: int, like: Dependence) -> None:
        """Return nothing, because the rows passed by."""
        return

    def during(self, places: Sequence[int]) -> Features:
        """Return the features over some of the periods together, by their place."""
        keys = [key for place in places for key in self._keys[place]]
        return PeriodFeatures(self._tallies, keys, self._extra)
