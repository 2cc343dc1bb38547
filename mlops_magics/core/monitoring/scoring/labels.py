"""The truth of the current rows: columns, values in order, or a frame that is joined by id."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mlops_magics.core import log_columns
from mlops_magics.core.monitoring.reading import join_keys, tables
from mlops_magics.core.monitoring.reading.column_values import Column
from mlops_magics.core.monitoring.reading.join_keys import Key
from mlops_magics.core.monitoring.reading.tables import Table
from mlops_magics.core.monitoring.scoring import feedback_values, outputs
from mlops_magics.core.phrases import counted
from mlops_magics.errors import InvalidInput

TRUTH = "truth"
"""The column of truths that have no name."""
REQUEST, ROW = log_columns.REQUEST_ID, log_columns.ROW


@dataclass(frozen=True, slots=True)
class Truth:
    """One value per row and output, missing where none arrived, and notes on the join."""

    columns: Mapping[str, Column]
    notes: tuple[str, ...] = ()

    @property
    def column(self) -> Column:
        """The truth of the first output."""
        return next(iter(self.columns.values()))

    def known(self) -> npt.NDArray[np.bool_]:
        """Return the rows in which every output has a truth."""
        held = [column.values >= 0 if column.coded else np.isfinite(column.values) for column in self.columns.values()]
        return np.asarray(np.all(held, axis=0))


def align(table: Table, truth: Any, on: str | Sequence[str] | None = None, names: Sequence[str] = ()) -> Truth | None:
    """Order the truth by the rows.

    Parameters
    ----------
    truth
        A column's name (or several), values as many as rows, or a frame, or its path, with ids (``on``, by default the
        log's request id and row) and one more column. The ids may be the index of a pandas frame or Series, or the keys
        of a mapping. Unknown ids are left out and counted. Of doubled ids the last one counts.
    names
        The outputs of the model, where it has several: the frame has a column for each, or feedback a list or a
        mapping in each row.

    Raises
    ------
    InvalidInput
        The column does not exist, the number of values differs, or the rows cannot be joined.
    """
    if truth is None:
        return None
    truth = tables.read(truth) if _is_file(table, truth, on) else tables.name_of(table, truth)
    if isinstance(truth, str) and truth not in table.names:
        raise InvalidInput(f"The column {truth!r} of the truth does not exist. Columns: {', '.join(table.names[:12])}.")
    keys = [on] if isinstance(on, str) else list(on or ())
    if not isinstance(truth, str) and (keys or _is_frame_with(truth, REQUEST)):
        return _join(table, tables.read(_with_ids(truth, keys)), keys or [REQUEST], names)
    columns = outputs.columns_of(table, truth, "truth")
    for column in columns.values():
        if len(column) != table.rows:
            raise InvalidInput(
                f"There are {len(column)} truths for {table.rows} rows. Give one per row, or a frame with {REQUEST!r} "
                f"to join by."
            )
    return Truth(columns)


def _is_file(table: Table, truth: Any, on: Any) -> bool:
    """Return whether the truth is a file of ids and truths: a path, or text that is no column where ids are named."""
    if isinstance(truth, Path):
        return True
    if not isinstance(truth, str) or truth in table.names or not on:
        return False
    return "://" in truth or Path(truth).exists()


def _with_ids(truth: Any, keys: Sequence[str]) -> Any:
    """Return the ids of a pandas index, or of a mapping of ids to truths, as columns."""
    import pandas as pd

    if isinstance(truth, Mapping) and len(keys) == 1 and keys[0] not in truth:
        return {keys[0]: list(truth), TRUTH: list(truth.values())}
    if not isinstance(truth, pd.DataFrame | pd.Series):
        return truth
    frame = (
        truth if isinstance(truth, pd.DataFrame) else truth.to_frame(truth.name if truth.name is not None else TRUTH)
    )
    if len(keys) == 1 and keys[0] not in frame.columns and frame.index.name is None and frame.index.nlevels == 1:
        frame = frame if isinstance(frame.index, pd.RangeIndex) else frame.rename_axis(keys[0])
    return frame.reset_index([key for key in keys if key in frame.index.names and key not in frame.columns])


def _is_frame_with(truth: Any, name: str) -> bool:
    return hasattr(truth, "columns") and name in tables.read(truth).names


def _join(table: Table, truth: Table, keys: list[str], names: Sequence[str]) -> Truth:
    keys += [ROW] if keys == [REQUEST] and ROW in truth.names and ROW in table.names else []
    for key in keys:
        for side, where in ((table, "the data"), (truth, "the truth")):
            if key not in side.names:
                raise InvalidInput(f"Cannot join by {key!r}: {where} has no such column.")
    others = [
        name for name in truth.names if name not in keys and name != ROW and not name.startswith(log_columns.PREFIX)
    ]
    values = list(names) if names and set(names) <= set(others) else others
    columns: dict[str, Column] = {name: truth.column(name) for name in values}
    notes: tuple[str, ...] = ()
    if len(values) == 1 and keys[0] == REQUEST:
        columns, notes = feedback_values.columns_of(truth, values[0], names)
        values = list(columns)
    if len(values) != max(len(names), 1):
        raise InvalidInput(
            f"The truth needs one column apart from {', '.join(keys)}. It has {', '.join(others) or 'none'}. Pass the "
            f"ids and the truth alone, such as truth[{[*keys, *others[-1:]]!r}]."
        )
    rows, known = join_keys.keys_of(table, truth, keys)
    place = {key: row for row, key in enumerate(known) if key is not None}
    taken = np.array([-1 if key is None else place.get(key, -1) for key in rows], dtype=np.int64)
    counts = join_keys.rounded(table, keys), join_keys.rounded(truth, keys)
    found = _notes(rows, known, counts)
    return Truth({name: _take(column, taken) for name, column in columns.items()}, (*found, *notes))


def _notes(rows: list[Key | None], known: list[Key | None], rounded: tuple[int, int]) -> tuple[str, ...]:
    """Return a note for ids that are missing, rounded, unknown, doubled, or useless on either side."""
    asked, told = (Counter(key for key in side if key is not None) for side in (rows, known))
    unknown = {key: count for key, count in told.items() if key not in asked}
    twice = [key for key, count in told.items() if count > 1]
    shared = [key for key, count in asked.items() if count > 1]
    nameless, without = len(known) - told.total() - rounded[1], len(rows) - asked.total() - rounded[0]
    notes = [
        f"{counted(count, what)} {'has an id' if count == 1 else 'have ids'} that a float has rounded (2**53 and "
        "beyond), and no truth is joined by it: read the ids as Int64, or as text"
        for count, what in zip(rounded, ("row", "truth"))
        if count
    ]
    if nameless:
        notes.append(_left_out(nameless, "no id"))
    if unknown:
        ids = "ids" if sum(unknown.values()) > 1 else "an id"
        notes.append(_left_out(sum(unknown.values()), f"{ids} of no request{_such(unknown)}"))
    if twice:
        extra = sum(told[key] - 1 for key in twice)
        notes.append(f"{counted(extra, 'truth')} came twice for the same id{_such(twice)}. The last one counts")
    if without:
        notes.append(f"{counted(without, 'row')} {'has' if without == 1 else 'have'} no id and so no truth")
    if shared:
        held = sum(asked[key] for key in shared)
        notes.append(
            f"{held} rows share {counted(len(shared), 'id')}{_such(shared)}. Each of them gets the truth of its id"
        )
    if asked and told and len(unknown) == len(told):
        notes.append(f"no truth has the id of a row: the rows have ids{_such(asked)}")
    return tuple(notes)


def _left_out(truths: int, what: str) -> str:
    if truths == 1:
        return f"1 truth has {what}. It is left out"
    return f"{truths:,} truths have {what}. They are left out"


def _such(keys: Iterable[Key]) -> str:
    return f" (such as {'/'.join(min(keys))})"


def _take(column: Column, rows: npt.NDArray[np.int64]) -> Column:
    """Return the values at ``rows``, missing at -1."""
    # -1 reads the value that is appended
    apart = None if column.apart is None else np.append(column.apart, np.nan)[rows]
    return replace(column, values=np.append(column.values, -1 if column.coded else np.nan)[rows], apart=apart)
