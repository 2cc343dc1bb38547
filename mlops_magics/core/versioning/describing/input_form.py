"""The form of a model's training input, which endpoints restore: frame, Series, array, list, sparse matrix, …."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlops_magics.core.versioning.describing import json_values, label_tags
from mlops_magics.errors import InvalidInput

if TYPE_CHECKING:
    import pandas as pd

MOST_COLUMNS = 4096
"""Wider arrays are one column of nested lists, as arrays of more than two axes are."""
SPARSE_ROWS = 10_000
"""Rows of a sparse matrix that are read as a table, to find the range of every column with its zeros."""
TENSOR, TEXT = "tensor", "text"
"""Default names of columns, for arrays of many axes, and for lists and arrays of texts."""


@dataclass(frozen=True, slots=True)
class InputForm:
    """The form of a training input.

    Attributes
    ----------
    kind
        ``frame``, ``series``, ``array``, ``list``, ``records``, ``mapping``, ``structured`` (an array with named
        fields), ``sparse``, ``polars`` or ``polars series``.
    shape
        The shape of one row of an array or a list: ``()`` for a single value, ``(n_features,)``,
        ``(height, width, channels)``.
    dtype
        The dtype of an array or a sparse matrix; of a structured array, a mapping or a polars frame the dtypes by
        column, the last as `polars_dtypes.spell` writes them.
    layout
        The class of a sparse matrix or a structured array, such as ``csr_matrix`` or ``recarray``; the tagged name of
        a Series; the type of a list's rows, where it is not a list.
    """

    kind: str = "frame"
    shape: tuple[int, ...] = ()
    dtype: Any = ""
    layout: Any = None

    @property
    def is_single(self) -> bool:
        """Whether a row is one value without a name of its own: a text, a number, an image."""
        return self.kind in {"series", "polars series"} or (
            self.kind in {"array", "list", "sparse"} and (len(self.shape) != 1 or self.shape[0] > MOST_COLUMNS)
        )

    def to_json(self) -> dict[str, Any]:
        """Return the record as plain values."""
        record: dict[str, Any] = {"kind": self.kind, "shape": list(self.shape)}
        return record | {name: value for name in ("dtype", "layout") if (value := getattr(self, name))}

    @classmethod
    def from_json(cls, record: Mapping[str, Any] | None, input_kind: str, columns: int) -> InputForm:
        """Read the value of `to_json`. A prototype of version 0.1 has only ``input_kind``, ``frame`` or ``array``."""
        if record is None:
            return cls("array", (columns,)) if input_kind == "array" else cls()
        given = {**record, "shape": tuple(record.get("shape") or ())}
        return json_values.of_type(cls, given)


def read(data: Any) -> tuple[pd.DataFrame, InputForm]:
    """Return training data as a pandas frame, and the form in which they came.

    Raises
    ------
    InvalidInput
        When they are not rows.
    """
    import pandas as pd

    if isinstance(data, pd.DataFrame):
        return data, InputForm()
    if isinstance(data, pd.Series):
        return _named(data.to_frame(), data.name, data), InputForm("series", layout=label_tags.tag(data.name))
    if type(data).__module__.partition(".")[0] == "polars":
        return _of_polars(data)
    if hasattr(data, "toarray"):
        return _of_sparse(data)
    if isinstance(data, Mapping):
        return _of_mapping(data)
    for method in ("compute", "toPandas", "to_pandas", "df"):  # Dask; Spark; Arrow, ibis; DuckDB
        if hasattr(data, method):
            found = getattr(data, method)()
            return read(found) if isinstance(found, pd.DataFrame | pd.Series) else (pd.DataFrame(found), InputForm())
    if isinstance(data, list | tuple):
        return _of_list(list(data))
    return _of_array(data)


def _named(frame: pd.DataFrame, name: Any, values: Any) -> pd.DataFrame:
    """Name the only column by its own name, else by its contents."""
    if name is None:
        frame.columns = [TEXT if len(values) and isinstance(next(iter(values)), str) else "0"]
    return frame


def _of_polars(data: Any) -> tuple[pd.DataFrame, InputForm]:
    from mlops_magics.core.versioning.describing import polars_dtypes

    data = data.collect() if hasattr(data, "collect") else data
    if not hasattr(data, "columns"):
        frame = _named(_of_polars(data.to_frame())[0], data.name or None, data)
        return frame, InputForm("polars series", dtype=polars_dtypes.spell(data.dtype), layout=data.name)
    spelled = {name: polars_dtypes.spell(dtype) for name, dtype in data.schema.items()}
    frame = data.to_pandas(use_pyarrow_extension_array=True)  # without it whole numbers become floats next to nulls
    labels = [name for name, dtype in spelled.items() if polars_dtypes.is_categorical(dtype)]
    return frame.assign(**data[labels].to_pandas()) if labels else frame, InputForm("polars", dtype=spelled)


def _of_sparse(data: Any) -> tuple[pd.DataFrame, InputForm]:
    form = InputForm("sparse", tuple(data.shape[1:]), str(data.dtype), type(data).__name__)
    rows = data.tocsr()[:SPARSE_ROWS].toarray()
    return _columns(rows), form


def _of_mapping(data: Mapping[Any, Any]) -> tuple[pd.DataFrame, InputForm]:
    import numpy as np
    import pandas as pd

    arrays = {str(name): np.asarray(values) for name, values in data.items()}
    if len({len(values) for values in arrays.values()}) > 1:
        raise InvalidInput("A prototype is read from columns of one length.")
    frame = pd.DataFrame({name: values if values.ndim == 1 else _cells(values) for name, values in arrays.items()})
    shapes = {name: list(values.shape[1:]) for name, values in arrays.items()}
    return frame, InputForm("mapping", dtype={name: _dtype(values) for name, values in arrays.items()}, layout=shapes)


def _of_list(data: list[Any]) -> tuple[pd.DataFrame, InputForm]:
    import pandas as pd

    if data and all(isinstance(row, Mapping) for row in data):
        return _of_records(data), InputForm("records")
    if not any(isinstance(row, list | tuple) or hasattr(row, "shape") for row in data):
        return _named(pd.DataFrame({"": pd.Series(data, dtype=object)}), None, data), InputForm("list")
    if _is_uneven(data):
        return _named(pd.DataFrame({"": _cells(data)}), None, data), InputForm("list")
    frame, form = _of_array(_with_own_types(data))
    row = type(data[0]).__name__
    return frame, InputForm("list", form.shape, form.dtype, row if row in {"ndarray", "tuple"} else None)


def _of_records(data: list[Mapping[Any, Any]]) -> pd.DataFrame:
    """Return records as a frame in which integers stay integers where some records do not have them."""
    import pandas as pd

    frame = pd.DataFrame(data)
    for name in frame.columns[frame.isna().any()]:
        if {type(row[name]) for row in data if name in row} == {int}:
            frame[name] = pd.array([row.get(name) for row in data], dtype="Int64")
    return frame


def _with_own_types(rows: list[Any]) -> Any:
    """Return rows as an array of objects where NumPy would turn numbers next to texts into texts."""
    import numpy as np

    array = np.asarray(rows)
    if array.dtype.kind not in "US" or hasattr(rows[0], "dtype"):
        return array
    cells = np.array(rows, dtype=object)
    return array if all(isinstance(cell, str | bytes) for cell in cells.ravel()) else cells


def _is_uneven(data: list[Any]) -> bool:
    """Return whether the rows of a list are lists of several lengths."""
    import numpy as np

    try:
        # numpy makes one axis of lists with several lengths, and refuses arrays of several shapes
        return np.array(data, dtype=object).ndim < 2
    except ValueError:
        return True


def _of_array(data: Any) -> tuple[pd.DataFrame, InputForm]:
    import numpy as np
    import pandas as pd

    try:
        array = np.asarray(data)
    except ValueError:
        raise InvalidInput("A prototype is read from rows of one length.") from None
    if not array.ndim:
        raise InvalidInput(f"A prototype is read from rows. This {type(data).__name__} is not a table or an array.")
    if array.dtype.names is not None:
        return _of_structured(data if hasattr(data, "dtype") else array)
    form = InputForm("array", tuple(array.shape[1:]), _dtype(array))
    if array.ndim == 1:
        # pandas 3 would make its own text dtype of objects that are texts
        dtype = object if array.dtype == object else None
        return _named(pd.DataFrame({"": pd.Series(array, dtype=dtype)}), None, array), form
    return _columns(array), form


def _of_structured(array: Any) -> tuple[pd.DataFrame, InputForm]:
    """Read an array with named fields."""
    import pandas as pd

    if array.ndim != 1 or any(array.dtype[name].shape or array.dtype[name].names for name in array.dtype.names):
        raise InvalidInput("A prototype is read from an array of one axis whose fields are single values.")
    frame = pd.DataFrame(
        {name: pd.Series(array[name].tolist(), dtype=_field(array, name)) for name in array.dtype.names}
    )
    dtypes = {name: array.dtype[name].str for name in array.dtype.names}
    return frame, InputForm("structured", dtype=dtypes, layout=type(array).__name__)


def _field(array: Any, name: str) -> Any:
    dtype = array.dtype[name]
    # pandas takes numbers in the machine's byte order only
    return object if dtype.kind in "USVO" else dtype.newbyteorder("=")


def _dtype(array: Any) -> str:
    """Return the dtype of an array. That of texts is without their length, which is that of the longest one."""
    return str(array.dtype.kind if array.dtype.kind in "US" else array.dtype)


def _columns(array: Any) -> pd.DataFrame:
    """Return an array as columns named by position, or as one of nested lists where it has more axes or is wide."""
    import pandas as pd

    if array.ndim > 2 or array.shape[1] > MOST_COLUMNS:
        return pd.DataFrame({TENSOR: _cells(array)})
    names = [str(place) for place in range(array.shape[1])]
    return pd.DataFrame(array, columns=names, dtype=object if array.dtype == object else None)


def _cells(array: Any) -> Any:
    """Return the rows of an array as objects."""
    import numpy as np

    # one object for each row, of which np.array would make further axes
    cells = np.empty(len(array), dtype=object)
    for place, row in enumerate(array):
        cells[place] = row
    return cells
