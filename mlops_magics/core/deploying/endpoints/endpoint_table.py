"""The table of endpoints: a DataFrame that displays show as a view."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from mlops_magics.core import text_tables
from mlops_magics.core.phrases import counted

if TYPE_CHECKING:
    from mlops_magics.core.deploying.endpoints.endpoint import Endpoint

COLUMNS = ("name", "version", "alias", "state", "url", "port", "pid", "started", "notebook", "board")
WHERE, HERE = "where", "here"
"""The column that names the target of an endpoint elsewhere, and its value for those of this machine."""


class EndpointTable(pd.DataFrame):
    """One row for each endpoint, newest first, those elsewhere last.

    ``attrs["endpoints"]`` holds the wire records of this machine's, without tokens.
    """

    @property
    def _constructor(self) -> Callable[..., pd.DataFrame]:
        return pd.DataFrame

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """Show what people read in a terminal, by IPython's protocol, which needs no import."""
        columns: dict[str, Iterable[Any]] = {
            "name": self["name"],
            "state": self["state"],
            "version": text_tables.short_ids(self["version"]),
            "alias": self["alias"],
            "address": self["url"],
            "started": self["started"],
            "where": ["" if where == HERE else where for where in self[WHERE]],
        }
        printer.text(text_tables.text_table(self.title, columns))

    @property
    def title(self) -> str:
        """The number of endpoints, or the line that starts the first."""
        return counted(len(self), "endpoint") if len(self) else "No endpoint runs. `%deploy NAME` starts one."

    @property
    def elsewhere(self) -> bool:
        """Whether one of them is not on this machine."""
        return any(self[WHERE] != HERE)

    @classmethod
    def of(cls, endpoints: Iterable[Endpoint], elsewhere: Iterable[Mapping[str, Any]] = ()) -> EndpointTable:
        """Return the table of these endpoints, and of rows of deployments elsewhere."""
        listed = list(endpoints)
        rows = [{**{name: getattr(endpoint, name) for name in COLUMNS}, WHERE: HERE} for endpoint in listed]
        table = cls([*rows, *elsewhere], columns=[*COLUMNS, WHERE])
        table.attrs["endpoints"] = [endpoint.to_json() for endpoint in listed]
        return table
