"""The names of periods, as people write them."""

from __future__ import annotations

from typing import Any

import numpy as np

UNITS = {
    "hour": ("hours", "hourly", "h"),
    "day": ("days", "daily", "d"),
    "week": ("weeks", "weekly", "w", "w-sun"),
    "month": ("months", "monthly", "me", "ms"),
    "quarter": ("quarters", "quarterly", "q", "qe", "qs"),
    "year": ("years", "yearly", "annually", "y", "ye", "ys", "a"),
}
"""Other words for each unit of the calendar, and the letters of pandas, whose weeks end on a Sunday as these do."""
_UNIT_OF = {word: unit for unit, words in UNITS.items() for word in (unit, *words)}


def named(by: Any) -> Any:
    """Return a period by the name that it has here. One that is not known is returned as it is.

    ``Weekly`` and pandas' ``W`` are ``week``, ``"500"`` is 500 rows, a length of numpy is one of pandas.

    >>> [named(each) for each in ("Weekly", "W", "M", "500", "6h", 500, None)]
    ['week', 'week', 'month', 500, '6h', 500, None]
    """
    if isinstance(by, np.timedelta64):
        import pandas as pd

        return pd.Timedelta(by)
    if not isinstance(by, str):
        return by
    text = by.strip()
    if text == "M":  # in small letters it is a minute
        return "month"
    return int(text) if text.isdecimal() else _UNIT_OF.get(text.casefold(), by)
