"""The prototype of a model: the columns and dtypes that it accepts, read from all of its training data."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlops_magics.core.versioning.describing import cell_values, input_form, label_tags
from mlops_magics.core.versioning.describing.column import Column
from mlops_magics.core.versioning.describing.input_form import InputForm
from mlops_magics.errors import InvalidInput

if TYPE_CHECKING:
    import pandas as pd

EXAMPLE_ROWS = 5
MOST_EXAMPLE_VALUES = 1000
"""Numbers of one row of a tensor. Larger rows are not kept as examples."""


@dataclass(frozen=True, slots=True)
class Prototype:
    """The columns of a model in their order, and a few example rows without missing values.

    Attributes
    ----------
    examples
        Rows as JSON writes them.
    form
        The form of the training input. An array's columns are named by position.
    fault
        The reason why endpoints cannot serve this version. Empty where they can, or where it was not tried.
    """

    columns: tuple[Column, ...]
    examples: tuple[dict[str, Any], ...] = ()
    form: InputForm = dataclasses.field(default_factory=InputForm)
    fault: str = ""

    @classmethod
    def from_data(cls, data: Any) -> Prototype:
        """Read the prototype from training data: a pandas or polars frame, a Series, an array, a sparse matrix, lists.

        Raises
        ------
        InvalidInput
            When the data are not rows, or have none.
        """
        frame, form = input_form.read(data)
        if not len(frame.columns) or not len(frame):
            raise InvalidInput("A prototype is read from data with at least one row and one column.")
        names = column_names(frame.columns)
        columns = tuple(_column(name, frame.iloc[:, place], form) for place, name in enumerate(names))
        return cls(columns, _examples(frame, columns), form)

    @property
    def input_kind(self) -> str:
        """``array`` where the columns are named by position, else ``frame``."""
        return "array" if self.form.kind in {"array", "sparse", "list"} and len(self.form.shape) == 1 else "frame"

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns, in the order of training."""
        return tuple(column.name for column in self.columns)

    def to_json(self) -> dict[str, Any]:
        """Return the prototype as plain values."""
        record: dict[str, Any] = {
            "input_kind": self.input_kind,
            "form": self.form.to_json(),
            "columns": [column.to_json() for column in self.columns],
            "examples": [dict(row) for row in self.examples],
        }
        return record | ({"fault": self.fault} if self.fault else {})

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Prototype:
        """Read the value of `to_json` of this version or an earlier one.

        Raises
        ------
        ValueError
            The record is not that of a prototype.
        """
        if not isinstance(record["columns"], list):
            raise ValueError("the columns of the prototype are not a list")
        columns = tuple(Column.from_json(column) for column in record["columns"])
        form = InputForm.from_json(record.get("form"), str(record.get("input_kind", "frame")), len(columns))
        examples = tuple(dict(row) for row in record.get("examples") or ())
        return cls(columns, examples, form, str(record.get("fault", "")))

    @classmethod
    def from_examples(cls, values: Mapping[str, Any]) -> Prototype:
        """Read vetiver's prototype: one example value for each column (or its JSON schema with ``properties``)."""
        properties = values.get("properties")
        if isinstance(properties, Mapping):
            values = {
                name: entry.get("example") if isinstance(entry, Mapping) else None for name, entry in properties.items()
            }
        return cls(tuple(Column.guessed(str(name), value) for name, value in values.items()))

    def with_fault(self, fault: str) -> Prototype:
        """Return the prototype with the reason why endpoints cannot serve the version."""
        return dataclasses.replace(self, fault=fault)

    def example_values(self) -> dict[str, Any]:
        """Return vetiver's prototype: one value for each column, never missing."""
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


def column_names(labels: Iterable[Any]) -> list[str]:
    """Return the names of columns in requests: the texts of their labels, with ``.1``, ``.2`` where one is repeated."""
    names: list[str] = []
    used: set[str] = set()
    for label in labels:
        text = name = str(label)
        number = 0
        while name in used:
            number += 1
            name = f"{text}.{number}"
        used.add(name)
        names.append(name)
    return names


def frame_of(data: Any) -> pd.DataFrame:
    """Return data of any training form as a frame whose columns have the names of the prototype.

    Raises
    ------
    InvalidInput
        When they are not rows.
    """
    frame, _ = input_form.read(data)
    named = frame.copy(deep=False)
    named.columns = column_names(frame.columns)
    return named


def _column(name: str, values: pd.Series, form: InputForm) -> Column:
    if form.is_single and name == input_form.TENSOR:
        return _tensor(name, str(form.dtype), form.shape, values)
    if form.kind == "mapping" and form.layout[name]:
        return _tensor(name, form.dtype[name], tuple(form.layout[name]), values)
    same = isinstance(values.name, str) and values.name == name
    return Column.of(name, values) if same else Column.of(name, values, label_tags.tag(values.name))


def _tensor(name: str, dtype: str, shape: tuple[int, ...], values: pd.Series) -> Column:
    small = math.prod(shape) <= MOST_EXAMPLE_VALUES
    return Column(name, dtype, "tensor", shape=shape, example=cell_values.write(values.iloc[0]) if small else None)


def _examples(frame: pd.DataFrame, columns: tuple[Column, ...]) -> tuple[dict[str, Any], ...]:
    if any(column.kind == "tensor" and column.example is None for column in columns):
        return ()
    whole = frame.notna().all(axis=1)
    chosen = (frame[whole] if whole.any() else frame).head(EXAMPLE_ROWS)
    cells = [[column.cell(value) for value in chosen.iloc[:, place]] for place, column in enumerate(columns)]
    return tuple({column.name: cells[place][row] for place, column in enumerate(columns)} for row in range(len(chosen)))
