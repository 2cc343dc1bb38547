"""The table of endpoints: a DataFrame that displays show as a view."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from mlops_magics.core.deploying.endpoints.endpoint import Endpoint

COLUMNS = ("name", "version", "alias", "state", "url", "port", "pid", "started", "notebook", "board")


class EndpointTable(pd.DataFrame):
    """One row for each endpoint, newest first; ``attrs["endpoints"]`` holds their wire records, without tokens."""

    @property
    def _constructor(self) -> Callable[..., pd.DataFrame]:
        return pd.DataFrame

    @classmethod
    def of(cls, endpoints: Iterable[Endpoint]) -> EndpointTable:
        """Return the table of these endpoints."""
        listed = list(endpoints)
        table = cls([[getattr(endpoint, name) for name in COLUMNS] for endpoint in listed], columns=list(COLUMNS))
        table.attrs["endpoints"] = [endpoint.to_json() for endpoint in listed]
        return table
