"""A prototype prepared for speed: order, dtypes, ranges and labels of the columns, looked up once per version."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mlops_magics.core.deploying.validation.category_labels import CategoryLabels
from mlops_magics.core.deploying.validation.times import zone_of

if TYPE_CHECKING:
    import pandas as pd

    from mlops_magics.core.versioning import Column, Prototype

FIXED_KINDS = frozenset({"number", "integer", "boolean", "datetime", "timedelta"})
"""Kinds that are held as arrays of eight bytes a value or less. All others are arrays of objects, but tensors."""
OBJECT_BYTES = 80
"""Of one cell that is an object, about."""


class Layout:
    """The columns of a prototype, in its order.

    Attributes
    ----------
    names, kinds, nullable
        One entry for each column.
    form
        The form of the training input.
    uniform
        Whether every column is a float64 number, so that a batch is one matrix.
    row_bytes
        Approximate memory of a row.
    """

    def __init__(self, prototype: Prototype) -> None:
        self.prototype = prototype
        self.form = prototype.form
        self.columns: tuple[Column, ...] = tuple(prototype.columns)
        self.names: tuple[str, ...] = tuple(column.name for column in self.columns)
        self.kinds: tuple[str, ...] = tuple(column.kind for column in self.columns)
        self.nullable: tuple[bool, ...] = tuple(bool(column.nullable) for column in self.columns)
        self.uniform = all(column.kind == "number" and column.dtype == "float64" for column in self.columns)
        self.row_bytes = sum(map(_cell_bytes, self.columns))

    @cached_property
    def known(self) -> frozenset[str]:
        """The names as a set."""
        return frozenset(self.names)

    @property
    def row_keys(self) -> frozenset[str] | None:
        """The keys of a record that the model reads, ``None`` for all: a model of single values may read objects."""
        return None if self.form.is_single else self.known

    @cached_property
    def lows(self) -> npt.NDArray[np.float64]:
        """The smallest value of each column in training, minus infinity where none was stored."""
        return self._bounds("minimum", -np.inf)

    @cached_property
    def highs(self) -> npt.NDArray[np.float64]:
        """The largest value of each column in training, infinity where none was stored."""
        return self._bounds("maximum", np.inf)

    def _bounds(self, which: str, otherwise: float) -> npt.NDArray[np.float64]:
        bounds = [getattr(column, which) if column.kind in {"number", "integer"} else None for column in self.columns]
        return np.array([otherwise if bound is None else bound for bound in bounds], dtype="float64")

    @cached_property
    def naive_times(self) -> tuple[int, ...]:
        """The places of the columns of times without a zone."""
        return tuple(
            place
            for place, column in enumerate(self.columns)
            if column.kind == "datetime" and zone_of(column.moment_dtype) is None
        )

    @cached_property
    def index(self) -> pd.Index:
        """The labels of the training frame's columns."""
        import pandas as pd

        labels: pd.Index = pd.Index([column.training_label for column in self.columns])
        return labels

    @cached_property
    def dtypes(self) -> tuple[Any, ...]:
        """The dtype of each column in training, as pandas takes it."""
        return tuple(column.pandas_dtype for column in self.columns)

    @cached_property
    def labels(self) -> tuple[CategoryLabels | None, ...]:
        """For each category column, the categories by how requests write them."""
        return tuple(CategoryLabels(column) if column.kind == "category" else None for column in self.columns)


def _cell_bytes(column: Column) -> int:
    if column.kind == "tensor":
        # Python's integers, which do not wrap around
        return 8 * int(np.prod(column.shape, dtype=object))
    return 8 if column.kind in FIXED_KINDS else OBJECT_BYTES


class Rows(list[tuple[Any, ...]]):
    """Rows of one request whose JSON types are proven, and which become arrays together with those of their batch.

    One tuple for each row, in the layout's order.
    """

    __slots__ = ()

    notes: tuple[str, ...] = ()

    @property
    def n_rows(self) -> int:
        """The number of rows."""
        return len(self)


class Table:
    """Checked rows of one request or of one batch: ``columns`` in the layout's order, or one ``matrix``.

    Attributes
    ----------
    notes
        Warnings about the rows of a request, for its response.
    """

    __slots__ = ("_columns", "layout", "matrix", "n_rows", "notes")

    def __init__(
        self, layout: Layout, columns: Sequence[npt.NDArray[Any]] | None, matrix: npt.NDArray[np.float64] | None = None
    ) -> None:
        self.layout = layout
        self.matrix = matrix
        self._columns = columns
        self.n_rows = len(matrix) if matrix is not None else len(columns[0]) if columns else 0
        self.notes: tuple[str, ...] = ()

    @property
    def columns(self) -> Sequence[npt.NDArray[Any]]:
        """One array of ``n_rows`` values for each column."""
        if self._columns is None:
            self._columns = list(self.matrix.T) if self.matrix is not None else []
        return self._columns

    def array(self) -> npt.NDArray[Any]:
        """Return the rows as one array ``(n_rows, n_columns)``, of objects where the columns are of several kinds."""
        if self.matrix is not None:
            return self.matrix
        if set(self.layout.kinds) <= {"number", "integer", "boolean"}:
            dtypes = {column.dtype for column in self.layout.columns}
            stacked = np.column_stack(self.columns)
            return stacked.astype(dtypes.pop()) if len(dtypes) == 1 and stacked.dtype.kind in "fiu" else stacked
        return np.column_stack([np.asarray(column, dtype=object) for column in self.columns])

    def rows(self, start: int, end: int) -> Table:
        """Return some of the rows."""
        if self.matrix is not None:
            return Table(self.layout, None, self.matrix[start:end])
        return Table(self.layout, [column[start:end] for column in self.columns])

    @classmethod
    def concatenate(cls, tables: Sequence[Table]) -> Table:
        """Concatenate tables of one layout."""
        first = tables[0]
        if len(tables) == 1:
            return first
        if all(table.matrix is not None for table in tables):
            return cls(
                first.layout, None, np.concatenate([table.matrix for table in tables if table.matrix is not None])
            )
        return cls(first.layout, [np.concatenate(parts) for parts in zip(*(table.columns for table in tables))])


Part = Rows | Table
"""The rows of one request, as the batcher queues them."""
