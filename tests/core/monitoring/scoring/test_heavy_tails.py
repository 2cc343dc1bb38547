"""Bands of errors of which a few are most of the sum."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest

import mlops_magics as mm
from mlops_magics.core.monitoring.scoring import heavy_tails, intervals

FloatArray = npt.NDArray[np.float64]
DRAWS = 400
"""Bands of each case: a rate is then within 3 % of its long-run value in 95 % of cases."""


def _amounts(numbers: np.random.Generator, rows: int) -> FloatArray:
    amounts = numbers.lognormal(0, 1, rows)
    return np.asarray((amounts * numbers.lognormal(0, 0.4, rows) - amounts) ** 2)


def _normal(numbers: np.random.Generator, rows: int) -> FloatArray:
    return np.asarray(numbers.normal(size=rows) ** 2)


AMOUNTS = math.exp(2) * (math.exp(0.32) - 2 * math.exp(0.08) + 1)
"""The true mean squared error of `_amounts`."""


@pytest.mark.parametrize(("draw", "true"), [(_amounts, AMOUNTS), (_normal, 1.0)])
@pytest.mark.parametrize("rows", [20, 200])
def test_the_band_of_a_mean_error_holds_for_amounts_as_for_normal_errors(
    draw: Callable[[np.random.Generator, int], FloatArray], true: float, rows: int
) -> None:
    """Squared errors of log-normal amounts, whose mean is mostly below the true one, are covered as normal ones are."""
    numbers = np.random.default_rng([rows, int(true)])

    found = np.array([intervals.mean_error(draw(numbers, rows)) for _ in range(DRAWS)])

    known = np.isfinite(found[:, 1])
    held = (found[known, 0] <= true) & (true <= found[known, 1])
    assert known.all()
    assert 0.91 <= held.mean() <= 0.99


def test_the_table_is_that_of_log_normal_means() -> None:
    """A cell of the table equals its simulation."""
    numbers = np.random.default_rng(3)
    values = np.exp(numbers.normal(size=(20_000, 20)) - 0.5)

    apart = (1 - values.mean(axis=1)) / (values.std(axis=1, ddof=1) / math.sqrt(20))

    spread, rows = list(heavy_tails.SPREADS).index(1.0), 2
    assert np.quantile(apart, 0.975) == pytest.approx(heavy_tails.REACHES[spread, rows], rel=0.05)


@pytest.mark.parametrize(
    ("truth", "note"),
    [
        (np.zeros(40), "the band of rmse is not known: all rows have the same error"),
        (np.r_[np.zeros(39), 7.0], "the band of rmse is not known: too few rows have an error"),
        (np.exp(np.linspace(-3, 3, 40)), "the band of rmse is wide, up to "),
    ],
)
def test_a_band_that_is_missing_or_useless_is_explained(truth: FloatArray, note: str) -> None:
    """A perfect day, one error among forty rows, and errors of which a few are most: the notes say so."""
    frame = pd.DataFrame({"truth": truth, "guess": np.zeros(len(truth))})

    found = mm.performance(frame, truth="truth", estimate="guess", metrics="rmse", kind="regression")

    assert any(each.startswith(note) for each in found.attrs["notes"]), found.attrs["notes"]
    assert np.isnan(found["upper"][0]) == ("not known" in note)


def test_a_perfect_day_makes_no_alert_of_the_next() -> None:
    """A first day without an error has no band that a second day could be outside of."""
    days = np.repeat(pd.to_datetime(["2024-01-01", "2024-01-02"]), 50)
    truth = np.r_[np.arange(50.0), np.arange(50.0) + np.tile([0, 0, 0, 0, 1], 10)]
    frame = pd.DataFrame({"day": days, "truth": truth, "guess": np.tile(np.arange(50.0), 2)})

    found = mm.performance(
        frame, truth="truth", estimate="guess", by="day", timestamp="day", metrics="mae", kind="regression"
    )

    assert np.isnan(found["upper"][0])
    assert found["lower"][1] < found["score"][1] < found["upper"][1]
