"""The role of each column of a table: features, the time of a row, and the log's own columns."""

from __future__ import annotations

from typing import Any

from mlops_magics.core.log_columns import PREFIX, TIMESTAMP
from mlops_magics.core.monitoring.reading import periods, row_times, tables, time_notes
from mlops_magics.core.monitoring.reading.periods import Period
from mlops_magics.core.monitoring.reading.tables import Table
from mlops_magics.errors import InvalidInput

NO_TIMES = "None of the {rows:,} rows has a time in {name!r}, so they belong to no period."


def feature_names(table: Table) -> list[str]:
    """Return the columns that are features."""
    return [name for name in table.names if not name.startswith(PREFIX)]


def windows_of(table: Table, by: Any, timestamp: str | None) -> list[Period]:
    """Cut the current data into periods, as `cut`."""
    return cut(table, by, timestamp)[0]


def cut(table: Table, by: Any, timestamp: str | None) -> tuple[list[Period], tuple[str, ...]]:
    """Cut the current data into periods, and return notes on rows that are in none.

    Raises
    ------
    InvalidInput
        The unit is unknown, the column of times cannot be found, or no row has a time.
    """
    name = time_column(table, by, timestamp)
    moments = row_times.moments_of(tables.raw(table, name), name) if name is not None else None
    found = periods.split(table.rows, by, moments)
    if not found:
        raise InvalidInput(NO_TIMES.format(rows=table.rows, name=name))
    if moments is None or not periods.are_in_time(by):
        return found, ()
    return found, time_notes.of_rows(moments, found).notes(name, table.rows, found)


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
    if not periods.are_in_time(by):
        return None
    if TIMESTAMP in table.names:
        return TIMESTAMP
    held = [name for name in table.names if table.column(name).native == "datetime"]
    if len(held) > 1:
        raise InvalidInput(f"Several columns hold times ({', '.join(held)}). Choose one with timestamp='{held[0]}'.")
    return held[0] if held else None
