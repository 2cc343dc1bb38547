"""A prototype laid out for speed: the order, dtypes and ranges of the columns, looked up once per version."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import pandas as pd

    from mlops_magics.core.versioning import Prototype

STORED = {"number": "float64", "integer": "int64", "boolean": "bool", "datetime": "datetime64[us]"}
"""How a checked column of a kind is held; every other kind is an object array."""


class Layout:
    """The columns of a prototype, in its order.

    Attributes
    ----------
    names, kinds, nullable
        One entry for each column.
    uniform
        Whether every column is a float64 number, so that a batch is one matrix.
    row_bytes
        About what a row takes in memory.
    """

    def __init__(self, prototype: Prototype) -> None:
        self.prototype = prototype
        self.columns = tuple(prototype.columns)
        self.names: tuple[str, ...] = tuple(column.name for column in self.columns)
        self.kinds: tuple[str, ...] = tuple(column.kind for column in self.columns)
        self.nullable: tuple[bool, ...] = tuple(bool(column.nullable) for column in self.columns)
        self.uniform = all(column.kind == "number" and column.dtype == "float64" for column in self.columns)
        self.row_bytes = sum(8 if kind in STORED else 80 for kind in self.kinds)
        self.as_array = prototype.input_kind == "array"

    @cached_property
    def known(self) -> frozenset[str]:
        """The names as a set."""
        return frozenset(self.names)

    @cached_property
    def lows(self) -> npt.NDArray[np.float64]:
        """The smallest value of each column in training; minus infinity where none was stored."""
        return self._bounds("minimum", -np.inf)

    @cached_property
    def highs(self) -> npt.NDArray[np.float64]:
        """The largest value of each column in training; infinity where none was stored."""
        return self._bounds("maximum", np.inf)

    def _bounds(self, which: str, otherwise: float) -> npt.NDArray[np.float64]:
        bounds = [getattr(column, which) if column.kind in {"number", "integer"} else None for column in self.columns]
        return np.array([otherwise if bound is None else bound for bound in bounds], dtype="float64")

    @cached_property
    def index(self) -> pd.Index:
        """The names as pandas wants them."""
        import pandas as pd

        return pd.Index(self.names)

    @cached_property
    def labels(self) -> tuple[dict[Any, Any] | None, ...]:
        """For each category column, how a label that was sent is written in the training data."""
        return tuple(
            None if column.kind != "category" else spellings(column.categories or ()) for column in self.columns
        )


def spellings(categories: Sequence[Any]) -> dict[Any, Any]:
    """Map every label to itself, and its JSON spelling to it where that differs (a date, a tuple)."""
    written = {
        category if isinstance(category, str | int | float | bool) else str(category): category
        for category in categories
    }
    return {**written, **{category: category for category in categories}}


class Rows:
    """Rows of one request whose JSON types are proven; they become arrays together with those of their batch.

    Parameters
    ----------
    values
        One tuple for each row, in the layout's order.
    """

    __slots__ = ("n_rows", "values")

    def __init__(self, values: list[tuple[Any, ...]]) -> None:
        self.values = values
        self.n_rows = len(values)


class Table:
    """Checked rows of one request or of one batch: ``columns`` in the layout's order, or one ``matrix``."""

    __slots__ = ("_columns", "layout", "matrix", "n_rows")

    def __init__(
        self, layout: Layout, columns: Sequence[npt.NDArray[Any]] | None, matrix: npt.NDArray[np.float64] | None = None
    ) -> None:
        self.layout = layout
        self.matrix = matrix
        self._columns = columns
        self.n_rows = len(matrix) if matrix is not None else len(columns[0]) if columns else 0

    @property
    def columns(self) -> Sequence[npt.NDArray[Any]]:
        """One array of ``n_rows`` values for each column."""
        if self._columns is None:
            self._columns = list(self.matrix.T) if self.matrix is not None else []
        return self._columns

    def array(self) -> npt.NDArray[Any]:
        """Return the rows as one array ``(n_rows, n_columns)``; of objects where the columns are of several kinds."""
        if self.matrix is not None:
            return self.matrix
        if set(self.layout.kinds) <= {"number", "integer", "boolean"}:
            dtypes = {column.dtype for column in self.layout.columns}
            stacked = np.column_stack(self.columns)
            return stacked.astype(dtypes.pop()) if len(dtypes) == 1 and stacked.dtype.kind in "fi" else stacked
        return np.column_stack([np.asarray(column, dtype=object) for column in self.columns])

    def frame(self) -> pd.DataFrame:
        """Return the rows as the DataFrame that the model was trained on: same names, order and dtypes."""
        import pandas as pd

        if self.matrix is not None:
            return pd.DataFrame(self.matrix, columns=self.layout.index, copy=False)
        typed = {
            place: _typed(values, column)
            for place, (values, column) in enumerate(zip(self.columns, self.layout.columns))
        }
        frame = pd.DataFrame(typed, copy=False)
        frame.columns = self.layout.index
        return frame

    def rows(self, start: int, end: int) -> Table:
        """Return some of the rows."""
        if self.matrix is not None:
            return Table(self.layout, None, self.matrix[start:end])
        return Table(self.layout, [column[start:end] for column in self.columns])

    @classmethod
    def concatenate(cls, tables: Sequence[Table]) -> Table:
        """Put tables of one layout below each other."""
        first = tables[0]
        if len(tables) == 1:
            return first
        if all(table.matrix is not None for table in tables):
            return cls(
                first.layout, None, np.concatenate([table.matrix for table in tables if table.matrix is not None])
            )
        return cls(first.layout, [np.concatenate(parts) for parts in zip(*(table.columns for table in tables))])


def _typed(values: npt.NDArray[Any], column: Any) -> Any:
    """Give one column the dtype that it had in training."""
    import pandas as pd

    if column.kind == "category":
        return pd.Categorical(values, categories=list(column.categories or ()), ordered=column.ordered)
    if column.kind in {"number", "integer", "boolean"} and values.dtype.name == column.dtype:
        return values
    if column.kind == "datetime" and "," in column.dtype:
        zone = column.dtype.split(",")[1].strip(" ]")
        return pd.Series(values).dt.tz_localize("UTC").dt.tz_convert(zone).astype(column.dtype)
    return pd.Series(values).astype(column.dtype)


Part = Rows | Table
"""The rows of one request, as the batcher queues them."""
