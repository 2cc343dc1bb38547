"""Times in columns of objects: Python's or pandas' own, without a zone, in one zone, or each with its own offset."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

SOME = "some"
"""Detail of a ``zoned`` column: some times have no zone."""
PANDAS = "Timestamp"
"""The type of times that are pandas' own, in `Column.detail`. Python's are ``datetime``."""


def of(present: pd.Series) -> tuple[str, str]:
    """Return kind and detail of a column of times: ``datetime`` for one zone at most, ``zoned`` for several.

    The detail names the type of the cells and, for one zone, unit and zone: ``datetime[us, Europe/Zurich]``.
    """
    cells = present.tolist()
    if isinstance(cells[0], np.datetime64):
        return "datetime", ""
    name = PANDAS if type(cells[0]).__name__ == PANDAS else "datetime"
    zones = {None if cell.tzinfo is None else str(cell.tzinfo) for cell in cells}
    if zones == {None}:
        return "datetime", name
    zone = zones.pop() if len(zones) == 1 else None
    if zone is not None and _is_known(zone):
        unit = "ns" if name == PANDAS and any(cell.nanosecond for cell in cells) else "us"
        return "datetime", f"{name}[{unit}, {zone}]"
    return "zoned", ", ".join(filter(None, (name, SOME if None in zones else "")))


def _is_known(zone: str) -> bool:
    import pandas as pd

    try:
        pd.Timestamp(0, tz=zone)
    except Exception:  # pandas and the libraries of zones have several errors for a name that they do not know
        return False
    return True


def restored(series: pd.Series, detail: str) -> list[Any]:
    """Return the times of a Series as Python's or pandas' own, a missing one as NaT."""
    if not detail.startswith("datetime"):
        return list(series)
    return [value if value != value else value.to_pydatetime(warn=False) for value in series]
