"""The role of each column of a table: features, the time of a row, and the log's own columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mlops_magics.core.log_columns import PREFIX, TIMESTAMP
from mlops_magics.core.monitoring.reading import periods, tables
from mlops_magics.core.monitoring.reading.periods import Period
from mlops_magics.core.monitoring.reading.tables import Table
from mlops_magics.errors import InvalidInput

NO_TIMES = "None of the {rows:,} rows has a time in {name!r}, so they belong to no period."


def feature_names(table: Table) -> list[str]:
    """Return the columns that are features."""
    return [name for name in table.names if not name.startswith(PREFIX)]


def windows_of(table: Table, by: Any, timestamp: str | None) -> list[Period]:
    """Cut the current data into periods.

    Raises
    ------
    InvalidInput
        The unit is unknown, the column of times cannot be found, or no row has a time.
    """
    name = time_column(table, by, timestamp)
    found = periods.split(table.rows, by, periods.moments_of(tables.raw(table, name), name) if name else None)
    if not found:
        raise InvalidInput(NO_TIMES.format(rows=table.rows, name=name))
    return found


def timeless(table: Table, windows: Sequence[Period], moment: str | None) -> tuple[str, ...]:
    """Return a note on rows without a time."""
    left = table.rows - sum(window.n for window in windows)
    of = f" in {moment!r}" if moment is not None else ""
    return (f"{left:,} of {table.rows:,} rows have no time{of}. They are in no period",) if left else ()


def time_column(table: Table, by: Any, timestamp: str | None) -> str | None:
    """Return the column with the times: the named one, the log's own, or the only one that holds times.

    Raises
    ------
    InvalidInput
        The column does not exist, or several hold times.
    """
    if timestamp is not None:
        if timestamp not in table.names:
            raise InvalidInput(
                f"The column {timestamp!r} of the times does not exist. Columns: {', '.join(table.names[:12])}."
            )
        return timestamp
    if by is None or isinstance(by, int) or periods.parts_in(by) is not None:
        return None
    if TIMESTAMP in table.names:
        return TIMESTAMP
    held = [name for name in table.names if table.column(name).native == "datetime"]
    if len(held) > 1:
        raise InvalidInput(f"Several columns hold times ({', '.join(held)}). Choose one with timestamp='{held[0]}'.")
    return held[0] if held else None
