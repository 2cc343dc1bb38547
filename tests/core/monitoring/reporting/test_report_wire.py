"""The record of a report that views draw."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mlops_magics.core.monitoring import monitor, profile

WEEKS = 4
EACH = 900
"""Rows of a week."""


def rows(seed: int, shares: list[float]) -> pd.DataFrame:
    """Return rows of weeks, of which such shares have a station that training never had."""
    numbers = np.random.default_rng(seed)
    station = numbers.choice(["North", "South", "East"], EACH * len(shares))
    new = numbers.random(len(station)) < np.repeat(shares, EACH)
    when = pd.date_range("2026-01-05", periods=len(station), freq=pd.Timedelta(weeks=1) / EACH)
    return pd.DataFrame({"station": np.where(new, "West", station), "when": when})


def test_each_period_has_an_effect_whatever_its_statistic() -> None:
    """A few rows of a new category are found by the odds of categories, many by TVD: one course, in floors."""
    reference = profile(rows(0, [0.0, 0.0]).drop(columns="when"))
    found = monitor(reference, rows(1, [0.0, 0.03, 0.2, 0.2]), by="week", timestamp="when")
    used = found.drift.loc[found.drift["drifted"], "statistic"].unique()
    (feature,) = found.wire()["features"]

    assert set(used) == {"category_odds", "tvd"}
    assert feature["statistic"] == "category_odds"
    assert feature["drifted_in"] == [False, True, True, True]
    floors = [score / feature["threshold"] for score in feature["scores"]]
    largest = found.drift.assign(floors=found.drift["score"] / found.drift["threshold"])
    tvd = largest[largest["statistic"] == "tvd"].set_index("period")["floors"]
    np.testing.assert_allclose([floors[0], *floors[2:]], tvd.iloc[[0, 2, 3]], rtol=1e-3)
    assert floors[1] == max(floors)
