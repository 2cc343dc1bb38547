"""Rows that belong together: those of one user, those of one day, copies of one row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mlops_magics.core.monitoring.reading import features, period_names, row_times, tables
from mlops_magics.core.monitoring.reading.column_values import Column, IntArray
from mlops_magics.core.monitoring.reading.row_times import Moments
from mlops_magics.core.monitoring.reading.tables import Table
from mlops_magics.errors import InvalidInput

DUPLICATES = "duplicates"
"""The word in place of a group's column for rows that are equal in all features."""
DAYS_TO_MONDAY = 3
"""1970-01-01 was a Thursday."""


def _weekday(moments: Moments) -> IntArray:
    return np.asarray((moments.wall.astype("datetime64[D]").astype(np.int64) + DAYS_TO_MONDAY) % 7)


def _hour(moments: Moments) -> IntArray:
    return np.asarray(moments.wall.astype("datetime64[h]").astype(np.int64) % 24)


SEASONS: dict[str, Callable[[Moments], IntArray]] = {"week": _weekday, "day": _hour}
"""Season to the place of a time in it: a weekday, an hour."""


@dataclass(frozen=True, slots=True)
class RowRelations:
    """The ways in which rows depend on each other.

    Attributes
    ----------
    by_group
        Columns whose equal values make rows of one group, or ``("duplicates",)``.
    block
        A period, as for ``by``: rows of one block depend on each other, and blocks on the one before.
    seasonal
        ``"week"`` or ``"day"``: each period is compared with the same weekdays, or hours, of the reference.
    """

    by_group: tuple[str, ...] = ()
    block: Any = None
    seasonal: str | None = None

    @classmethod
    def of(cls, by_group: str | Sequence[str] | None, block: Any, seasonal: str | None) -> RowRelations:
        """Read the options.

        Raises
        ------
        InvalidInput
            Groups and blocks are given together, or the season is unknown.
        """
        names = (by_group,) if isinstance(by_group, str) else tuple(by_group or ())
        if names and block is not None:
            raise InvalidInput("Rows depend on each other within groups or within blocks: give by_group= or block=.")
        if seasonal is not None and seasonal not in SEASONS:
            raise InvalidInput(f"Unknown season {seasonal!r}. Known: {', '.join(SEASONS)}.")
        return cls(names, period_names.named(block), seasonal)

    @property
    def grouped(self) -> bool:
        """Whether rows belong to groups or blocks."""
        return bool(self.by_group) or self.block is not None

    def __bool__(self) -> bool:
        """Whether rows depend on each other in any way."""
        return self.grouped or self.seasonal is not None


NOT_RELATED = RowRelations()
"""Rows that do not depend on each other."""


@dataclass(frozen=True, slots=True)
class RowGroups:
    """The group of each row.

    Attributes
    ----------
    codes
        ``(n_rows,)`` from 0. Blocks are numbered in their order.
    ordered
        Whether a group depends on the one before.
    """

    codes: IntArray
    ordered: bool = False

    @property
    def several(self) -> bool:
        """Whether there is more than one group."""
        return bool(len(self.codes)) and bool(self.codes.min() != self.codes.max())


def read(table: Table, relations: RowRelations, moment: str | None, names: Sequence[str]) -> RowGroups:
    """Return the group of each row.

    Parameters
    ----------
    moment
        The column with the times.
    names
        The features, in which copies of a row are equal.

    Raises
    ------
    InvalidInput
        The column or the times are missing, or all rows are in one group.
    """
    if relations.block is not None:
        found = _blocks(table, relations.block, moment)
    else:
        found = RowGroups(codes_of(table.rows, _columns(table, relations.by_group, names)))
    if table.rows > 1 and not found.several:
        asked = f"block={relations.block!r}" if relations.block is not None else f"by_group={relations.by_group[0]!r}"
        raise InvalidInput(f"With {asked} all {table.rows:,} rows are in one group. Choose smaller groups.")
    return found


def can_be_read(table: Table, relations: RowRelations, moment: str | None) -> bool:
    """Return whether a table has the columns of the groups."""
    if relations.block is not None:
        return isinstance(relations.block, int) or moment is not None
    return relations.by_group == (DUPLICATES,) or all(name in table.names for name in relations.by_group)


def season_of(table: Table, season: str, moment: str) -> IntArray:
    """Return the weekday, or the hour, of each row ``(n_rows,)``."""
    return SEASONS[season](row_times.moments_of(tables.raw(table, moment), moment))


def season_at(start: str, season: str) -> list[int]:
    """Return the weekday, or the hour, of the start of a period."""
    wall = np.array([start.partition("+")[0].removesuffix("Z")], dtype="datetime64[us]")
    return [int(SEASONS[season](Moments(wall))[0])]


def distinct_rows(columns: Sequence[Column], rows: int) -> int:
    """Return the number of different rows."""
    return int(codes_of(rows, columns).max()) + 1 if rows else 0


def _columns(table: Table, groups: Sequence[str], names: Sequence[str]) -> list[Column]:
    if tuple(groups) == (DUPLICATES,) and DUPLICATES not in table.names:
        return [table.column(name) for name in names if name in table.names]
    for name in groups:
        if name not in table.names:
            raise InvalidInput(f"No column {name!r} of the groups exists. Columns: {', '.join(table.names[:12])}.")
    return [table.column(name) for name in groups]


def codes_of(rows: int, columns: Sequence[Column]) -> IntArray:
    """Return the same code for rows that are equal in all columns. A row without a value is in a group of its own."""
    codes = np.zeros(rows, dtype=np.int64)
    alone = np.zeros(rows, dtype=bool)
    for column in columns:
        distinct, own = np.unique(column.exact, return_inverse=True)
        # numbered anew for each column, so that the product stays small
        _, codes = np.unique(codes * len(distinct) + own, return_inverse=True)
        alone |= column.values < 0 if column.coded else np.isnan(column.values)
    if len(columns) == 1:
        codes[alone] = len(codes) + np.arange(int(alone.sum()))
        _, codes = np.unique(codes, return_inverse=True)
    return np.asarray(codes, dtype=np.int64)


def _blocks(table: Table, block: Any, moment: str | None) -> RowGroups:
    windows = features.windows_of(table, block, moment)
    codes = np.full(table.rows, -1, dtype=np.int64)
    for place, window in enumerate(windows):
        codes[window.rows] = place
    outside = codes < 0  # rows without a time are blocks of their own, after the others
    # two apart, so that none is the neighbour of another
    codes[outside] = len(windows) + 1 + 2 * np.arange(int(outside.sum()))
    return RowGroups(codes, ordered=True)
