"""What came out, beside what was predicted: a column, values in order, or a frame that is joined by request id."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mlops_magics.core.log_columns import PREFIX, REQUEST_ID, ROW
from mlops_magics.core.monitoring.reading import tables
from mlops_magics.core.monitoring.reading.column_values import Column
from mlops_magics.core.monitoring.reading.tables import Table
from mlops_magics.errors import InvalidInput

Key = tuple[str, ...]


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
    if keys or _is_frame_with(truth, REQUEST_ID):
        return _joined(table, tables.read(truth), keys or [REQUEST_ID])
    column = tables.column_of("truth", truth)
    if len(column) != table.rows:
        raise InvalidInput(
            f"There are {len(column)} truths for {table.rows} rows. Give one per row, or a frame with "
            f"{REQUEST_ID!r} to join by."
        )
    return Truth(column)


def _is_frame_with(truth: Any, name: str) -> bool:
    return hasattr(truth, "columns") and name in tables.read(truth).names


def _joined(table: Table, truth: Table, keys: list[str]) -> Truth:
    keys += [ROW] if keys == [REQUEST_ID] and ROW in truth.names and ROW in table.names else []
    for key in keys:
        for side, where in ((table, "the data"), (truth, "the truth")):
            if key not in side.names:
                raise InvalidInput(f"Cannot join by {key!r}: {where} has no such column.")
    values = [name for name in truth.names if name not in keys and name != ROW and not name.startswith(PREFIX)]
    if len(values) != 1:
        raise InvalidInput(
            f"The truth needs one column beside {', '.join(keys)}; it has {', '.join(values) or 'none'}."
        )
    asked, told = _keys(table, keys), _keys(truth, keys)
    place = {key: row for row, key in enumerate(told) if key is not None}
    rows = np.array([-1 if key is None else place.get(key, -1) for key in asked], dtype=np.int64)
    return Truth(_taken(truth.column(values[0]), rows), _oddities(told, set(place) - set(asked)))


def _keys(table: Table, keys: list[str]) -> list[Key | None]:
    """Return the key of each row as text; None where a part of it is missing: that belongs to no other row."""
    held = [tables.raw(table, key) for key in keys]
    missing = np.any([each.isna().to_numpy() for each in held], axis=0)
    texts = zip(*(each.astype(str).tolist() for each in held))
    return [None if without else key for key, without in zip(texts, missing)]


def _oddities(told: list[Key | None], unknown: set[Key]) -> tuple[str, ...]:
    notes = []
    counts = Counter(key for key in told if key is not None)
    nameless = len(told) - counts.total()
    twice = [key for key, count in counts.items() if count > 1]
    if nameless:
        notes.append(f"{nameless} truths have no id; they are left out")
    if unknown:
        notes.append(f"{len(unknown)} truths have ids that were never asked{_such(unknown)}; they are left out")
    if twice:
        extra = sum(counts[key] - 1 for key in twice)
        notes.append(f"{extra} truths came twice for the same id{_such(twice)}; the last one counts")
    return tuple(notes)


def _such(keys: Iterable[Key]) -> str:
    return f" (such as {'/'.join(min(keys))})"


def _taken(column: Column, rows: np.ndarray[Any, np.dtype[np.int64]]) -> Column:
    """Return the values at ``rows``, missing at -1."""
    values = np.append(column.values, -1 if column.coded else np.nan)[rows]
    return Column(column.name, column.kind, column.native, values, column.labels)
