"""Periods, as people of other tools write them."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlops_magics import performance
from mlops_magics.core.monitoring import drift, monitor, profile
from mlops_magics.core.monitoring.reading import period_names


@pytest.mark.parametrize(
    ("word", "known"),
    [
        ("Week", "week"),
        ("weekly", "week"),
        ("W", "week"),
        ("W-SUN", "week"),
        ("W-MON", "W-MON"),
        ("days", "day"),
        ("D", "day"),
        (" day ", "day"),
        ("h", "hour"),
        ("M", "month"),
        ("MS", "month"),
        ("m", "m"),
        ("QE", "quarter"),
        ("Yearly", "year"),
        ("6h", "6h"),
        ("500", 500),
        ("10 parts", "10 parts"),
        (np.timedelta64(2, "D"), pd.Timedelta("2D")),
        (dt.timedelta(hours=6), dt.timedelta(hours=6)),
        (7, 7),
        (None, None),
    ],
)
def test_a_unit_has_many_names(word: Any, known: Any) -> None:
    """Words in any letters, and pandas' letters. Its weeks that end on another day are not known."""
    assert period_names.named(word) == known


@pytest.mark.parametrize(("by", "periods"), [("Weekly", 2), ("W", 2), ("7", 2), (np.timedelta64(7, "D"), 2)])
def test_every_verb_knows_them(by: Any, periods: int) -> None:
    """Performance, drift and reports read one name in one way."""
    rows = pd.DataFrame({"when": pd.date_range("2024-01-01", periods=14), "x": range(14), "y": 1, "p": 1})
    found = monitor(profile(rows[["x"]]), rows, truth="y", prediction="p", by=by, timestamp="when", metrics="accuracy")

    assert len(performance(rows, "y", "p", "accuracy", by, "when")) == periods
    assert drift(rows[["x"]], rows[["x", "when"]], by=by, timestamp="when")["period"].nunique() == periods
    assert found.performance["period"].nunique() == periods


def test_rows_without_a_time_are_counted() -> None:
    """They are in no period, and performance says so."""
    rows = pd.DataFrame({"when": ["2024-01-01", None, "2024-01-02"], "y": 1, "p": 1})
    found = performance(rows, "y", "p", "accuracy", "day", "when")

    assert found.attrs["notes"] == ["1 of 3 rows have no time in 'when'. They are in no period"]
