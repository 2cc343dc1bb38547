"""The check of a request's column names against those of the prototype: missing, unknown, misspelt."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from mlops_magics.core.deploying.contract.http_error import problem
from mlops_magics.core.deploying.contract.model_options import Extras
from mlops_magics.core.deploying.validation.convert import MAX_PROBLEMS
from mlops_magics.core.deploying.validation.expectation import shown
from mlops_magics.core.deploying.validation.layout import Layout
from mlops_magics.errors import nearest

Problems = list[dict[str, object]]


class NameCheck:
    """The names that a prototype reads.

    Parameters
    ----------
    extras
        The handling of columns that the model does not read.
    """

    def __init__(self, layout: Layout, extras: Extras) -> None:
        self._layout, self._extras = layout, extras
        self._kinds = {column.name: column.kind for column in layout.columns}

    def problems(self, names: Collection[str], row: int | None = None) -> Problems:
        """Return the missing names, and the unknown ones where they are refused.

        Parameters
        ----------
        row
            The row that has these names, or None where all rows have them.
        """
        if self._layout.form.kind == "records":
            return []
        where = () if row is None else (row,)
        missing = [name for name in self._layout.names if name not in names]
        unknown = [name for name in names if name not in self._layout.known] if missing or self._refuses else []
        found = [problem((*where, name), "missing", self._missing(name, unknown)) for name in missing]
        if self._refuses:
            found += [problem((*where, name), "extra", f"The model reads no column {shown(name)}") for name in unknown]
        return found

    def record_problems(self, records: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, object]]:
        """Yield the problems of records, up to the limit."""
        known, count = self._layout.known, 0
        for row, record in enumerate(records):
            if known <= record.keys() and not (self._refuses and len(record) > len(known)):
                continue
            for fault in self.problems(record, row):
                yield fault
                count += 1
                if count >= MAX_PROBLEMS:
                    return

    def renamed(self, columns: Mapping[str, Any]) -> Mapping[str, Any]:
        """Give the only column the prototype's name, where a row is one value without a name of its own."""
        if self._layout.form.is_single and len(columns) == 1 and not self._layout.known & columns.keys():
            return {self._layout.names[0]: next(iter(columns.values()))}
        return columns

    def single_values(self, records: Sequence[Any]) -> tuple[list[Any], Problems]:
        """Return the single value of each record, by the prototype's name or else by the only key, and the problems.

        Where the value itself is a mapping, a record without that name is the value.
        """
        name, column = self._layout.names[0], self._layout.columns[0]
        mapping = column.kind == "nested" and column.detail.startswith("dict")
        values: list[Any] = []
        problems: Problems = []
        for row, record in enumerate(records):
            if not isinstance(record, dict) or (mapping and record.keys() != {name}):
                values.append(record)
            elif name in record or len(record) == 1:
                values.append(record.get(name, next(iter(record.values()))))
            elif len(problems) < MAX_PROBLEMS:
                problems += self.problems(record, row)
        return values, problems

    @property
    def _refuses(self) -> bool:
        return self._extras == "refuse"

    def _missing(self, name: str, unknown: Sequence[str]) -> str:
        text = f"Missing column {shown(name)} ({self._kinds[name]})"
        alike = [other for other in unknown if other.strip().casefold() == name.strip().casefold()]
        close = alike or nearest(name, unknown, 1)
        return f"{text}; {shown(close[0])} was sent: did you mean {shown(name)}?" if close else text
