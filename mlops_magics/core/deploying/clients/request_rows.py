"""Request bodies for rows of any kind: Arrow for tables and arrays of many axes, JSON for all else."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mlops_magics.core.deploying.contract.http_messages import json_response
from mlops_magics.core.deploying.contract.media import ARROW, JSON
from mlops_magics.core.versioning.describing import cell_values
from mlops_magics.core.versioning.describing.prototype import column_names
from mlops_magics.errors import InvalidInput

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

ROWS_PER_REQUEST = 100_000
BYTES_PER_REQUEST = 32 << 20
"""Of an array with many axes."""
KEPT_BY_ARROW = frozenset(
    {"str", "bytes", "bool", "int", "float", "Decimal", "date", "datetime", "time", "list", "ndarray"}
)
"""Types of the cells of a column of objects that Arrow writes without a change."""
Names = Callable[[], Sequence[str]]
"""Returns the names of the model's columns. It is called only where they decide the meaning of the data."""


def needs_names(data: Any) -> bool:
    """Return whether the model's columns decide the meaning of data: a Series is one row, or one value for each row.

    By the name of its class, since it is pandas' or polars'.
    """
    return type(data).__name__ == "Series" and not hasattr(data, "compute")


def request_chunks(data: Any, names: Names) -> list[Any]:
    """Return data as tables, arrays or lists of at most `ROWS_PER_REQUEST` rows each.

    Parameters
    ----------
    data
        A DataFrame of any library, a query's result, a Series, a dict, an array, a sparse matrix or a list.
    """
    rows = _rows(data, names)
    most = ROWS_PER_REQUEST
    if getattr(rows, "ndim", 2) > 2:
        most = max(1, min(most, BYTES_PER_REQUEST // max(1, rows.nbytes // max(1, len(rows)))))
    if len(rows) <= most:
        return [rows]
    if hasattr(rows, "to_batches"):
        return [rows.slice(start, most) for start in range(0, len(rows), most)]
    take = rows.iloc if hasattr(rows, "iloc") else rows
    return [take[start : start + most] for start in range(0, len(rows), most)]


def _rows(data: Any, names: Names) -> Any:
    """Return a pandas frame, an Arrow table, an array, or a list.

    Raises
    ------
    InvalidInput
        For data that are not rows.
    """
    module = type(data).__module__.partition(".")[0]
    if isinstance(data, Mapping) and not hasattr(data, "toarray"):  # SciPy's matrix by keys is a dict too
        return _of_mapping(data)
    if module == "narwhals":
        return _rows(data.to_native(), names)
    if module == "polars":
        return _of_polars(data, names)
    for method in ("compute", "toPandas"):  # Dask, Spark
        if hasattr(data, method):
            return _rows(getattr(data, method)(), names)
    if hasattr(data, "iloc"):
        return _of_series(data, names) if needs_names(data) else data
    if hasattr(data, "toarray"):
        return data.toarray()
    if module == "pyarrow" and not hasattr(data, "schema"):
        return data.to_pylist()
    if hasattr(data, "__arrow_c_stream__"):  # Arrow, DuckDB, ibis
        return _arrow_table(data)
    if hasattr(data, "to_pandas"):
        return _rows(data.to_pandas(), names)
    return _of_values(data, names)


def _of_polars(data: Any, names: Names) -> Any:
    data = data.collect() if hasattr(data, "collect") else data
    return (data if hasattr(data, "columns") else data.to_frame(data.name or names()[0])).to_arrow()


def _of_values(data: Any, names: Names) -> Any:
    """Return an array or a list of rows. A single value is a list of one, since a model may read single values."""
    if isinstance(data, str | bytes | bytearray) or hasattr(data, "_fields") or _is_number(data):
        return _of_sequence([data], names)
    if getattr(getattr(data, "dtype", None), "names", None):  # a record array
        import pandas as pd

        return pd.DataFrame({name: data[name].tolist() for name in data.dtype.names})
    if hasattr(data, "dtype"):
        return data
    if data is None or isinstance(data, set | frozenset) or not hasattr(data, "__iter__"):
        kind = "None" if data is None else f"a {type(data).__name__}"
        raise InvalidInput(f"Expected rows (a DataFrame, an array, a list of records), got {kind}.")
    return _of_sequence(data if hasattr(data, "__getitem__") else list(data), names)


def _is_number(data: Any) -> bool:
    import numbers

    return isinstance(data, numbers.Number) or (hasattr(data, "dtype") and not getattr(data, "ndim", 1))


def _of_sequence(rows: Any, names: Names) -> Any:
    """Return a list whose rows that have names of the model's columns are mappings or a frame."""
    if rows and all(hasattr(row, "iloc") for row in rows):
        import pandas as pd

        return pd.DataFrame(rows)
    if rows and all(_has_names(row) for row in rows):
        known = set(names())
        return [row._asdict() if known & set(row._fields) else tuple(row) for row in rows]
    return rows


def _has_names(row: Any) -> bool:
    """Return whether a row is a tuple with names. Those of pandas that are not names, such as ``_1``, do not count."""
    return hasattr(row, "_asdict") and not any(name.startswith("_") for name in row._fields)


def _arrow_table(data: Any) -> Any:
    import pyarrow as pa

    return data if isinstance(data, pa.Table) else pa.table(data)


def _of_mapping(data: Mapping[Any, Any]) -> Any:
    """Return a dict of columns as a frame, and one of single values as a row."""
    lengths = {
        len(cells) if isinstance(cells, list | tuple) or hasattr(cells, "shape") else -1 for cells in data.values()
    }
    if len(lengths) != 1 or -1 in lengths:
        return [dict(data)]
    import pandas as pd

    return pd.DataFrame(
        {name: list(values) if getattr(values, "ndim", 1) > 1 else values for name, values in data.items()}
    )


def _of_series(data: Any, names: Names) -> Any:
    """Return a Series as one row where its index is the model's columns, else as one value for each row."""
    import pandas as pd

    known = names()
    numbered = len(known) == 1 and isinstance(data.index, pd.RangeIndex)
    if not numbered and len(data) >= len(known) and set(known) <= set(column_names(data.index)):
        # the transposed row consists of objects
        return data.to_frame().T.infer_objects()
    return data.to_frame(name=data.name if data.name is not None else known[0])


def encode_rows(rows: Any) -> tuple[bytes, str]:
    """Return the body and the content type for rows."""
    if hasattr(rows, "to_batches"):
        return _stream(rows)
    if hasattr(rows, "columns") and hasattr(rows, "iloc"):
        return _of_frame(rows)
    if getattr(rows, "ndim", 0) > 2 and rows.dtype.kind in "fiub":
        return _of_tensor(rows)
    if hasattr(rows, "tolist") and rows.dtype.kind in "fiub":
        return json_response(rows).body, JSON
    return json_response(rows.tolist() if hasattr(rows, "tolist") else list(rows)).body, JSON


def _of_tensor(array: Any) -> tuple[bytes, str]:
    import numpy as np
    import pyarrow as pa

    # Arrow packs booleans into bits, of which it makes no tensor
    array = array.astype("uint8") if array.dtype.kind == "b" else array
    return _stream(pa.table({"tensor": pa.FixedShapeTensorArray.from_numpy_ndarray(np.ascontiguousarray(array))}))


def _of_frame(frame: pd.DataFrame) -> tuple[bytes, str]:
    """Write a frame as Arrow, or as JSON where a column has values of several kinds, which Arrow cannot express."""
    import pyarrow as pa

    names = column_names(frame.columns)
    try:
        return _stream(pa.table([_column(frame.iloc[:, place]) for place in range(len(names))], names=names))
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        cells = {name: cell_values.write(frame.iloc[:, place].tolist()) for place, name in enumerate(names)}
        return json_response({"columns": cells}).body, JSON


def _column(values: pd.Series) -> pa.Array:
    """Return a column in Arrow's own type, but periods and intervals, also as categories, as their texts."""
    import pandas as pd
    import pyarrow as pa

    dtype = values.dtype
    if isinstance(dtype, pd.SparseDtype):
        values = pd.Series(values.to_numpy())
    kinds = (dtype.categories.dtype,) if isinstance(dtype, pd.CategoricalDtype) else (dtype,)
    if isinstance(kinds[0], pd.PeriodDtype | pd.IntervalDtype):
        return pa.array([cell_values.write(value) for value in values.tolist()], pa.string())
    if isinstance(dtype, pd.CategoricalDtype) and kinds[0].kind in "OmM":
        return _of_objects(values.astype(object))
    return _of_objects(values) if values.dtype == object else pa.Array.from_pandas(values)


def _of_objects(values: pd.Series) -> pa.Array:
    """Return objects of one type that Arrow keeps as they are.

    Raises
    ------
    TypeError
        For all others, which JSON writes without loss: mappings (Arrow has one set of keys), times with zones.
    """
    import pyarrow as pa

    types = {type(value) for value in values[values.notna()].tolist()}
    if len(types) > 1 or not all(kind.__name__ in KEPT_BY_ARROW for kind in types):
        raise TypeError(types)
    if types & {dt.datetime, dt.time} and any(value.tzinfo is not None for value in values[values.notna()]):
        raise TypeError("times with zones")
    return pa.array(values, from_pandas=True)


def _stream(table: pa.Table) -> tuple[bytes, str]:
    import pyarrow as pa

    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema.remove_metadata()) as stream:
        stream.write_table(table)
    return sink.getvalue(), ARROW
