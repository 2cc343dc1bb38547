"""The columns and dtypes that a model accepts, read from its training data rather than from one row of it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlops_magics.errors import InvalidInput

if TYPE_CHECKING:
    import pandas as pd

EXAMPLE_ROWS = 5
MOST_COLUMNS = 20_000

_JSON_TYPES = {
    "integer": "integer",
    "number": "number",
    "boolean": "boolean",
    "category": "string",
    "string": "string",
    "datetime": "string",
}
_PLACEHOLDERS: dict[str, Any] = {
    "integer": 0,
    "number": 0.0,
    "boolean": False,
    "category": "",
    "string": "",
    "datetime": "1970-01-01T00:00:00",
}


@dataclass(frozen=True, slots=True)
class Column:
    """One feature as it was in training.

    Attributes
    ----------
    kind
        ``integer``, ``number``, ``boolean``, ``category``, ``string`` or ``datetime``.
    minimum, maximum
        The range of finite values (numbers) or ISO times (datetimes), else None.
    nullable
        Whether values were missing.
    example
        The first value that was not missing; a datetime as ISO text.
    """

    name: str
    dtype: str
    kind: str
    categories: tuple[Any, ...] | None = None
    ordered: bool = False
    minimum: Any = None
    maximum: Any = None
    nullable: bool = False
    example: Any = None

    def to_json(self) -> dict[str, Any]:
        """Return the record as plain values."""
        record: dict[str, Any] = {"name": self.name, "dtype": self.dtype, "kind": self.kind, "nullable": self.nullable}
        if self.categories is not None:
            record |= {"categories": list(self.categories), "ordered": self.ordered}
        if self.minimum is not None:
            record |= {"minimum": self.minimum, "maximum": self.maximum}
        return {**record, "example": self.example}

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Column:
        """Read what `to_json` wrote."""
        categories = record.get("categories")
        return cls(
            name=str(record["name"]),
            dtype=str(record["dtype"]),
            kind=str(record["kind"]),
            categories=None if categories is None else tuple(categories),
            ordered=bool(record.get("ordered", False)),
            minimum=record.get("minimum"),
            maximum=record.get("maximum"),
            nullable=bool(record.get("nullable", False)),
            example=record.get("example"),
        )


@dataclass(frozen=True, slots=True)
class Prototype:
    """The columns of a model in their order, and a few example rows without missing values.

    Attributes
    ----------
    input_kind
        ``frame``, or ``array`` where the model was trained on an array; its columns are then named by position.
    """

    columns: tuple[Column, ...]
    examples: tuple[dict[str, Any], ...] = ()
    input_kind: str = "frame"

    @classmethod
    def from_data(cls, data: Any) -> Prototype:
        """Read the prototype from data of shape ``(n_samples, n_features)``: a pandas or polars frame, an array, lists.

        Raises
        ------
        InvalidInput
            When the data are no table, have no row, or name a column twice.
        """
        frame, input_kind = as_table(data)
        if not len(frame.columns) or not len(frame):
            raise InvalidInput("A prototype is read from data with at least one row and one column.")
        if frame.columns.has_duplicates:
            twice = sorted({str(name) for name in frame.columns[frame.columns.duplicated()]})
            raise InvalidInput(f"Column {twice[0]!r} is there twice; rename one of them before training.")
        columns = tuple(_column(str(name), frame.iloc[:, place]) for place, name in enumerate(frame.columns))
        return cls(columns, _examples(frame, columns), input_kind)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns, in the order of training."""
        return tuple(column.name for column in self.columns)

    def to_json(self) -> dict[str, Any]:
        """Return the prototype as plain values."""
        return {
            "input_kind": self.input_kind,
            "columns": [column.to_json() for column in self.columns],
            "examples": [dict(row) for row in self.examples],
        }

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Prototype:
        """Read what `to_json` wrote."""
        columns = tuple(Column.from_json(column) for column in record["columns"])
        return cls(
            columns, tuple(dict(row) for row in record.get("examples") or ()), str(record.get("input_kind", "frame"))
        )

    @classmethod
    def from_examples(cls, values: Mapping[str, Any]) -> Prototype:
        """Read vetiver's prototype: one example value for each column (or its JSON schema with ``properties``)."""
        properties = values.get("properties")
        if isinstance(properties, Mapping):
            values = {
                name: entry.get("example") if isinstance(entry, Mapping) else None for name, entry in properties.items()
            }
        return cls(tuple(_guessed(str(name), value) for name, value in values.items()))

    def example_values(self) -> dict[str, Any]:
        """Return one value for each column, never missing: vetiver's prototype."""
        return {
            column.name: _PLACEHOLDERS[column.kind] if column.example is None else column.example
            for column in self.columns
        }

    def json_schema(self) -> dict[str, Any]:
        """Return the JSON schema of one row, which ``vetiver_create_prototype`` rebuilds."""
        examples = self.example_values()
        return {
            "title": "prototype",
            "type": "object",
            "properties": {column.name: _property(column, examples[column.name]) for column in self.columns},
            "required": [column.name for column in self.columns],
        }

    def empty_frame(self) -> pd.DataFrame:
        """Return a frame without rows that has the columns and dtypes of the training data."""
        import pandas as pd

        return pd.DataFrame({column.name: pd.Series([], dtype=_dtype(column)) for column in self.columns})


def as_table(data: Any) -> tuple[pd.DataFrame, str]:
    """Return the data as a pandas frame, and whether they came as ``frame`` or ``array``.

    Raises
    ------
    InvalidInput
        When they are no table.
    """
    import numpy as np
    import pandas as pd

    if isinstance(data, pd.DataFrame):
        return data, "frame"
    if isinstance(data, pd.Series):
        return data.to_frame(name=data.name if data.name is not None else "0"), "frame"
    if hasattr(data, "to_pandas"):  # polars, pyarrow
        return pd.DataFrame(data.to_pandas()), "frame"
    if isinstance(data, Mapping):
        return pd.DataFrame(dict(data)), "frame"
    if hasattr(data, "toarray"):  # scipy.sparse; ranges of a sample are enough, zeros included
        data = data[:10_000].toarray()
    array = np.asarray(data)
    if array.ndim == 1:
        array = array.reshape(-1, 1)
    if array.ndim != 2 or array.shape[1] > MOST_COLUMNS:
        raise InvalidInput(
            f"A prototype is read from rows and columns; this {type(data).__name__} has the shape {array.shape}."
        )
    return pd.DataFrame(array, columns=[str(place) for place in range(array.shape[1])]), "array"


def _column(name: str, values: pd.Series) -> Column:
    import pandas as pd

    kind = _kind(values)
    present = values[values.notna()]
    first = present.iloc[0] if len(present) else None
    categories = None
    ordered = False
    if isinstance(values.dtype, pd.CategoricalDtype):
        categories, ordered = tuple(_scalar(each) for each in values.dtype.categories), bool(values.dtype.ordered)
    low, high = _range(kind, present)
    dtype = "category" if categories is not None else str(values.dtype)
    nullable = len(present) < len(values)
    return Column(
        name, dtype, kind, categories, ordered, low, high, nullable, None if first is None else _scalar(first)
    )


def _kind(values: pd.Series) -> str:
    from pandas.api import types

    dtype = values.dtype
    if dtype.name == "category":
        return "category"
    if types.is_bool_dtype(dtype):
        return "boolean"
    if types.is_integer_dtype(dtype):
        return "integer"
    if types.is_float_dtype(dtype):
        return "number"
    if types.is_datetime64_any_dtype(dtype):
        return "datetime"
    inferred = types.infer_dtype(values, skipna=True)
    return {
        "boolean": "boolean",
        "integer": "integer",
        "floating": "number",
        "mixed-integer-float": "number",
        "decimal": "number",
    }.get(inferred, "string")


def _range(kind: str, present: pd.Series) -> tuple[Any, Any]:
    if not len(present) or kind not in {"integer", "number", "datetime"}:
        return None, None
    low, high = _scalar(present.min()), _scalar(present.max())
    if kind == "number" and not (math.isfinite(low) and math.isfinite(high)):
        import numpy as np

        finite = present[np.isfinite(present.astype("float64"))]
        return (_scalar(finite.min()), _scalar(finite.max())) if len(finite) else (None, None)
    return low, high


def _scalar(value: Any) -> Any:
    """Return a cell as JSON can say it: numpy scalars as Python's, times as ISO text, the rest as text."""
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if hasattr(value, "item"):
        value = value.item()
    return value if isinstance(value, str | bool | int | float) else str(value)


def _examples(frame: pd.DataFrame, columns: tuple[Column, ...]) -> tuple[dict[str, Any], ...]:
    whole = frame.notna().all(axis=1)
    chosen = (frame[whole] if whole.any() else frame).head(EXAMPLE_ROWS)
    cells = [[_cell(value, column) for value in chosen.iloc[:, place]] for place, column in enumerate(columns)]
    return tuple({column.name: cells[place][row] for place, column in enumerate(columns)} for row in range(len(chosen)))


def _cell(value: Any, column: Column) -> Any:
    import pandas as pd

    missing = (
        value is None or value is pd.NaT or value is pd.NA or (isinstance(value, float) and not math.isfinite(value))
    )
    if missing:
        return _PLACEHOLDERS[column.kind] if column.example is None else column.example
    return _scalar(value)


def _guessed(name: str, value: Any) -> Column:
    """Make a column of an example value, the way vetiver itself understands it."""
    if isinstance(value, bool):
        return Column(name, "bool", "boolean", example=value)
    if isinstance(value, int):
        return Column(name, "int64", "integer", example=value)
    if isinstance(value, float):
        finite = math.isfinite(value)
        return Column(name, "float64", "number", nullable=not finite, example=value if finite else None)
    return Column(name, "str", "string", nullable=value is None, example=None if value is None else str(value))


def _property(column: Column, example: Any) -> dict[str, Any]:
    kind = _JSON_TYPES[column.kind]
    entry: dict[str, Any] = {"example": example, "type": [kind, "null"] if column.nullable else kind}
    if column.categories is not None:
        entry |= {"enum": [*column.categories, *([None] if column.nullable else [])]}
        entry.pop("type")
    if column.kind == "datetime":
        entry["format"] = "date-time"
    return entry


def _dtype(column: Column) -> Any:
    import pandas as pd

    if column.categories is not None:
        return pd.CategoricalDtype(list(column.categories), ordered=column.ordered)
    return column.dtype
