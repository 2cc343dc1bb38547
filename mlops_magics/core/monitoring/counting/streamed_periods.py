"""Periods of rows that pass by once: the period of each row of a batch, and in the end all periods."""

from __future__ import annotations

import itertools
from typing import Any, Protocol

import numpy as np

from mlops_magics.core.monitoring.reading import periods, tables
from mlops_magics.core.monitoring.reading.column_values import IntArray
from mlops_magics.core.monitoring.reading.periods import Period
from mlops_magics.errors import InvalidInput

MOST_MOMENTS = 100_000  # distinct times that are remembered, to decide whether the last period is complete


class Windows(Protocol):
    """A cutter of batches, which in the end knows the periods, and the number of rows outside all of them."""

    missing: int

    def cut(self, table: Any) -> list[tuple[int, periods.Rows]]: ...

    def found(self) -> list[tuple[Period, tuple[int, ...]]]:
        """Return each period and the keys of its rows."""
        ...


class ByRow:
    """Periods of so many rows, or so many periods, or one of all rows."""

    def __init__(self, edges: IntArray | None = None, size: int = 0) -> None:
        self.missing = 0
        self._edges, self._size, self._rows = edges, size, 0

    def cut(self, table: Any) -> list[tuple[int, periods.Rows]]:
        """Return the rows of a batch in each period."""
        rows = np.arange(self._rows, self._rows + table.rows)
        self._rows += table.rows
        if self._edges is not None:
            return grouped(np.searchsorted(self._edges, rows, side="right") - 1)
        return grouped(rows // self._size) if self._size else [(0, slice(None))]

    def found(self) -> list[tuple[Period, tuple[int, ...]]]:
        """Return each period and the keys of its rows."""
        if self._edges is not None:
            told = periods.in_parts(self._rows, len(self._edges) - 1)
            return [(_gone(period), (key,)) for key, period in enumerate(told)]
        if not self._size:
            return [(_gone(period), (0,)) for period in periods.whole(self._rows)]
        told = periods.by_rows(self._rows, self._size)
        keys = [int(period.start or 0) // self._size for period in told] + [-(-self._rows // self._size)]
        return [(_gone(period), tuple(range(*pair))) for period, pair in zip(told, itertools.pairwise(keys))]


class ByTime:
    """Periods of the calendar, or of one length.

    Attributes
    ----------
    missing
        The number of rows without a time, and so without a period.
    """

    def __init__(self, name: str, unit: str | np.timedelta64, origin: np.datetime64 | None = None) -> None:
        self.name, self.unit, self.origin = name, unit, origin
        self.missing = 0
        self._rows: dict[int, int] = {}
        self._zone: tuple[str | None] | None = None
        self._ends: list[np.datetime64] = []
        self._moments, self._cell = np.empty(0, dtype=np.int64), 1

    def cut(self, table: Any) -> list[tuple[int, periods.Rows]]:
        """Return the rows of a batch in each period. The key is the period's start in microseconds."""
        moments = periods.moments_of(tables.raw(table, self.name), self.name)
        known = np.flatnonzero(~np.isnat(moments.wall))
        self.missing += table.rows - len(known)
        if not len(known):
            return []
        self._check(moments.zone)
        wall = moments.wall[known]
        self.see(wall)
        cut = grouped(periods.starts(wall, self.unit, self.origin).astype(np.int64))
        whole = len(known) == table.rows
        cut = cut if whole else [(key, known[rows]) for key, rows in cut]
        for key, rows in cut:
            self.count(key, len(known[rows]) if isinstance(rows, slice) else len(rows))
        return cut

    def _check(self, zone: str | None) -> None:
        # in a tuple, because times without a zone are known to have none
        self._zone = self._zone or (zone,)
        if self._zone != (zone,):
            raise InvalidInput(
                f"The times in {self.name!r} are in several time zones ({self._zone[0]}, {zone}). Convert them to one "
                f"first."
            )

    def see(self, wall: Any) -> None:
        """Remember the times of rows, as finely as memory allows."""
        self._ends = [min([wall.min(), *self._ends]), max([wall.max(), *self._ends])]
        self._moments = np.unique(np.concatenate((self._moments, np.unique(wall.astype(np.int64) // self._cell))))
        while len(self._moments) > MOST_MOMENTS:
            self._cell *= 10
            self._moments = np.unique(self._moments // 10)

    def count(self, key: int, rows: int) -> None:
        """Count rows of a period."""
        self._rows[key] = self._rows.get(key, 0) + rows

    @property
    def first(self) -> np.datetime64 | None:
        """The first time of all so far."""
        return self._ends[0] if self._ends else None

    def found(self) -> list[tuple[Period, tuple[int, ...]]]:
        """Return each period, empty ones included, and its key."""
        if not self._ends:
            return [] if self.missing else [(_gone(period), ()) for period in periods.whole(0)]
        moments = (self._moments * self._cell).astype("datetime64[us]")
        edges = periods.edges_between(self._ends[0], self._ends[1], self.unit)
        keys = edges[:-1].astype(np.int64).tolist()
        told = periods.between(edges, self.unit, [self._rows.get(key, 0) for key in keys], moments)
        return [(period, (key,)) for key, period in zip(keys, told)]


def _gone(period: Period) -> Period:
    """Return a period whose rows have passed by."""
    return Period(period.label, slice(0, 0), period.n, period.start, period.end, period.partial)


def grouped(keys: IntArray) -> list[tuple[int, periods.Rows]]:
    """Return the places of each key: slices where the keys are in order."""
    if not len(keys):
        return []
    if (keys[1:] >= keys[:-1]).all():
        cuts = [0, *(np.flatnonzero(keys[1:] != keys[:-1]) + 1).tolist(), len(keys)]
        return [(int(keys[start]), slice(start, end)) for start, end in itertools.pairwise(cuts)]
    # stable, so that the rows of a period keep their order
    order = np.argsort(keys, kind="stable")
    return [(key, order[rows]) for key, rows in grouped(keys[order]) if isinstance(rows, slice)]
