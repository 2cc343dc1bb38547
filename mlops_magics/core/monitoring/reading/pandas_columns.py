"""Columns of pandas."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from mlops_magics.core.monitoring.reading import arrow_columns, column_values
from mlops_magics.core.monitoring.reading.column_values import EXACT, MISSING_CODE, Column, Native


def from_pandas(name: str, series: Any) -> Column:
    """Read a pandas Series."""
    import pandas as pd

    if isinstance(series.dtype, pd.SparseDtype):
        series = series.sparse.to_dense()
    dtype = series.dtype
    if isinstance(dtype, pd.ArrowDtype):
        return arrow_columns.from_arrow(name, _of_arrow_dtype(series))
    if isinstance(dtype, pd.CategoricalDtype):
        native = _native_of_labels(dtype.categories)
        return column_values.coded(name, series.cat.codes.to_numpy(), dtype.categories, native)
    if pd.api.types.is_datetime64_any_dtype(dtype):
        zone = getattr(dtype, "tz", None)
        utc = series.dt.tz_convert("UTC").dt.tz_localize(None) if zone is not None else series
        return column_values.numeric(name, column_values.seconds(utc.to_numpy()), "datetime", zone=str(zone or ""))
    if pd.api.types.is_bool_dtype(dtype):
        return _factorized(name, series, "boolean")
    if pd.api.types.is_timedelta64_dtype(dtype):
        return column_values.numeric(name, series.dt.total_seconds().to_numpy())
    if pd.api.types.is_complex_dtype(dtype):
        return _factorized(name, series.map(str, na_action="ignore"), "string")  # has no order of numbers
    if pd.api.types.is_numeric_dtype(dtype):
        large = arrow_columns.large_integers(name, _of_arrow_dtype(series)) if _may_be_large(series) else None
        if large is not None:
            return large
        narrow = dtype in (np.float32, np.float16)
        values = series.to_numpy() if narrow else series.to_numpy(dtype=np.float64, na_value=np.nan)
        return column_values.numeric(name, values, integral=pd.api.types.is_integer_dtype(dtype))
    if isinstance(dtype, pd.StringDtype):
        return arrow_columns.from_dictionary(name, _arrow_strings(series), "string")
    return _from_objects(name, series)


def _may_be_large(series: Any) -> bool:
    """Return whether a Series of numbers has integers that no float holds."""
    import pandas as pd

    if not pd.api.types.is_integer_dtype(series.dtype) or series.dtype.itemsize < 8 or not series.notna().any():
        return False
    return max(abs(int(series.min())), abs(int(series.max()))) > EXACT


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
        large = _large_objects(name, series.tolist(), missing) if inferred == "integer" else None
        if large is not None:
            return large
        values = [np.nan if without else _float(value) for value, without in zip(series, missing)]
        return column_values.numeric(name, np.array(values, dtype=np.float64), integral=inferred == "integer")
    if inferred in ("datetime", "datetime64", "date"):
        return from_pandas(name, pd.to_datetime(series, utc=True, errors="coerce"))
    if inferred in ("timedelta", "timedelta64"):
        return from_pandas(name, pd.to_timedelta(series))
    if inferred == "empty":
        return Column(name, "categorical", "empty", np.full(len(series), MISSING_CODE))
    return _factorized(name, series, "boolean" if inferred == "boolean" else "string")


def _large_objects(name: str, values: list[Any], missing: Any) -> Column | None:
    """Return integers of any size as a column where a float does not hold them all, and their differences it does."""
    present = [int(value) for value, without in zip(values, missing) if not without]
    low, high = min(present), max(present)
    if max(abs(low), abs(high)) <= EXACT or high - low > EXACT or _float(low) in (np.inf, -np.inf):
        return None
    apart = np.full(len(values), np.nan)
    apart[~missing] = [value - low for value in present]
    return column_values.whole_numbers(name, apart, low)


def _float(value: Any) -> float:
    """Return a number as a float, infinite where it is too large for one."""
    try:
        return float(value)
    except OverflowError:
        return np.inf if value > 0 else -np.inf


def _factorized(name: str, series: Any, native: Native) -> Column:
    try:
        codes, labels = series.factorize()
    except TypeError:  # lists and dicts have no hash
        codes, labels = series.map(column_values.spelled, na_action="ignore").factorize()
    return column_values.coded(name, codes, labels, native)


def _native_of_labels(labels: Iterable[Any]) -> Native:
    first = next(iter(labels), None)
    if isinstance(first, bool | np.bool_):
        return "boolean"
    return "number" if isinstance(first, int | float | np.number) else "string"
