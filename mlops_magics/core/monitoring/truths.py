"""What came out, beside what was predicted: a column, values in order, or a frame that is joined by request id."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mlops_magics.core.monitoring import tables
from mlops_magics.core.monitoring.columns import Column
from mlops_magics.core.monitoring.tables import Table
from mlops_magics.errors import InvalidInput

REQUEST, ROW = "mlops.request_id", "mlops.row"


@dataclass(frozen=True, slots=True)
class Truth:
    """One value per row of the current data, missing where none arrived, and what was odd about the join."""

    column: Column
    notes: tuple[str, ...] = ()


def align(table: Table, truth: Any, on: str | Sequence[str] | None = None) -> Truth | None:
    """Bring the truth into the order of the rows.

    Parameters
    ----------
    truth
        A column's name, values as many as rows, or a frame with ids (``on``; by default the log's request id and row)
        and one more column. Unknown ids are left out and counted; of doubled ids the last one counts.

    Raises
    ------
    InvalidInput
        No such column, another number of values, or no way to join.
    """
    if truth is None:
        return None
    if isinstance(truth, str):
        if truth not in table.names:
            raise InvalidInput(f"There is no column {truth!r} with the truth. Columns: {', '.join(table.names[:12])}.")
        return Truth(table.column(truth))
    keys = [on] if isinstance(on, str) else list(on or ())
    if keys or _is_frame_with(truth, REQUEST):
        return _joined(table, tables.read(truth), keys or [REQUEST])
    column = tables.column_of("truth", truth)
    if len(column) != table.rows:
        raise InvalidInput(
            f"There are {len(column)} truths for {table.rows} rows. Give one per row, or a frame with {REQUEST!r} to "
            f"join by."
        )
    return Truth(column)


def _is_frame_with(truth: Any, name: str) -> bool:
    return hasattr(truth, "columns") and name in tables.read(truth).names


def _joined(table: Table, truth: Table, keys: list[str]) -> Truth:
    keys += [ROW] if keys == [REQUEST] and ROW in truth.names and ROW in table.names else []
    for key in keys:
        for side, where in ((table, "the data"), (truth, "the truth")):
            if key not in side.names:
                raise InvalidInput(f"Cannot join by {key!r}: {where} has no such column.")
    values = [name for name in truth.names if name not in keys and name != ROW and not name.startswith("mlops.")]
    if len(values) != 1:
        raise InvalidInput(
            f"The truth needs one column beside {', '.join(keys)}; it has {', '.join(values) or 'none'}."
        )
    place = {key: row for row, key in enumerate(_keys(truth, keys))}
    rows = np.array([place.get(key, -1) for key in _keys(table, keys)], dtype=np.int64)
    notes = _oddities(truth.rows, len(place), set(place) - set(_keys(table, keys)))
    return Truth(_taken(truth.column(values[0]), rows), notes)


def _keys(table: Table, keys: list[str]) -> list[tuple[str, ...]]:
    return list(zip(*(tables.raw(table, key).astype(str).tolist() for key in keys)))


def _oddities(rows: int, distinct: int, unknown: set[tuple[str, ...]]) -> tuple[str, ...]:
    notes = []
    if unknown:
        notes.append(
            f"{len(unknown)} truths have ids that were never asked (such as {'/'.join(sorted(unknown)[0])}); they are "
            f"left out"
        )
    if rows > distinct:
        notes.append(f"{rows - distinct} truths came twice for the same id; the last one counts")
    return tuple(notes)


def _taken(column: Column, rows: np.ndarray[Any, np.dtype[np.int64]]) -> Column:
    """Return the values at ``rows``, missing at -1."""
    values = np.append(column.values, -1 if column.coded else np.nan)[rows]
    return Column(column.name, column.kind, column.native, values, column.labels)
