"""Frames of any library, read column by column."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

import numpy as np

from mlops_magics.core.monitoring.reading import column_values
from mlops_magics.core.monitoring.reading.column_values import MISSING_CODE, Column, Native
from mlops_magics.errors import InvalidInput


class Table(Protocol):
    """Named columns of equal length; a column is converted when it is asked for."""

    @property
    def names(self) -> tuple[str, ...]: ...

    @property
    def rows(self) -> int: ...

    def column(self, name: str) -> Column: ...


def read(data: Any) -> Table:
    """Wrap a frame without copying it.

    Parameters
    ----------
    data
        pandas, polars, pyarrow, or a mapping of names to sequences. Larger sources (paths, DuckDB, Ibis, Spark, Dask)
        are collected into Arrow first; see `mlops_magics.core.monitoring.counting` for those that do not fit.

    Raises
    ------
    InvalidInput
        Not a frame, or a column name occurs twice.
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

    return _checked(ArrowTable(to_arrow(data)))


def _frame_of(data: Any) -> Any:
    import pandas as pd

    try:
        return pd.DataFrame(data)
    except (ValueError, TypeError) as fault:
        raise InvalidInput(
            f"This {type(data).__name__} is no table of named columns of equal length: {fault}."
        ) from fault


def column_as(table: Table, name: str, categorical: bool = False) -> Column:
    """Read one column, on request as categories."""
    column = table.column(name)
    return column_values.as_categorical(column) if categorical else column


def raw(table: Any, name: str) -> Any:
    """Return one column as a pandas Series, with its own dtype (times keep their zone)."""
    return table.series(name)


def column_of(name: str, values: Any) -> Column:
    """Read one sequence of values: a Series, an array, a list."""
    import pandas as pd

    if type(values).__module__.startswith(("polars", "pyarrow")):
        table = read(values) if hasattr(values, "columns") else ArrowTable(_one_column(values))
        return table.column(table.names[0])
    if isinstance(values, pd.DataFrame):
        values = values.iloc[:, 0]
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
        """Convert one column; numbers without missing values are not copied."""
        return from_pandas(name, self.series(name))

    def series(self, name: str) -> Any:
        """Return one column as it is."""
        return self._frame.iloc[:, self.names.index(name)]


def from_pandas(name: str, series: Any) -> Column:
    """Read a pandas Series."""
    import pandas as pd

    dtype = series.dtype
    if isinstance(dtype, pd.ArrowDtype):
        return from_arrow(name, _of_arrow_dtype(series))
    if isinstance(dtype, pd.CategoricalDtype):
        native = _native_of_labels(dtype.categories)
        return column_values.coded(name, series.cat.codes.to_numpy(), dtype.categories, native)
    if pd.api.types.is_datetime64_any_dtype(dtype):
        utc = series.dt.tz_convert("UTC").dt.tz_localize(None) if getattr(dtype, "tz", None) is not None else series
        return column_values.numeric(name, _seconds(utc.to_numpy()), "datetime")
    if pd.api.types.is_bool_dtype(dtype):
        return _factorized(name, series, "boolean")
    if pd.api.types.is_timedelta64_dtype(dtype):
        return column_values.numeric(name, series.dt.total_seconds().to_numpy())
    if pd.api.types.is_complex_dtype(dtype):
        return _factorized(name, series.map(str, na_action="ignore"), "string")  # no order, so no number to compare
    if pd.api.types.is_numeric_dtype(dtype):
        return column_values.numeric(name, series.to_numpy(dtype=np.float64, na_value=np.nan))
    if isinstance(dtype, pd.StringDtype):
        return _from_dictionary(name, _arrow_strings(series), "string")
    return _from_objects(name, series)


def _of_arrow_dtype(series: Any) -> Any:
    import pyarrow as pa

    array = pa.array(series, from_pandas=True)
    return array if isinstance(array, pa.ChunkedArray) else pa.chunked_array([array])


def _arrow_strings(series: Any) -> Any:
    """Return strings for Arrow, which encodes them several times faster than pandas."""
    import pyarrow as pa

    return pa.array(series, from_pandas=True)


def _from_objects(name: str, series: Any) -> Column:
    import pandas as pd

    inferred = pd.api.types.infer_dtype(series, skipna=True)
    if inferred in ("integer", "floating", "mixed-integer-float", "decimal"):
        missing = series.isna().to_numpy()
        values = [np.nan if without else _float(value) for value, without in zip(series, missing)]
        return column_values.numeric(name, np.array(values, dtype=np.float64))
    if inferred in ("datetime", "datetime64", "date"):
        return from_pandas(name, pd.to_datetime(series, utc=True, errors="coerce"))
    if inferred in ("timedelta", "timedelta64"):
        return from_pandas(name, pd.to_timedelta(series))
    if inferred == "empty":
        return Column(name, "categorical", "empty", np.full(len(series), MISSING_CODE))
    return _factorized(name, series, "boolean" if inferred == "boolean" else "string")


def _float(value: Any) -> float:
    """Return a number as a float; one that is too large for it is infinite."""
    try:
        return float(value)
    except OverflowError:
        return np.inf if value > 0 else -np.inf


def _factorized(name: str, series: Any, native: Native) -> Column:
    try:
        codes, labels = series.factorize()
    except TypeError:  # lists and dicts have no hash
        codes, labels = series.map(repr, na_action="ignore").factorize()
    return column_values.coded(name, codes, labels, native)


class ArrowTable:
    """A pyarrow table; polars, DuckDB and Parquet arrive through it without a copy of the numbers."""

    def __init__(self, table: Any) -> None:
        self._table = table
        self.names = tuple(table.column_names)
        self.rows = table.num_rows

    def column(self, name: str) -> Column:
        """Convert one column; strings are dictionary-encoded by Arrow."""
        return from_arrow(name, self._table.column(self.names.index(name)))

    def series(self, name: str) -> Any:
        """Return one column for pandas."""
        return self._table.column(self.names.index(name)).to_pandas()


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


def from_arrow(name: str, array: Any) -> Column:
    """Read a pyarrow array."""
    import pyarrow as pa

    kind = array.type
    if pa.types.is_boolean(kind):
        return _from_dictionary(name, array.cast(pa.string()), "boolean")
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        return column_values.numeric(name, _seconds(_wall(array).to_numpy()), "datetime")
    if pa.types.is_duration(kind):
        return column_values.numeric(name, array.cast(pa.duration("us")).cast(pa.int64()).to_numpy() / 1e6)
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return column_values.numeric(
            name, np.asarray(array.cast(pa.float64(), safe=False).to_numpy(), dtype=np.float64)
        )
    if pa.types.is_null(kind):
        return Column(name, "categorical", "empty", np.full(len(array), MISSING_CODE))
    return _from_dictionary(name, array, _native_of(kind.value_type) if pa.types.is_dictionary(kind) else "string")


def _native_of(kind: Any) -> Native:
    """Return what the categories of an Arrow dictionary are, as those of a pandas categorical."""
    import pyarrow as pa

    if pa.types.is_boolean(kind):
        return "boolean"
    return "number" if pa.types.is_integer(kind) or pa.types.is_floating(kind) else "string"


def _from_dictionary(name: str, array: Any, native: Native) -> Column:
    import pyarrow as pa

    if not pa.types.is_dictionary(array.type):
        try:
            array = array.dictionary_encode()
        except pa.ArrowNotImplementedError:  # lists and structs
            array = pa.array(
                [None if value is None else repr(value) for value in array.to_pylist()], pa.string()
            ).dictionary_encode()
    whole = array.unify_dictionaries().combine_chunks() if isinstance(array, pa.ChunkedArray) else array
    if isinstance(whole, pa.ChunkedArray):
        whole = whole.chunk(0) if whole.num_chunks else pa.array([], pa.string()).dictionary_encode()
    labels = whole.dictionary.to_pylist()
    codes = whole.indices.cast(pa.int64()).fill_null(MISSING_CODE).to_numpy(zero_copy_only=False)
    return column_values.coded(name, codes, [_boolean_label(label, native) for label in labels], native)


def _boolean_label(label: Any, native: Native) -> Any:
    """Spell booleans as Python does: Arrow says ``true``."""
    return str(label).capitalize() if native == "boolean" else label


def _wall(array: Any) -> Any:
    import pyarrow as pa

    return array.cast(pa.timestamp("us"), safe=False)


def _seconds(moments: Any) -> Any:
    """Return seconds since 1970, NaN for NaT."""
    seconds = moments.astype("datetime64[us]").astype(np.int64) / 1e6
    seconds[np.isnat(moments)] = np.nan
    return seconds


def _native_of_labels(labels: Iterable[Any]) -> Native:
    first = next(iter(labels), None)
    if isinstance(first, bool | np.bool_):
        return "boolean"
    return "number" if isinstance(first, int | float | np.number) else "string"


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
