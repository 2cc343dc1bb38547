"""Tables in pages of JSON-safe records: a front end never gets more than it can draw."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlops_magics.core.versioning.describing.json_values import json_safe

if TYPE_CHECKING:
    import pandas as pd

MOST = 500
"""Rows of one page."""


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return one mapping for each row: times in ISO 8601, missing values as None."""
    import pandas as pd

    def plain(value: Any) -> Any:
        if isinstance(value, pd.Timestamp):
            return value.isoformat()
        if isinstance(value, list | tuple | dict):
            return json_safe(value)
        return None if pd.isna(value) else getattr(value, "item", lambda: value)()

    return [{str(name): plain(value) for name, value in row.items()} for row in table.to_dict("records")]


def cut(offset: int, limit: int) -> slice:
    """Return the rows of a page; nobody gets more than `MOST`."""
    return slice(offset, offset + min(limit, MOST))


def page(kind: str, shown: list[dict[str, Any]], total: int, offset: int) -> dict[str, Any]:
    """Return one page: the records, where they start, and how many there are."""
    return {kind: shown, "total": total, "offset": offset}
