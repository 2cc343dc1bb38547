"""The model's input from checked rows: the same form, labels, order and dtypes as in training."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mlops_magics.core.deploying.validation import times
from mlops_magics.core.deploying.validation.layout import Table
from mlops_magics.core.versioning.describing import arrow_types, cell_values, label_tags, object_moments

if TYPE_CHECKING:
    import pandas as pd

    from mlops_magics.core.versioning import Column

MARKS = {"None": None, "NaN": float("nan"), "Decimal": Decimal("NaN")}
"""The mark of a missing value in a column of objects. ``NA`` and ``NaT`` are pandas' own."""


def model_input(table: Table) -> Any:
    """Return the rows in the form of the training input."""
    return _FORMS[table.layout.form.kind](table)


def frame(table: Table) -> pd.DataFrame:
    """Return the rows as a frame with the labels, order and dtypes of training."""
    import pandas as pd

    layout = table.layout
    if table.matrix is not None:
        return pd.DataFrame(table.matrix, columns=layout.index, copy=False)
    typed = {
        place: as_trained(values, column, dtype)
        for place, (values, column, dtype) in enumerate(zip(table.columns, layout.columns, layout.dtypes))
    }
    made = pd.DataFrame(typed, copy=False)
    # only now, because a dictionary cannot have one label twice
    made.columns = layout.index
    return made


def as_trained(values: npt.NDArray[Any], column: Column, dtype: Any) -> Any:
    """Give one column the dtype that it had in training."""
    import pandas as pd

    if column.kind == "category":
        return pd.Categorical(values, dtype=dtype)
    if column.kind == "tensor":
        return pd.Series(list(values), dtype=object)
    if values.dtype.name == column.dtype and column.kind in {"number", "integer", "boolean"}:
        return values
    if column.arrow and column.dtype != "object":
        return _arrow(values, arrow_types.read(column.arrow))
    if column.kind == "datetime" and values.dtype.kind == "M":
        return _times(values, column, dtype)
    if column.dtype == "object":
        return pd.Series(_objects(values, column), dtype=object)
    if values.dtype == object and column.kind in {"integer", "boolean"}:
        return pd.array(values, dtype=dtype)
    return pd.Series(values).astype(dtype)


def _arrow(values: npt.NDArray[Any], kind: Any) -> Any:
    """Return a column of an Arrow type, also of one that has nested values."""
    import pandas as pd
    import pyarrow as pa

    return pd.arrays.ArrowExtensionArray(pa.array([arrow_types.cell(value, kind) for value in values.tolist()], kind))


def _times(values: npt.NDArray[Any], column: Column, dtype: Any) -> Any:
    """Return instants in the zone of training, those of a column without a zone as they are."""
    import pandas as pd

    series, zone = pd.Series(values), times.zone_of(column.moment_dtype)
    if column.dtype != "object":
        return (series if zone is None else series.dt.tz_localize("UTC")).astype(dtype)
    series = series if zone is None else series.dt.tz_localize("UTC").dt.tz_convert(zone)
    return pd.Series(_objects(_of_list(object_moments.restored(series, column.detail)), column), dtype=object)


def _of_list(cells: list[Any]) -> npt.NDArray[Any]:
    """Return an array of objects, each as it is."""
    return np.fromiter(cells, dtype=np.dtype(object), count=len(cells))


def _objects(values: npt.NDArray[Any], column: Column) -> npt.NDArray[Any]:
    """Return cells with the mark that training had for a missing value."""
    import pandas as pd

    cells = np.asarray(values, dtype=object)
    if column.detail == "Timedelta":
        cells = _of_list([pd.Timedelta(value) for value in values])
    if values.dtype.kind in "fMm" or column.nullable:
        missing = pd.isna(cells) if cells.ndim == 1 else np.zeros(len(cells), dtype=bool)
        if missing.any():
            mark = {"NA": pd.NA, "NaT": pd.NaT}.get(column.missing, MARKS.get(column.missing, float("nan")))
            cells = cells.copy()
            cells[missing] = mark
    return cells


def _series(table: Table) -> pd.Series:
    made = frame(table).iloc[:, 0]
    made.name = label_tags.untag(table.layout.form.layout)
    return made


def _array(table: Table) -> npt.NDArray[Any]:
    """Return an array of the training dtype: of the rows' shape, or of single values."""
    form, columns = table.layout.form, table.layout.columns
    if columns and columns[0].kind == "tensor":
        return table.columns[0]
    if form.dtype == "object":
        cells = [_cells(values, column) for values, column in zip(table.columns, columns)]
        return np.stack(cells, axis=1) if form.shape else cells[0]
    return _as_dtype(table.array() if form.shape else np.asarray(table.columns[0]), form.dtype)


def _as_dtype(array: npt.NDArray[Any], dtype: str) -> npt.NDArray[Any]:
    if dtype in {"U", "S"}:  # of the length that these texts need
        return array.astype(dtype)
    return array.astype(dtype, copy=False) if dtype else array


def _cells(values: npt.NDArray[Any], column: Column) -> npt.NDArray[Any]:
    """Return one column of an array of objects."""
    return _of_list(list(as_trained(values, column, column.pandas_dtype)))


def _list(table: Table) -> list[Any]:
    if table.layout.form.shape:
        array = _array(table)
        kind = table.layout.form.layout
        rows: list[Any] = list(array) if kind == "ndarray" else array.tolist()
        return list(map(tuple, rows)) if kind == "tuple" else rows
    cells: list[Any] = _objects(np.asarray(frame(table).iloc[:, 0], dtype=object), table.layout.columns[0]).tolist()
    return cells


def _records(table: Table) -> list[dict[Any, Any]]:
    """Return one mapping for each row, without the keys whose value is missing."""
    made = frame(table).astype(object)
    names = list(made.columns)
    return [
        {name: value for name, value in zip(names, row) if not cell_values.is_missing(value)}
        for row in made.itertuples(index=False, name=None)
    ]


def _mapping(table: Table) -> dict[str, npt.NDArray[Any]]:
    dtypes = table.layout.form.dtype
    return {
        column.name: _cells(values, column)
        if dtypes[column.name] == "object"
        else _as_dtype(np.asarray(values), dtypes[column.name])
        for column, values in zip(table.layout.columns, table.columns)
    }


def _structured(table: Table) -> Any:
    """Return an array with named fields, or a record array."""
    dtypes, columns = table.layout.form.dtype, dict(zip(table.layout.names, table.columns))
    texts = {
        name: np.asarray(values, dtype=dtypes[name][1]) for name, values in columns.items() if dtypes[name][1] in "US"
    }
    made = np.empty(
        table.n_rows, dtype=[(name, texts[name].dtype if name in texts else dtypes[name]) for name in columns]
    )
    for name, values in columns.items():
        made[name] = values
    return made.view(np.recarray) if table.layout.form.layout == "recarray" else made


def _sparse(table: Table) -> Any:
    import scipy.sparse

    form = table.layout.form
    dense = table.columns[0] if table.layout.columns[0].kind == "tensor" else table.array()
    return getattr(scipy.sparse, str(form.layout))(dense.astype(form.dtype))


def _polars(table: Table) -> Any:
    import polars as pl

    from mlops_magics.core.versioning.describing import polars_dtypes

    dtypes = table.layout.form.dtype
    return pl.DataFrame(
        [
            _polars_series(name, values, column, polars_dtypes.read(dtypes[name]))
            for name, values, column in zip(table.layout.names, table.columns, table.layout.columns)
        ]
    )


def _polars_series(name: str, values: npt.NDArray[Any], column: Column, dtype: Any) -> Any:
    import polars as pl

    if values.dtype.kind in "fiub":
        made = pl.Series(name, values)
        # polars distinguishes NaN from null, and a missing value is NaN in this array
        made = made.fill_nan(None) if column.nullable and values.dtype.kind == "f" else made
        return made.cast(dtype)
    if values.dtype.kind in "Mm":
        made = pl.Series(name, values)
        zone = getattr(dtype, "time_zone", None)
        return (made.dt.replace_time_zone("UTC").dt.convert_time_zone(zone) if zone else made).cast(dtype)
    import pyarrow as pa

    kind = pl.Series([], dtype=dtype).to_arrow().type
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    cells = [arrow_types.cell(value, kind) for value in values.tolist()]
    return pl.Series(name, pl.from_arrow(pa.array(cells, kind))).cast(dtype)  # polars' own way panics on some lists


def _polars_column(table: Table) -> Any:
    from mlops_magics.core.versioning.describing import polars_dtypes

    form, column = table.layout.form, table.layout.columns[0]
    return _polars_series(str(form.layout or ""), table.columns[0], column, polars_dtypes.read(form.dtype))


_FORMS: dict[str, Callable[[Table], Any]] = {
    "frame": frame,
    "series": _series,
    "array": _array,
    "list": _list,
    "records": _records,
    "mapping": _mapping,
    "structured": _structured,
    "sparse": _sparse,
    "polars": _polars,
    "polars series": _polars_column,
}
