"""A table that is not held in memory. Facts of single rows (times, truths, predictions) are read column by column, and
everything else is counted as it passes by."""

from __future__ import annotations

from typing import Any

from mlops_magics.core.monitoring.counting import one_pass, pushdown
from mlops_magics.core.monitoring.reading import batches, tables
from mlops_magics.core.monitoring.reading.column_values import Column
from mlops_magics.core.monitoring.reading.tables import ArrowTable, Table
from mlops_magics.core.monitoring.reading.text_files import Schema
from mlops_magics.errors import InvalidInput


def read(data: Any, schema: Schema | None = None) -> Table:
    """Return rows in memory where they fit, else a table that reads a column on access.

    Parameters
    ----------
    schema
        The types and categories of a text file's columns in the reference.
    """
    if batches.is_once(data) or not one_pass.is_large(data):
        return tables.read(data, schema)
    return LargeTable(data, schema)


class LargeTable:
    """Named columns of a source of any size."""

    notes: tuple[str, ...] = ()

    def __init__(self, data: Any, schema: Schema | None = None) -> None:
        self.data, self._schema = data, schema
        streamed = batches.is_streamed(data)
        self.names = batches.names_of(data) if streamed else tuple(pushdown.table_of(data).columns)
        self.rows = batches.rows_of(data) if streamed else int(pushdown.table_of(data).count().execute())
        doubled = [name for name in self.names if self.names.count(name) > 1]
        if doubled:
            raise InvalidInput(f"Column names must be unique, but {doubled[0]!r} occurs more than once. Rename one.")

    def column(self, name: str) -> Column:
        """Read one column: 8 bytes a row, and as many again while it is read."""
        return self._alone(name).column(name)

    def series(self, name: str) -> Any:
        """Read one column for pandas."""
        return self._alone(name).series(name)

    def arrow(self, name: str) -> Any:
        """Read one column as it is."""
        return self._alone(name).arrow(name)

    def _alone(self, name: str) -> ArrowTable:
        import pyarrow as pa

        if batches.is_streamed(self.data):
            return ArrowTable(pa.concat_tables(batches.batches_of(self.data, [name], schema=self._schema)))
        return ArrowTable(pushdown.table_of(self.data).select(name).to_pyarrow())
