"""A season against a stored profile: each weekday, or hour, with itself."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlops_magics.core.monitoring import ReferenceProfile, drift, monitor, profile
from mlops_magics.core.monitoring.comparing import seasonal_profiles
from mlops_magics.errors import InvalidInput

NUMBERS = np.random.default_rng(7)


def _days(start: str, days: int) -> pd.DataFrame:
    times = pd.date_range(start, periods=days * 48, freq="30min", tz="Europe/Berlin")
    weekend, night = times.day_of_week >= 5, times.hour < 6
    return pd.DataFrame(
        {
            "when": times,
            "x": NUMBERS.normal(size=len(times)) + 1.5 * weekend + night,
            "kind": np.where(NUMBERS.random(len(times)) < 0.2 + 0.6 * weekend, "visit", "work"),
        }
    )


TRAINED = _days("2024-01-01", 84)


@pytest.fixture(scope="module")
def known() -> ReferenceProfile:
    """Return the profile of twelve weeks, as it comes back from a board."""
    rows = TRAINED.drop(columns="when")
    stored = profile(rows)
    stored = replace(stored, facts=seasonal_profiles.facts(rows, TRAINED["when"]))
    return ReferenceProfile.from_bytes(stored.to_bytes())


def test_weekends_and_nights_are_like_weekends_and_nights(known: ReferenceProfile) -> None:
    """Both are drift without the season, and what changes on a Sunday is drift with it."""
    sunday = _days("2024-06-02", 1)
    night = _days("2024-06-03", 20)[lambda rows: rows["when"].dt.hour < 6]
    for rows, season in ((sunday, "week"), (night, "day")):
        assert monitor(known, rows, timestamp="when").drifted
        assert not monitor(known, rows, timestamp="when", seasonal=season).drifted
    moved = sunday.assign(x=sunday["x"] + 1.5)
    assert monitor(known, moved, timestamp="when", seasonal="week").drifted == ["x"]
    found = drift(known, moved, timestamp="when", seasonal="week")
    assert found.set_index("feature")["drifted"].to_dict() == {"x": True, "kind": False}


@pytest.mark.parametrize("by", [None, "day", "week"])
def test_scores_are_nearly_those_of_the_rows(by: Any, known: ReferenceProfile) -> None:
    """Over one weekday and over several, in the shares of the period, with as many rows of the reference."""
    now = _days("2024-05-31", 6)
    how = {"timestamp": "when", "seasonal": "week", "by": by}
    stored, rows = (monitor(known, now, **how, **more).drift for more in ({}, {"reference": TRAINED}))

    assert stored[["feature", "period", "drifted"]].equals(rows[["feature", "period", "drifted"]])
    np.testing.assert_allclose(stored["score"], rows["score"], atol=0.03)
    np.testing.assert_allclose(stored["n_reference"], rows["n_reference"], rtol=0.01)


def test_a_weekday_that_the_training_data_do_not_have_is_no_reference() -> None:
    """It is named, and is neither drift nor a fault."""
    week = TRAINED[TRAINED["when"].dt.day_of_week < 5]
    stored = replace(profile(week[["x"]]), facts=seasonal_profiles.facts(week[["x"]], week["when"]))

    report = monitor(stored, _days("2024-06-02", 1)[["x", "when"]], timestamp="when", seasonal="week")
    assert report.drift["statistic"].tolist() == ["empty_reference"]


def test_times_that_do_not_fit_are_named() -> None:
    """As many as rows, in a column that exists. Without times the refusal has the line that keeps them."""
    rows = TRAINED[["x"]]
    with pytest.raises(InvalidInput, match="There are 3 times for 4032 rows"):
        seasonal_profiles.facts(rows, TRAINED["when"][:3])
    with pytest.raises(InvalidInput, match=r"timestamp=frame\['when'\]"):
        seasonal_profiles.facts(rows, "when")
    with pytest.raises(InvalidInput, match="pin with timestamp=TIMES"):
        monitor(profile(rows), _days("2024-06-02", 1), timestamp="when", seasonal="week")


def test_a_note_says_that_correlations_are_not_compared_by_season() -> None:
    """A stored profile has those of all seasons together, which are others. Rows have them, and need no note."""
    both = TRAINED[["when", "x"]].assign(z=TRAINED["x"] * 0.8 + 0.6 * NUMBERS.normal(size=len(TRAINED)))
    features = both.drop(columns="when")
    stored = replace(profile(features), facts=seasonal_profiles.facts(features, both["when"]))
    now = both.tail(2_000).assign(z=NUMBERS.permutation(both["z"].tail(2_000)))
    how = {"timestamp": "when", "seasonal": "week"}

    by_season, by_rows = monitor(stored, now, **how), monitor(stored, now, **how, reference=both)

    note = seasonal_profiles.PAIRS_LEFT_OUT
    assert note in by_season.notes
    assert note in drift(stored, now, **how).attrs["notes"]
    assert note not in by_rows.notes
    assert note not in monitor(stored, now, timestamp="when").notes
    assert "correlation" not in set(by_season.drift["statistic"])
    assert "correlation" in set(by_rows.drift["statistic"])
