"""The columns and dtypes that a model accepts, read from its training data rather than from one row of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlops_magics.core.versioning.describing.column import Column
from mlops_magics.errors import InvalidInput

if TYPE_CHECKING:
    import pandas as pd

EXAMPLE_ROWS = 5
MOST_COLUMNS = 20_000


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
        columns = tuple(Column.of(str(name), frame.iloc[:, place]) for place, name in enumerate(frame.columns))
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
        return cls(tuple(Column.guessed(str(name), value) for name, value in values.items()))

    def example_values(self) -> dict[str, Any]:
        """Return one value for each column, never missing: vetiver's prototype."""
        return {column.name: column.placeholder for column in self.columns}

    def json_schema(self) -> dict[str, Any]:
        """Return the JSON schema of one row, which ``vetiver_create_prototype`` rebuilds."""
        return {
            "title": "prototype",
            "type": "object",
            "properties": {column.name: column.json_schema() for column in self.columns},
            "required": [column.name for column in self.columns],
        }

    def empty_frame(self) -> pd.DataFrame:
        """Return a frame without rows that has the columns and dtypes of the training data."""
        import pandas as pd

        return pd.DataFrame({column.name: pd.Series([], dtype=column.pandas_dtype) for column in self.columns})


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


def _examples(frame: pd.DataFrame, columns: tuple[Column, ...]) -> tuple[dict[str, Any], ...]:
    whole = frame.notna().all(axis=1)
    chosen = (frame[whole] if whole.any() else frame).head(EXAMPLE_ROWS)
    cells = [[column.cell(value) for value in chosen.iloc[:, place]] for place, column in enumerate(columns)]
    return tuple({column.name: cells[place][row] for place, column in enumerate(columns)} for row in range(len(chosen)))
