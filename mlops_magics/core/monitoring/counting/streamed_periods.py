"""Periods of rows that pass by once: the period of each row of a batch, and in the end all periods."""

from __future__ import annotations

import itertools
from typing import Any, Protocol

import numpy as np

from mlops_magics.core.monitoring.reading import far_times, periods, row_times, tables
from mlops_magics.core.monitoring.reading.column_values import IntArray
from mlops_magics.core.monitoring.reading.periods import Period
from mlops_magics.core.monitoring.reading.time_notes import TimeFacts
from mlops_magics.errors import InvalidInput

MOST_MOMENTS = 100_000  # distinct times that are remembered, to decide whether the last period is complete


class Windows(Protocol):
    """A cutter of batches, which in the end knows the periods, and the number of rows outside all of them."""

    missing: int

    def cut(self, table: Any) -> list[tuple[int, periods.Rows]]: ...

    def found(self) -> list[tuple[Period, tuple[int, ...]]]:
        """Return each period and the keys of its rows."""
        ...

    def facts(self) -> TimeFacts: ...


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

    def facts(self) -> TimeFacts:
        """Return nothing about times, which do not count here."""
        return TimeFacts()


class ByTime:
    """Periods of the calendar, or of one length.

    Attributes
    ----------
    missing
        The number of rows without a time, and so without a period.
    rows
        The rows of each period, by its start in microseconds.
    """

    def __init__(self, name: str, unit: str | np.timedelta64, origin: np.datetime64 | None = None) -> None:
        self.name, self.unit, self.origin = name, unit, origin
        self.missing = 0
        self.rows: dict[int, int] = {}
        self._unread, self._examples, self._offsets = 0, dict[str, None](), set[str]()
        self._zone: tuple[str | None] | None = None
        self._ends: list[np.datetime64] = []
        self._moments, self._cell = np.empty(0, dtype=np.int64), 1

    def cut(self, table: Any) -> list[tuple[int, periods.Rows]]:
        """Return the rows of a batch in each period. The key is the period's start in microseconds."""
        zone = self._zone[0] if self._zone else None
        moments = row_times.moments_of(tables.raw(table, self.name), self.name, zone)
        known = np.flatnonzero(~np.isnat(moments.wall))
        self.missing += table.rows - len(known)
        self._unread += moments.unread
        self._examples |= dict.fromkeys(moments.examples)
        self._offsets.update(moments.offsets)
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
                f"Some of the times in {self.name!r} have a time zone ({self._zone[0] or zone}), and others have none. "
                "Convert them to one first."
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
        self.rows[key] = self.rows.get(key, 0) + rows

    @property
    def first(self) -> np.datetime64 | None:
        """The start of the first period so far that is not far from the others."""
        keys = self._near()
        return np.datetime64(keys[0], "us") if keys else None

    def _near(self) -> list[int]:
        """Return the starts of the periods that have rows, in order, without those far from all others."""
        keys = sorted(self.rows)
        counts = np.array([self.rows[key] for key in keys], dtype=np.int64)
        length = periods.microseconds(self.unit)
        low, high = far_times.stretch(np.array(keys, dtype=np.int64), counts, length, periods.MOST_PERIODS)
        return keys[low:high]

    def facts(self) -> TimeFacts:
        """Return the facts about the times."""
        far = sorted(set(self.rows).difference(self._near()))
        ends = None
        if far:
            # the first and the last time of all are exact, others are known by their period
            first, last = (np.datetime64(key, "us") for key in (far[0], far[-1]))
            ends = (
                self._ends[0] if far[0] == min(self.rows) else first,
                self._ends[1] if far[-1] == max(self.rows) else last,
            )
        zone = self._zone[0] if self._zone else None
        shown = tuple(self._examples)[: row_times.EXAMPLES]
        offsets = tuple(sorted(self._offsets))
        return TimeFacts(
            sum(self.rows[key] for key in far), ends, self.missing, self._unread, shown, offsets, zone or "UTC"
        )

    def found(self) -> list[tuple[Period, tuple[int, ...]]]:
        """Return each period, empty ones included, and its key."""
        if not self._ends:
            return [] if self.missing else [(_gone(period), ()) for period in periods.whole(0)]
        moments = (self._moments * self._cell).astype("datetime64[us]")
        near, ends = self._near(), self._ends
        if len(near) < len(self.rows):
            ends = [np.datetime64(key, "us") for key in (near[0], near[-1])]
        edges = periods.edges_between(ends[0], ends[1], self.unit, self.origin)
        keys = edges[:-1].astype(np.int64).tolist()
        if len(near) < len(self.rows):
            moments = moments[(moments >= edges[0]) & (moments < edges[-1])]
        told = periods.between(edges, self.unit, [self.rows.get(key, 0) for key in keys], moments)
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
