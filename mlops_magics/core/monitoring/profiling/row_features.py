"""Features of rows in memory, each sorted or counted on access, and then let go."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from threading import Lock
from typing import Generic, TypeVar

import numpy as np

from mlops_magics.core.monitoring.profiling import dependence, derived_features, profiler
from mlops_magics.core.monitoring.profiling.dependence import Dependence
from mlops_magics.core.monitoring.profiling.feature_profile import FeatureProfile, Features, FeatureType
from mlops_magics.core.monitoring.profiling.samples import CategorySample, Sample
from mlops_magics.core.monitoring.reading import features, tables
from mlops_magics.core.monitoring.reading.column_values import Column
from mlops_magics.core.monitoring.reading.periods import Period, Rows
from mlops_magics.core.monitoring.reading.tables import Table
from mlops_magics.core.monitoring.reading.text_files import Expected, Schema

RECENT = 3
"""Features whose columns and profiles are kept: one for each of two threads, and the next one."""
Value = TypeVar("Value")


class Recent(Generic[Value]):
    """The values of the features that were read last."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Value] = OrderedDict()
        self._lock = Lock()

    def get(self, name: str, compute: Callable[[], Value]) -> Value:
        """Return a value that is kept, else compute it. Two threads that read one feature may both compute it."""
        with self._lock:
            if name in self._kept:
                self._kept.move_to_end(name)
                return self._kept[name]
        value = compute()
        with self._lock:
            self._kept[name] = value
            while len(self._kept) > RECENT:
                self._kept.popitem(last=False)
        return value


class CastColumns:
    """The columns of a table, cast to the kind of a reference."""

    def __init__(
        self, table: Table, like: Features | None = None, categorical: Collection[str] = (), apart: Collection[str] = ()
    ) -> None:
        self.names = tuple(name for name in features.feature_names(table) if name not in apart)
        self._table, self._like, self._categorical = table, like, frozenset(categorical)
        self._recent: Recent[Column] = Recent()

    def __getitem__(self, name: str) -> Column:
        return self._recent.get(name, lambda: self._read(name))

    def _read(self, name: str) -> Column:
        column = tables.column_as(self._table, name, name in self._categorical)
        if self._like is None or name not in self._like:
            return derived_features.with_text_recognised(column)
        return profiler.cast_like(type_of(self._like, name), column)


class RowFeatures(Mapping[str, FeatureProfile]):
    """The features of some rows of a table, with every value."""

    def __init__(self, columns: CastColumns, rows: Rows = slice(None)) -> None:
        self._columns, self._rows = columns, rows
        self._recent: Recent[FeatureProfile] = Recent()

    def __getitem__(self, name: str) -> FeatureProfile:
        if name not in self:
            raise KeyError(name)
        return self._recent.get(name, lambda: self._read(name))

    def _read(self, name: str) -> FeatureProfile:
        column = self._columns[name]
        whole = isinstance(self._rows, slice) and self._rows == slice(None)
        return profiler.of_values(column if whole else column.take(self._rows))

    @property
    def rows(self) -> Rows:
        """The rows of the table."""
        return self._rows

    @property
    def columns(self) -> CastColumns:
        """The columns of the table."""
        return self._columns

    def type(self, name: str) -> FeatureType:
        """Return the type of a feature without sorting its values."""
        column = self._columns[name]
        return FeatureType(column.kind, column.native, column.zone, column.origin)

    def present(self, name: str) -> int:
        """Return the number of rows with a finite value, or a category."""
        column = self._columns[name]
        values = column.values[self._rows]
        return int(np.count_nonzero(values >= 0 if column.coded else np.isfinite(values)))

    def dependence(self) -> Dependence | None:
        """Return the correlations of the features."""
        held = {name: dependence.numbers_of(self._columns[name].take(self._rows)) for name in self}
        return dependence.of_columns({name: values for name, values in held.items() if values is not None})

    def schema(self) -> Schema:
        """Return the types and categories of a text file's columns here."""
        held = {name: self._columns[name] for name in self}
        return {name: Expected(column.native, frozenset(column.labels)) for name, column in held.items()}

    def __contains__(self, name: object) -> bool:
        return name in self._columns.names

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns.names)

    def __len__(self) -> int:
        return len(self._columns.names)


def type_of(known: Features, name: str) -> FeatureType:
    """Return the type of a feature."""
    return known.type(name) if isinstance(known, RowFeatures) else known[name].type


def schema_of(known: Features) -> Schema:
    """Return the types and categories of a text file's columns in a reference."""
    if isinstance(known, RowFeatures):
        return known.schema()
    return {name: Expected(each.native, _labels(each.sample)) for name, each in known.items()}


def _labels(sample: Sample) -> frozenset[str]:
    return frozenset(sample.labels) if isinstance(sample, CategorySample) else frozenset()


class ObservedRows:
    """The current rows of a table, period by period.

    Parameters
    ----------
    like
        The reference, whose kinds the columns are cast to.
    apart
        Columns that are not features: times, truths, predictions.
    """

    def __init__(
        self, table: Table, windows: Sequence[Period], like: Features | None = None, apart: Collection[str] = ()
    ) -> None:
        self.windows = tuple(windows)
        self.rows = table.rows
        self._columns = CastColumns(table, like, apart=apart)
        self._periods = [RowFeatures(self._columns, window.rows) for window in self.windows]

    @property
    def names(self) -> tuple[str, ...]:
        """The features of the current data."""
        return self._columns.names

    def dependence(self, place: int, like: Dependence) -> Dependence | None:
        """Return the correlations of one period, of the pairs of the reference."""
        held = [name for name in like.names if name in self.names]
        rows = self.windows[place].rows
        columns = {name: dependence.numbers_of(self._columns[name].take(rows)) for name in held}
        return dependence.of_columns({name: values for name, values in columns.items() if values is not None}, like)

    def during(self, places: Sequence[int]) -> Features:
        """Return the features over some of the periods together, by their place."""
        if len(places) == 1:
            return self._periods[places[0]]
        positions = np.arange(self.rows)
        rows = [positions[self.windows[place].rows] for place in places]
        return RowFeatures(self._columns, np.concatenate(rows))


def of_table(data: object, categorical: Collection[str] = ()) -> RowFeatures:
    """Return the features of a frame or path, with every value."""
    return RowFeatures(CastColumns(tables.read(data), categorical=categorical))
