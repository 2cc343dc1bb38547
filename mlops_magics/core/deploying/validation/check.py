"""The check of rows of every format against the prototype, vectorised and with a report of every fault."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, islice
from typing import Any

import numpy as np
import numpy.typing as npt

from mlops_magics.core.deploying.contract.http_error import problem, too_large
from mlops_magics.core.deploying.contract.limits import Limits
from mlops_magics.core.deploying.contract.model_options import Extras
from mlops_magics.core.deploying.validation.column_names import NameCheck
from mlops_magics.core.deploying.validation.convert import MAX_PROBLEMS, ColumnMismatch, convert_column
from mlops_magics.core.deploying.validation.expectation import shown
from mlops_magics.core.deploying.validation.layout import Layout, Part, Rows, Table
from mlops_magics.core.deploying.validation.mismatch import mismatch, moved
from mlops_magics.core.deploying.validation.times import Times, moment, utc_note
from mlops_magics.errors import DataMismatch

Values = Sequence[Any] | npt.NDArray[Any] | Times
"""The values of one column, as they were sent."""
MOST_SHOWN = 6
"""Values of an example row in an error."""


class Check:
    """The check of one prototype.

    Parameters
    ----------
    layout
        The prototype's columns.
    extras
        The handling of columns that the model does not read.
    limits
        Of rows and columns.
    """

    def __init__(self, layout: Layout, *, extras: Extras = "ignore", limits: Limits | None = None) -> None:
        self.layout = layout
        self.extras = extras
        self.limits = limits or Limits()
        self.names = NameCheck(layout, extras)
        self._moments = {
            place: (moment(column.minimum), moment(column.maximum))
            for place, column in enumerate(layout.columns)
            if column.kind == "datetime" and column.minimum is not None
        }
        self._ranged = bool(self._moments or np.isfinite(layout.lows).any() or np.isfinite(layout.highs).any())

    def table(self, parts: Sequence[Part]) -> Table:
        """Check the rows of several requests, and concatenate them in one table."""
        if len(parts) == 1:
            return self._part(parts[0])
        rows = [part for part in parts if isinstance(part, Rows)]
        if len(rows) == len(parts):
            return self._typed(list(chain.from_iterable(rows)))
        return Table.concatenate([self._part(part) for part in parts])

    def _part(self, part: Part) -> Table:
        return part if isinstance(part, Table) else self._typed(part)

    def _typed(self, rows: Sequence[tuple[Any, ...]]) -> Table:
        if self.layout.uniform:
            return Table(self.layout, None, np.array(rows, dtype="float64"))
        return self._table(list(zip(*rows)), [])

    def chunks(self, chunks: Iterable[tuple[Sequence[Any], Table | None]]) -> Table:
        """Check rows in chunks, each with its table where it is known already, and report the faults of all."""
        tables: list[Table] = []
        problems: list[dict[str, object]] = []
        rows = 0
        for records, table in chunks:
            self._admit(rows + len(records))
            try:
                tables.append(self.records(records) if table is None else table)
            except DataMismatch as error:
                problems += [moved(fault, rows) for fault in error.problems]
                if len(problems) >= MAX_PROBLEMS:
                    break
            rows += len(records)
        if problems:
            raise mismatch(problems[:MAX_PROBLEMS])
        return Table.concatenate(tables)

    def records(self, records: Sequence[Any]) -> Table:
        """Check a list of ``{column: value}`` objects, of lists in the prototype's order, or of single values."""
        self._admit(len(records))
        if self.layout.form.is_single and not any(isinstance(record, dict) for record in records):
            return self._table([self._unwrapped(records)], [])
        if all(isinstance(record, list | tuple) for record in records):
            return self.lists(records)
        if self.layout.form.is_single:
            values, missing = self.names.single_values(records)
            return self._table([values], missing, [] if missing else None)
        if len(self.layout.names) == 1 and not any(isinstance(record, dict | list | tuple) for record in records):
            return self._table([records], [])
        problems = list(islice(self._misshapen(records), MAX_PROBLEMS))
        if problems:
            raise mismatch(problems)
        if self.layout.form.kind == "records":
            return self._table([[record.get(name) for record in records] for name in self.layout.names], [])
        absent = list(self.names.record_problems(records))
        whole = [name for name in self.layout.names if all(name in record for record in records)]
        return self._table([[record.get(name) for record in records] for name in self.layout.names], absent, whole)

    def _unwrapped(self, records: Sequence[Any]) -> Sequence[Any]:
        """Return single values. Each may be in a list of its own, as clients of tables send it."""
        column = self.layout.columns[0]
        depth = (
            len(column.shape) if column.kind == "tensor" else _depth(column.example) if column.kind == "nested" else 0
        )
        wrapped = all(isinstance(record, list) and len(record) == 1 for record in records) and any(
            _depth(record) > depth for record in records
        )
        wrapped = wrapped and all(record[0] is None or _depth(record) > depth for record in records)
        return [record[0] for record in records] if wrapped else records

    def lists(self, rows: Sequence[Sequence[Any]], names: Sequence[str] | None = None) -> Table:
        """Check rows of values, whose columns are ``names`` or else the prototype's."""
        self._admit(len(rows))
        if names is None and self.layout.form.is_single:
            return self._table([self._unwrapped(rows)], [])
        width = len(names) if names is not None else len(self.layout.names)
        uneven = (place for place, row in enumerate(rows) if not isinstance(row, list | tuple) or len(row) != width)
        problems = [
            problem((place,), "row_length", f"Expected {width} value{'s' if width != 1 else ''} in this row")
            for place in islice(uneven, MAX_PROBLEMS)
        ]
        if problems:
            raise mismatch(problems)
        columns = list(zip(*rows))
        return self.columns(dict(zip(names, columns))) if names is not None else self._table(columns, [])

    def columns(self, columns: Mapping[str, Values]) -> Table:
        """Check whole columns by name: reorder them, and ignore or refuse those that the model does not read."""
        self._admit_width(len(columns))
        columns = self.names.renamed(columns)
        problems = self.names.problems(columns)
        lengths = {len(columns[name]) for name in self.layout.names if name in columns}
        if len(lengths) > 1:
            text = f"Expected columns of one length, got lengths {sorted(lengths)}"
            raise mismatch([*problems, problem((), "column_length", text)][:MAX_PROBLEMS])
        self._admit(lengths.pop() if lengths else 0, problems)
        whole = [name for name in self.layout.names if name in columns]
        return self._table([columns.get(name, ()) for name in self.layout.names], problems, whole)

    def outside(self, table: Table) -> npt.NDArray[np.bool_] | None:
        """Mark the values outside the training range, ``(n_rows, n_columns)``, ``None`` where there is none."""
        if not self._ranged:
            return None
        if table.matrix is not None:
            # NaN is neither below nor above, so a missing value is never outside
            marked = (table.matrix < self.layout.lows) | (table.matrix > self.layout.highs)
        else:
            marked = np.column_stack([self._outside(place, values) for place, values in enumerate(table.columns)])
        return marked if marked.any() else None

    def warnings(self, marked: npt.NDArray[np.bool_]) -> list[str]:
        """Return one sentence for each column with values outside the training range."""
        columns = self.layout.columns
        return [
            f"{columns[place].name}: {_number_of(int(marked[:, place].sum()))} outside the training range "
            f"[{_bound(columns[place].minimum)}, {_bound(columns[place].maximum)}]"
            for place in np.flatnonzero(marked.any(axis=0))
        ]

    def _outside(self, place: int, values: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
        if place in self._moments and values.dtype.kind == "M":
            low, high = self._moments[place]
        elif values.dtype.kind in "iuf" and values.ndim == 1:
            low, high = self.layout.lows[place], self.layout.highs[place]
        else:
            return np.zeros(len(values), dtype=bool)
        return np.asarray((values < low) | (values > high))

    def _table(
        self, columns: Sequence[Values], problems: list[dict[str, object]], whole: Sequence[str] | None = None
    ) -> Table:
        """Convert the columns, and report their misfits together with the problems that are known already.

        Parameters
        ----------
        whole
            The columns that every row has. Only they are converted. All by default.
        """
        arrays: list[npt.NDArray[Any]] = []
        found = list(problems)
        wanted = None if whole is None or len(whole) == len(self.layout.names) else frozenset(whole)
        for values, column, labels in zip(columns, self.layout.columns, self.layout.labels):
            if wanted is not None and column.name not in wanted:
                continue
            try:
                arrays.append(convert_column(values, column, labels))
            except ColumnMismatch as mismatched:
                found += mismatched.problems
        if found:
            raise mismatch(found[:MAX_PROBLEMS])
        if self.layout.uniform and arrays:
            return Table(self.layout, arrays, np.stack(arrays).T)  # each column stays in one piece
        table = Table(self.layout, arrays)
        if self.layout.naive_times:
            notes = [utc_note(columns[place], self.layout.columns[place]) for place in self.layout.naive_times]
            table.notes = tuple(filter(None, notes))
        return table

    def _misshapen(self, records: Sequence[Any]) -> Iterable[dict[str, object]]:
        if not any(isinstance(record, dict | list | tuple) for record in records):
            row = json.dumps([column.placeholder for column in self.layout.columns[:MOST_SHOWN]])
            row = row if len(self.layout.columns) <= MOST_SHOWN else f"{row[:-1]}, …]"
            text = f"Expected rows, got {shown(records[0])} in place of a row. A list with one row is [{row}]"
            yield problem((), "record_type", text)
            return
        for place, record in enumerate(records):
            if not isinstance(record, dict):
                yield problem((place,), "record_type", f"Expected an object of columns, got {shown(record)}")
            elif len(record) > self._most_columns:
                self._admit_width(len(record))

    def _admit(self, rows: int, problems: Sequence[dict[str, object]] = ()) -> None:
        if problems and not rows:
            raise mismatch(problems)
        if rows == 0:
            raise mismatch([problem((), "no_rows", "Expected at least one row, got none")])
        if rows > self.limits.rows:
            raise too_large(
                f"{rows:,} rows in one request. At most {self.limits.rows:,} are accepted. Send several requests."
            )

    @property
    def _most_columns(self) -> int:
        return max(self.limits.columns, 2 * len(self.layout.names))

    def _admit_width(self, columns: int) -> None:
        if columns > self._most_columns:
            raise too_large(f"{columns:,} columns in one row. At most {self._most_columns:,} are accepted.")


def _depth(value: Any) -> int:
    """Return how many lists are around the first value of nested lists. An empty list counts as one."""
    depth = 0
    while isinstance(value, list):
        depth += 1
        value = value[0] if value else None
    return depth


def _bound(value: Any) -> str:
    return value if isinstance(value, str) else f"{value:g}"


def _number_of(values: int) -> str:
    return "1 value" if values == 1 else f"{values:,} values"
