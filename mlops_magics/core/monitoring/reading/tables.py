"""Frames of any library, read column by column."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from typing import Any, Protocol

import numpy as np

from mlops_magics.core.monitoring.reading import column_values
from mlops_magics.core.monitoring.reading.arrow_columns import from_arrow
from mlops_magics.core.monitoring.reading.column_values import Column
from mlops_magics.core.monitoring.reading.pandas_columns import from_pandas
from mlops_magics.core.monitoring.reading.text_files import Schema
from mlops_magics.errors import InvalidInput


class Table(Protocol):
    """Named columns of equal length, each converted on access."""

    @property
    def names(self) -> tuple[str, ...]: ...

    @property
    def rows(self) -> int: ...

    def column(self, name: str) -> Column: ...


def read(data: Any, schema: Schema | None = None) -> Table:
    """Wrap a frame without copying it.

    Parameters
    ----------
    data
        pandas, polars, pyarrow, or a mapping of names to sequences. Larger sources (paths, DuckDB, Ibis, Spark, Dask)
        are collected into Arrow first (see `mlops_magics.core.monitoring.counting` for those that do not fit).
    schema
        The types and categories of a text file's columns in the reference.

    Raises
    ------
    InvalidInput
        The data are not a frame, or a column name occurs twice.
    """
    module = type(data).__module__.partition(".")[0]
    if module == __name__.partition(".")[0]:
        found: Table = data
        return found
    if module == "pandas":
        return _checked(PandasTable(data if hasattr(data, "columns") else data.to_frame()))
    if module == "polars":
        return _checked(ArrowTable(_collected(data).to_arrow()))
    if module == "pyarrow":
        return _checked(ArrowTable(_as_arrow_table(data)))
    if isinstance(data, dict | np.ndarray | list):
        frame = _frame_of(data)
        frame.columns = [str(name) for name in frame.columns]
        return _checked(PandasTable(frame))
    from mlops_magics.core.monitoring.reading.sources import to_arrow

    return _checked(ArrowTable(to_arrow(data, schema)))


def _frame_of(data: Any) -> Any:
    import pandas as pd

    try:
        return pd.DataFrame(data)
    except (ValueError, TypeError) as fault:
        raise InvalidInput(
            f"This {type(data).__name__} is not a table of named columns of equal length: {fault}."
        ) from fault


def name_of(table: Table, given: Any) -> Any:
    """Return the text by which a table has a column that is named by a number, a tuple, or a time. All else is returned
    as it is."""
    import pandas as pd

    if isinstance(given, str) or given is None:
        return given
    one = pd.api.types.is_scalar(given) or (isinstance(given, tuple) and str(given) in table.names)
    return str(given) if one else given


def column_as(table: Table, name: str, categorical: bool = False) -> Column:
    """Read one column, on request as categories."""
    column = table.column(name)
    return column_values.as_categorical(column) if categorical else column


def raw(table: Any, name: str) -> Any:
    """Return one column as a pandas Series, with its own dtype (times keep their zone)."""
    return table.series(name)


def exact(table: Any, name: str) -> Any:
    """Return one column as a pyarrow array without loss: integers with missing values stay integers."""
    import pyarrow as pa

    values = table.arrow(name) if hasattr(table, "arrow") else table.series(name)
    if isinstance(values, pa.Array | pa.ChunkedArray):
        return exact_array(values)
    try:
        found = pa.array(values, from_pandas=True)
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):  # a mixture of types, such as 1 and "b", or 2**70
        found = pa.array(values.map(str, na_action="ignore"), from_pandas=True)
    return exact_array(found)


def exact_array(values: Any) -> Any:
    """Return a pyarrow array without chunks and dictionary."""
    import pyarrow as pa

    whole = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
    if isinstance(whole, pa.ChunkedArray):  # combine_chunks of none
        whole = pa.concat_arrays(whole.chunks) if whole.num_chunks else pa.array([], whole.type)
    return whole.dictionary_decode() if pa.types.is_dictionary(whole.type) else whole


def column_of(name: str, values: Any) -> Column:
    """Read one sequence of values: a Series, an array, a list."""
    import pandas as pd

    if type(values).__module__.startswith(("polars", "pyarrow")):
        table = read(values) if hasattr(values, "columns") else ArrowTable(_one_column(values))
        return table.column(table.names[0])
    if isinstance(values, pd.DataFrame):
        values = values.iloc[:, 0]
    if isinstance(values, list | tuple):  # numpy cuts off the names of text that is a member of an enumeration
        values = [value.value if isinstance(value, enum.Enum) else value for value in values]
    return from_pandas(name, values if isinstance(values, pd.Series) else pd.Series(np.ravel(np.asarray(values))))


def _one_column(values: Any) -> Any:
    import pyarrow as pa

    return pa.table({"values": values.to_arrow() if hasattr(values, "to_arrow") else values})


class PandasTable:
    """A pandas frame."""

    def __init__(self, frame: Any) -> None:
        self._frame = frame
        self.names = tuple(str(name) for name in frame.columns)
        self.rows = len(frame)

    def column(self, name: str) -> Column:
        """Convert one column, without a copy of numbers that have no missing values."""
        return from_pandas(name, self.series(name))

    def series(self, name: str) -> Any:
        """Return one column as it is."""
        # by place, because a label may be of another type than its text
        return self._frame.iloc[:, self.names.index(name)]


class ArrowTable:
    """A pyarrow table, through which polars, DuckDB and Parquet arrive without a copy of the numbers."""

    def __init__(self, table: Any) -> None:
        self._table = table
        self.names = tuple(table.column_names)
        self.rows = table.num_rows

    def column(self, name: str) -> Column:
        """Convert one column, with strings dictionary-encoded by Arrow."""
        return from_arrow(name, self._table.column(self.names.index(name)))

    def series(self, name: str) -> Any:
        """Return one column for pandas."""
        return self._table.column(self.names.index(name)).to_pandas()

    def arrow(self, name: str) -> Any:
        """Return one column as it is."""
        return self._table.column(self.names.index(name))


class Chosen:
    """Some columns of a table."""

    def __init__(self, table: Any, names: Iterable[str]) -> None:
        self._table = table
        self.names = tuple(names)
        self.rows = table.rows

    def column(self, name: str) -> Column:
        """Convert one column."""
        column: Column = self._table.column(name)
        return column

    def series(self, name: str) -> Any:
        """Return one column for pandas."""
        return self._table.series(name)


class NamedColumns:
    """A table of columns that were read already, such as predictions and truths."""

    def __init__(self, columns: Mapping[str, Column]) -> None:
        self._columns = columns
        self.names = tuple(columns)
        self.rows = len(next(iter(columns.values()))) if columns else 0

    def column(self, name: str) -> Column:
        """Return one column."""
        return self._columns[name]


def _collected(frame: Any) -> Any:
    if hasattr(frame, "collect"):
        frame = frame.collect()
    return frame if hasattr(frame, "columns") else frame.to_frame()


def _as_arrow_table(data: Any) -> Any:
    import pyarrow as pa

    if isinstance(data, pa.RecordBatchReader):
        return data.read_all()
    if hasattr(data, "to_table"):  # a dataset
        return data.to_table()
    return pa.Table.from_batches([data]) if isinstance(data, pa.RecordBatch) else data


def _checked(table: Table) -> Table:
    doubled = (
        sorted({name for name in table.names if table.names.count(name) > 1})
        if len(set(table.names)) < len(table.names)
        else []
    )
    if doubled:
        raise InvalidInput(
            f"Column names must be unique, but {doubled[0]!r} occurs {table.names.count(doubled[0])} times. Rename "
            f"one of them."
        )
    return table
