"""The one check of what was sent against the prototype: vectorised, and able to say everything that is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt

from mlops_magics.core.deploying.contract.http_error import problem, too_large
from mlops_magics.core.deploying.contract.limits import Limits
from mlops_magics.core.deploying.contract.model_options import Extras
from mlops_magics.core.deploying.validation.convert import (
    MAX_PROBLEMS,
    ColumnMismatch,
    convert_column,
    moment,
    shown,
    wanted,
)
from mlops_magics.core.deploying.validation.layout import Layout, Part, Rows, Table
from mlops_magics.errors import DataMismatch


class Check:
    """What a model accepts, compiled from its prototype.

    Parameters
    ----------
    layout
        The prototype's columns.
    extras
        What happens to columns that the model does not read.
    """

    def __init__(self, layout: Layout, *, extras: Extras = "ignore", limits: Limits | None = None) -> None:
        self.layout = layout
        self.extras = extras
        self.limits = limits or Limits()
        self._moments = {
            place: (moment(column.minimum), moment(column.maximum))
            for place, column in enumerate(layout.columns)
            if column.kind == "datetime" and column.minimum is not None
        }
        self._ranged = bool(self._moments or np.isfinite(layout.lows).any() or np.isfinite(layout.highs).any())

    def table(self, parts: Sequence[Part]) -> Table:
        """Check the rows of several requests, and put them below each other in one table."""
        rows = [part.values for part in parts if isinstance(part, Rows)]
        if len(rows) == len(parts):
            return self._typed(rows[0] if len(rows) == 1 else list(chain.from_iterable(rows)))
        return Table.concatenate([part if isinstance(part, Table) else self._typed(part.values) for part in parts])

    def _typed(self, rows: Sequence[tuple[Any, ...]]) -> Table:
        if self.layout.uniform:
            return Table(self.layout, None, np.array(rows, dtype="float64"))
        return self._table(list(zip(*rows)))

    def chunks(self, chunks: Iterable[tuple[Sequence[Any], Table | None]]) -> Table:
        """Check rows that come in chunks, each with its table where it is known already; report the faults of all."""
        tables: list[Table] = []
        problems: list[dict[str, object]] = []
        rows = 0
        for records, table in chunks:
            self._admit(rows + len(records))
            try:
                tables.append(self.records(records) if table is None else table)
            except DataMismatch as error:
                problems += [_moved(fault, rows) for fault in error.problems]
                if len(problems) >= MAX_PROBLEMS:
                    break
            rows += len(records)
        if problems:
            raise mismatch(problems[:MAX_PROBLEMS])
        return Table.concatenate(tables)

    def records(self, records: Sequence[Any]) -> Table:
        """Check a list of ``{column: value}`` objects, or of lists in the prototype's order."""
        self._admit(len(records))
        if all(type(record) is list for record in records):
            return self.lists(records)
        problems = list(self._misshapen(records))
        if problems:
            raise mismatch(problems)
        return self._table([[record[name] for record in records] for name in self.layout.names])

    def lists(self, rows: Sequence[Sequence[Any]], names: Sequence[str] | None = None) -> Table:
        """Check rows of values, whose columns are ``names`` or else the prototype's."""
        self._admit(len(rows))
        width = len(names) if names is not None else len(self.layout.names)
        uneven = (place for place, row in enumerate(rows) if not isinstance(row, list | tuple) or len(row) != width)
        problems = [problem((place,), "row_length", f"Expected {width} values in this row") for place in _first(uneven)]
        if problems:
            raise mismatch(problems)
        columns = list(zip(*rows))
        return self.columns(dict(zip(names, columns))) if names is not None else self._table(columns)

    def columns(self, columns: Mapping[str, Sequence[Any] | npt.NDArray[Any]]) -> Table:
        """Check whole columns by name: reorder them, and ignore or refuse what the model does not read."""
        self._admit_width(len(columns))
        missing = [name for name in self.layout.names if name not in columns]
        problems = [problem((name,), "missing", self._absent(name)) for name in missing]
        problems += [problem((name,), "extra", self._unknown(name)) for name in self._extra(columns)]
        lengths = {len(columns[name]) for name in self.layout.names if name in columns}
        if len(lengths) > 1:
            problems.append(
                problem((), "column_length", f"Expected columns of one length, got lengths {sorted(lengths)}")
            )
        if problems:
            raise mismatch(problems[:MAX_PROBLEMS])
        self._admit(lengths.pop() if lengths else 0)
        return self._table([columns[name] for name in self.layout.names])

    def outside(self, table: Table) -> npt.NDArray[np.bool_] | None:
        """Mark the values outside the training range, ``(n_rows, n_columns)``; ``None`` where there is none."""
        if not self._ranged:
            return None
        if table.matrix is not None:
            marked = (table.matrix < self.layout.lows) | (table.matrix > self.layout.highs)
        else:
            marked = np.column_stack([self._outside(place, values) for place, values in enumerate(table.columns)])
        return marked if marked.any() else None

    def warnings(self, marked: npt.NDArray[np.bool_]) -> list[str]:
        """Say in one sentence for each column what lies outside the training range."""
        columns = self.layout.columns
        return [
            f"{columns[place].name}: {_counted(int(marked[:, place].sum()))} outside the training range "
            f"[{_bound(columns[place].minimum)}, {_bound(columns[place].maximum)}]"
            for place in np.flatnonzero(marked.any(axis=0))
        ]

    def _outside(self, place: int, values: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
        if place in self._moments:
            low, high = self._moments[place]
        elif values.dtype.kind in "if":
            low, high = self.layout.lows[place], self.layout.highs[place]
        else:
            return np.zeros(len(values), dtype=bool)
        return np.asarray((values < low) | (values > high))

    def _table(self, columns: Sequence[Sequence[Any] | npt.NDArray[Any]]) -> Table:
        arrays: list[npt.NDArray[Any]] = []
        problems: list[dict[str, object]] = []
        for values, column, labels in zip(columns, self.layout.columns, self.layout.labels):
            try:
                arrays.append(convert_column(values, column, labels))
            except ColumnMismatch as fault:
                problems += fault.problems
        if problems:
            raise mismatch(problems[:MAX_PROBLEMS])
        if self.layout.uniform:
            return Table(self.layout, arrays, np.stack(arrays).T)  # each column stays in one piece
        return Table(self.layout, arrays)

    def _misshapen(self, records: Sequence[Any]) -> Iterable[dict[str, object]]:
        """Find what is missing or superfluous in each record, up to the limit."""
        found = 0
        for row, record in enumerate(records):
            if found >= MAX_PROBLEMS:
                return
            for fault in self._misshapen_record(row, record):
                found += 1
                yield fault

    def _misshapen_record(self, row: int, record: Any) -> list[dict[str, object]]:
        if not isinstance(record, dict):
            return [problem((row,), "record_type", f"Expected an object of columns, got {shown(record)}")]
        self._admit_width(len(record))
        faults = [
            problem((row, name), "missing", self._absent(name)) for name in self.layout.names if name not in record
        ]
        return faults + [problem((row, name), "extra", self._unknown(name)) for name in self._extra(record)]

    def _extra(self, names: Iterable[str]) -> list[str]:
        return _first(name for name in names if name not in self.layout.known) if self.extras == "refuse" else []

    def _absent(self, name: str) -> str:
        column = next(column for column in self.layout.columns if column.name == name)
        return f"Field required: expected {wanted(column)}, got no such column"

    def _unknown(self, name: str) -> str:
        return f"The model reads no column {shown(name)}"

    def _admit(self, rows: int) -> None:
        if rows == 0:
            raise mismatch([problem((), "no_rows", "Expected at least one row, got none")])
        if rows > self.limits.rows:
            raise too_large(
                f"{rows:,} rows in one request; at most {self.limits.rows:,} are taken. Send them in several requests."
            )

    def _admit_width(self, columns: int) -> None:
        most = max(self.limits.columns, 2 * len(self.layout.names))
        if columns > most:
            raise too_large(f"{columns:,} columns in one row; at most {most:,} are taken.")


def mismatch(problems: Sequence[dict[str, object]]) -> DataMismatch:
    """Return the error for data that do not fit, its first problems in words."""
    told = "; ".join(f"{_place(fault)}{fault['msg']}" for fault in problems[:3])
    more = f" (and {len(problems) - 3} more)" if len(problems) > 3 else ""
    return DataMismatch(f"The data do not fit the prototype. {told}{more}", problems)


def _place(fault: dict[str, object]) -> str:
    loc = fault["loc"]
    inside = (
        [f"row {step}" if isinstance(step, int) else f"column {step!r}" for step in loc[1:]]
        if isinstance(loc, list)
        else []
    )
    return f"{', '.join(inside)}: " if inside else ""


def _moved(fault: dict[str, object], rows: int) -> dict[str, object]:
    """Return a fault of a piece with its place among all rows."""
    loc = fault["loc"]
    moved = [rows + step if type(step) is int else step for step in loc] if isinstance(loc, list) else loc
    return {**fault, "loc": moved}


def _first(found: Iterable[Any]) -> list[Any]:
    return [value for _, value in zip(range(MAX_PROBLEMS), found)]


def _bound(value: Any) -> str:
    return value if isinstance(value, str) else f"{value:g}"


def _counted(values: int) -> str:
    return "1 value" if values == 1 else f"{values:,} values"
