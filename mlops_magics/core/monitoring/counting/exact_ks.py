"""The exact Kolmogorov-Smirnov distance of two tables in their engine, by two GROUP BY passes of any engine."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from mlops_magics.core.monitoring.counting import ibis_queries
from mlops_magics.core.monitoring.reading.column_values import FloatArray, IntArray
from mlops_magics.errors import DataMismatch

CELLS = 1024  # of equal width over the range of both tables
MOST_ROWS = 2_000_000  # that are fetched of one column (with more in undecided cells these are divided first)
MOST_PASSES = 12  # a range that is halved ten times a pass comes to an end


def distances(reference: Any, current: Any, names: Sequence[str]) -> dict[str, float]:
    """Return D = max|F−G| of each numeric column, to the last digit that of the rows.

    The first pass counts both tables in cells of equal width, which bounds D from below (at the ends of the cells) and
    from above (within each). The second fetches the values of those cells alone whose upper bound beats the best lower
    one: about a quarter of the rows for a normal feature.

    Parameters
    ----------
    reference, current
        Ibis tables, of one backend or of two.
    names
        Columns that both have. Missing and infinite values are left out, and so is a column without a value on
        either side.

    Raises
    ------
    DataMismatch
        A column is missing in one of the tables.
    """
    sides = (reference, current)
    for name in names:
        if any(name not in side.columns for side in sides):
            raise DataMismatch(f"The two tables do not both have a column {name!r}.")
    ranges = _ranges(sides, names)
    bounds = _bounds(sides, ranges)
    for _ in range(MOST_PASSES):
        heavy = {name: narrower(ranges[name], cells) for name, cells in bounds.items() if cells.rows() > MOST_ROWS}
        heavy = {name: ends for name, ends in heavy.items() if ends != ranges[name]}
        if not heavy:
            break
        ranges |= heavy
        bounds |= _bounds(sides, heavy)
    wanted = {name: cells.undecided() for name, cells in bounds.items()}
    values = [_values(side, ranges, wanted) for side in sides]
    return {name: bounds[name].exact(wanted[name], [side.get(name, {}) for side in values]) for name in ranges}


def with_origins(table: Any, origins: Mapping[str, int]) -> Any:
    """Return a table with some columns less an origin each: their integers have no floats, and the differences do."""
    large = {name: ibis_queries.number_above(table[name], origin) for name, origin in origins.items() if origin}
    return table.mutate(**large) if large else table


def narrower(ends: tuple[float, float], cells: Cells) -> tuple[float, float]:
    """Return the range of the undecided cells: one value far away puts all others into a single cell."""
    width = (ends[1] - ends[0]) / CELLS
    undecided = cells.undecided()
    return ends[0] + float(undecided[0]) * width, ends[0] + float(undecided[-1] + 1) * width


def _bounds(sides: Sequence[Any], ranges: Mapping[str, tuple[float, float]]) -> dict[str, Cells]:
    first, second = (_counts(side, ranges) for side in sides)
    return {name: Cells(first[name], second[name]) for name in ranges}


class Cells:
    """Counts of both sides in the same cells, ``(1024,)`` each, and the bounds of D that follow from them."""

    def __init__(self, reference: IntArray, current: IntArray) -> None:
        self.totals = (int(reference.sum()), int(current.sum()))
        self.before = tuple(np.concatenate(([0], np.cumsum(counts))) for counts in (reference, current))
        shares = [counts / total for counts, total in zip(self.before, self.totals)]
        self.least = float(np.abs(shares[0] - shares[1]).max())
        f, g = shares
        self._most = np.maximum(f[1:] - g[:-1], g[1:] - f[:-1])
        self._held = reference + current

    def undecided(self) -> IntArray:
        """Return the cells in which D may be larger than at the ends of all cells."""
        return np.flatnonzero((self._most > self.least) & (self._held > 1))

    def rows(self) -> int:
        """Return the number of rows in undecided cells."""
        return int(self._held[self.undecided()].sum())

    def exact(self, cells: IntArray, values: Sequence[Mapping[int, tuple[FloatArray, IntArray]]]) -> float:
        """Return D, given the values in the undecided cells and their counts."""
        best = self.least
        for cell in cells.tolist():
            sides = [side.get(cell, (np.empty(0), np.empty(0, np.int64))) for side in values]
            points = np.union1d(sides[0][0], sides[1][0])
            shares = []
            for (distinct, counts), start, total in zip(sides, self.before, self.totals):
                reached = np.concatenate(([0], np.cumsum(counts)))[np.searchsorted(distinct, points, side="right")]
                shares.append((start[cell] + reached) / total)
            best = max(best, float(np.abs(shares[0] - shares[1]).max(initial=0.0)))
        return best


def _number(table: Any, name: str) -> Any:
    return table[name].cast("float64")


def _finite(number: Any) -> Any:
    return number.notnull() & ~number.isnan() & ~ibis_queries.is_infinite(number)


def _ranges(sides: Sequence[Any], names: Sequence[str]) -> dict[str, tuple[float, float]]:
    """Return the range of both sides together, without the columns that have no finite value on one side."""
    found: dict[str, list[float]] = {name: [] for name in names}
    for side in sides:
        asked = {}
        for k, name in enumerate(names):
            number = _number(side, name)
            asked[f"low{k}"] = number.min(where=_finite(number))
            asked[f"high{k}"] = number.max(where=_finite(number))
        row = side.aggregate(**asked).execute().iloc[0]
        for k, name in enumerate(names):
            found[name] += [float(row[f"low{k}"]), float(row[f"high{k}"])]
    return {name: (min(ends), max(ends)) for name, ends in found.items() if not any(map(math.isnan, ends))}


def _cell(number: Any, ends: tuple[float, float]) -> Any:
    """Return the cell of a value: an expression that no engine rounds so that the order of two values is lost."""
    import ibis

    low, high = ends
    if not math.isfinite(high - low) or not high > low:
        return ibis.literal(0, "int64")
    known = ibis.ifelse(_finite(number), number, low)  # an engine may compute cells before it filters
    place = ((known - low) / (high - low) * CELLS).floor().cast("int64")
    return place.clip(0, CELLS - 1)


def _counts(side: Any, ranges: Mapping[str, tuple[float, float]]) -> dict[str, IntArray]:
    """Count in one GROUP BY per column, all in one query."""
    parts = []
    for k, (name, ends) in enumerate(ranges.items()):
        number = _number(side, name)
        parts.append(
            side.filter(_finite(number))
            .select(feature=_literal(k), cell=_cell(number, ends))
            .group_by(["feature", "cell"])
            .agg(rows=lambda grouped: grouped.count())
        )
    found = {name: np.zeros(CELLS, dtype=np.int64) for name in ranges}
    if parts:
        rows = _together(parts).execute()
        for k, name in enumerate(ranges):
            chosen = rows[rows["feature"] == k]
            found[name][chosen["cell"].to_numpy(dtype=np.int64)] = chosen["rows"].to_numpy(dtype=np.int64)
    return found


def _values(
    side: Any, ranges: Mapping[str, tuple[float, float]], wanted: Mapping[str, IntArray]
) -> dict[str, dict[int, tuple[FloatArray, IntArray]]]:
    """Fetch each value of the wanted cells, and its count."""
    parts = []
    for k, (name, ends) in enumerate(ranges.items()):
        if len(wanted[name]):
            number = _number(side, name)
            kept = side.filter(_finite(number)).select(feature=_literal(k), cell=_cell(number, ends), value=number)
            kept = kept.filter(kept.cell.isin(wanted[name].tolist()))
            parts.append(kept.group_by(["feature", "cell", "value"]).agg(rows=lambda grouped: grouped.count()))
    if not parts:
        return {}
    rows = _together(parts).execute().sort_values(["feature", "cell", "value"])
    names = list(ranges)
    found: dict[str, dict[int, tuple[FloatArray, IntArray]]] = {}
    for (k, cell), part in rows.groupby(["feature", "cell"], sort=False):
        counts = (part["value"].to_numpy(dtype=np.float64), part["rows"].to_numpy(dtype=np.int64))
        found.setdefault(names[int(k)], {})[int(cell)] = counts
    return found


def _literal(k: int) -> Any:
    import ibis

    return ibis.literal(k, "int64")


def _together(parts: Sequence[Any]) -> Any:
    import ibis

    return ibis.union(*parts) if len(parts) > 1 else parts[0]
