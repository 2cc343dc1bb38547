"""Times in columns of objects."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from mlops_magics.core.versioning.describing import object_moments

NOON = dt.datetime(2024, 1, 1, 12)
ZURICH = ZoneInfo("Europe/Zurich")
FOREIGN = dt.timezone(dt.timedelta(hours=1), "the zone of a user")


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ([NOON], ("datetime", "datetime")),
        ([pd.Timestamp(NOON)], ("datetime", "Timestamp")),
        ([NOON.replace(tzinfo=ZURICH)] * 2, ("datetime", "datetime[us, Europe/Zurich]")),
        ([NOON.replace(tzinfo=ZURICH), NOON.replace(tzinfo=dt.UTC)], ("zoned", "datetime")),
        ([NOON, NOON.replace(tzinfo=dt.UTC)], ("zoned", "datetime, some")),
        ([NOON.replace(tzinfo=FOREIGN)], ("zoned", "datetime")),
    ],
)
def test_the_zone_of_a_column_of_objects(cells: list[dt.datetime], expected: tuple[str, str]) -> None:
    """One zone that pandas knows is the column's; times of several zones keep their own offsets."""
    assert object_moments.of(pd.Series(cells, dtype=object)) == expected
