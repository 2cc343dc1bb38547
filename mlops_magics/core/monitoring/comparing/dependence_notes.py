"""Notes on rows that depend on each other: copies, and rows that resemble the previous ones."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mlops_magics.core.log_columns import TIMESTAMP
from mlops_magics.core.monitoring.profiling.feature_profile import Features
from mlops_magics.core.monitoring.profiling.samples import CategorySample, NumericSample, Sample
from mlops_magics.core.monitoring.reading import features, row_groups, row_times, tables
from mlops_magics.core.monitoring.reading.column_values import Column, IntArray
from mlops_magics.core.monitoring.reading.periods import Period
from mlops_magics.core.monitoring.reading.row_groups import RowRelations
from mlops_magics.core.monitoring.reading.tables import Table
from mlops_magics.core.monitoring.statistics import design_effect
from mlops_magics.errors import InvalidInput

MOST_ROWS = 100_000
"""Rows of a table in which copies are looked for."""
MOST_IN_ORDER = 20_000
"""Rows whose order is read, those in the middle."""
FEWEST_ROWS = 50
"""Rows from which there are notes."""
COPIES = 0.05
"""Share of copies from which there is a note."""
IDENTIFYING = 0.9
"""Share of the different rows that one feature distinguishes by itself, where equal rows are copies."""
USUAL = 0.1
"""Share of equal pairs of every feature of the reference, from which equal rows are a change of few values rather than
copies."""
MOST_EXAMPLES = 1_000
"""Rows that may be a handful of examples sent again and again: their equal rows are compared with the reference's."""
MANY_TIMES = 5
"""Rows for each value from which they may be categories."""
LIKENESS = 0.1
"""Correlation of successive rows from which there is a note."""
SURE = 5.0
"""Standard errors of that correlation, or of the number of equal rows: far beyond chance for any number of features."""
DAYS = 10
"""Days from which blocks of days are advised, and twice as many make weeks."""


def of_rows(table: Table, reference: Features, relations: RowRelations, timestamp: str | None) -> tuple[str, ...]:
    """Return a note for each way in which rows depend on each other, with the option that allows for it.

    Parameters
    ----------
    reference
        The features of the reference.
    relations
        The dependence that is known already.
    timestamp
        The column with the times, by default the only one, or the log's.
    """
    held = [name for name in reference if name in table.names]
    if relations.grouped or not held:
        return ()
    if table.rows < FEWEST_ROWS:
        copies = _few_copies(table, held, reference)
        return (
            (f"{copies} of the {table.rows} rows are copies of another row, and each row is counted once",)
            if copies
            else ()
        )
    found = (_copies(table, held, reference), _likeness(table, held, relations, timestamp))
    return tuple(note for note in found if note)


def counted_once(
    table: Table, windows: Sequence[Period], reference: Features, relations: RowRelations
) -> tuple[Period, ...]:
    """Return the periods of few rows with one row of each group of copies, other periods as they are.

    Somebody who tries an endpoint sends the same example again and again. A dozen rows have no chance to show that they
    depend on each other, and the tests would find drift in them.

    Parameters
    ----------
    reference
        The features of the reference.
    """
    held = [name for name in reference if name in table.names]
    if relations.grouped or table.rows >= FEWEST_ROWS or not _few_copies(table, held, reference):
        return tuple(windows)
    codes = row_groups.codes_of(table.rows, [table.column(name) for name in held])
    positions = np.arange(table.rows)
    kept = [positions[window.rows] for window in windows]
    kept = [rows[np.sort(np.unique(codes[rows], return_index=True)[1])] for rows in kept]
    return tuple(replace(window, rows=rows, n=len(rows)) for window, rows in zip(windows, kept))


def _few_copies(table: Table, names: Sequence[str], reference: Features) -> int:
    """Return the number of copies among few rows, 0 where equal rows may be equal by chance."""
    columns = [table.column(name) for name in names]
    if len(columns) < 2 or not table.rows:
        return 0
    groups = np.bincount(row_groups.codes_of(table.rows, columns))
    different = int(np.count_nonzero(groups))
    values = np.array([len(np.unique(column.exact)) for column in columns])
    most = int(values.max())
    if most > 1 and (np.count_nonzero(values > 1) < 2 or most < IDENTIFYING * different):
        return 0
    if not any(map(_has_fractions, columns)) and not _more_than_chance(groups, names, reference):
        return 0
    return table.rows - different


def _more_than_chance(groups: IntArray, names: Sequence[str], reference: Features) -> bool:
    """Return whether more pairs of rows are equal than the reference explains.

    Rows that are equal are equal in each feature, so that no feature's rate of equal pairs is below that of the rows,
    whatever depends on what. The variance is that of a U-statistic (Hoeffding 1948).

    Parameters
    ----------
    groups
        The number of rows of each group of equal rows.
    names
        The features that the rows have.
    """
    rows = int(groups.sum())
    pairs = float((groups * (groups - 1) / 2).sum())
    two, three = min(_rates(reference[name].sample) for name in names)
    if two > USUAL:
        return False
    usual = rows * (rows - 1) / 2 * two
    variance = usual * (1 - two) + rows * (rows - 1) * (rows - 2) * max(three - two**2, 0.0)
    return pairs - usual > SURE * math.sqrt(variance)


def _rates(sample: Sample) -> tuple[float, float]:
    """Return how often two and three rows have an equal value of a feature: in a stored profile, at most so often."""
    counts = sample.counts if isinstance(sample, CategorySample) else _counts(sample)
    shares = np.append(counts, sample.total - np.sum(counts)) / max(sample.total, 1)  # missing ones are equal too
    return float((shares**2).sum()), float((shares**3).sum())


def _counts(sample: NumericSample) -> IntArray:
    if sample.cumulative is not None:
        return np.diff(sample.cumulative, prepend=0)
    return np.unique(sample.values, return_counts=True)[1]


def _has_fractions(column: Column) -> bool:
    return column.kind == "numeric" and bool(np.any(np.nan_to_num(np.asarray(column.exact, dtype=np.float64)) % 1))


def _copies(table: Table, names: Sequence[str], reference: Features) -> str:
    rows, most, columns, varying = table.rows, 0, [], []
    if rows > MOST_ROWS:
        return ""
    for name in names:
        column = table.column(name)
        columns.append(column)
        counts = np.unique(column.exact, return_counts=True)[1]
        most = max(most, len(counts))
        varying += [counts] if len(counts) > 1 else []
        if most > (1 - COPIES) * rows:  # one feature is enough to see that nearly all rows differ
            return ""
    if not varying and len(columns) > 1:
        return f"all {rows:,} rows are the same row, and the tests take them for new ones"
    if not any(map(_is_regular, varying)):
        by_chance = len(varying) < 2 or most * MANY_TIMES < rows
        if by_chance and (len(varying) < 2 or rows > MOST_EXAMPLES):
            return ""
        compared = rows <= MOST_EXAMPLES and (by_chance or not any(map(_has_fractions, columns)))
        if compared and not _more_than_chance(np.bincount(row_groups.codes_of(rows, columns)), names, reference):
            return ""
    different = row_groups.distinct_rows(columns, rows)
    share = 1 - different / rows
    if share < COPIES or most < IDENTIFYING * different:
        return ""
    return (
        f"{share:.0%} of the rows are copies of another row, and the tests take them for new ones. "
        "by_group='duplicates' (--by-group duplicates), or the column of an id, counts each once"
    )


def _is_regular(counts: IntArray) -> bool:
    """Return whether nearly all values occur the same number of times: no chance makes them so.

    A single feature of few or rounded values repeats them by itself, and so do a city and its country, each another
    number of times.
    """
    usual = np.bincount(counts).max()
    return len(counts) >= FEWEST_ROWS // 2 and bool(usual >= IDENTIFYING * len(counts))


def _likeness(table: Table, names: Sequence[str], relations: RowRelations, timestamp: str | None) -> str:
    order = _order(table, timestamp)
    if order is None or relations.seasonal is not None:
        return ""
    places, days = order
    found = max((_successive(table.column(name).take(places)), name) for name in names)
    if found[0] < max(LIKENESS, SURE / np.sqrt(len(places))):
        return ""
    block = "day" if days >= DAYS else "hour"
    season = ", and seasonal='week' (--seasonal week) for a pattern of weekdays" if days >= 2 * DAYS else ""
    return (
        f"rows are like the rows before them (correlation {found[0]:.2g} in {found[1]}), and the tests take them for "
        f"independent. block={block!r} (--block {block}) allows for that{season}"
    )


def _order(table: Table, timestamp: str | None) -> tuple[IntArray, float] | None:
    """Return rows in the order of their times and the days that they span, or ``None`` without times.

    A large table is not searched for times, because every column would be read.
    """
    if timestamp is None and table.rows > MOST_ROWS and TIMESTAMP not in table.names:
        return None
    try:
        name = features.time_column(table, "day", timestamp)
        if name is None:
            return None
        wall = row_times.moments_of(tables.raw(table, name), name).wall
    except InvalidInput:
        return None
    order = np.argsort(wall, kind="stable")
    # NaT sorts last, and has no rows before it
    order = order[~np.isnat(wall[order])]
    if len(order) < FEWEST_ROWS:
        return None
    spare = max(len(order) - MOST_IN_ORDER, 0) // 2
    days = (wall[order[-1]] - wall[order[0]]) / np.timedelta64(1, "D")
    return order[spare : spare + MOST_IN_ORDER], float(days)


def _successive(column: Column) -> float:
    """Return the correlation of the ranks of successive rows, or the excess agreement of their categories."""
    values = column.exact
    if column.kind == "datetime":
        return 0.0
    if column.coded:
        shares = np.bincount(values[values >= 0], minlength=1) / max(len(values), 1)
        # two rows drawn at random agree so often, whatever the order
        by_chance = float((shares**2).sum())
        agree = float(np.mean((values[1:] == values[:-1]) & (values[1:] >= 0)))
        return (agree - by_chance) / (1 - by_chance) if by_chance < 1 else 0.0
    known = values[np.isfinite(values)]
    if len(known) < FEWEST_ROWS:
        return 0.0
    # ranks: one outlier would decide a correlation of the values
    ranks = design_effect.mid_ranks(known)
    squares = float((ranks**2).sum())
    return float((ranks[1:] * ranks[:-1]).sum()) / squares if squares else 0.0
