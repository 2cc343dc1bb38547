"""A mixture of profiles is the profile of the rows of all of them, in their shares."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mlops_magics.core.monitoring import profile
from mlops_magics.core.monitoring.profiling import mixture
from mlops_magics.core.monitoring.profiling.samples import CategorySample, NumericSample

NUMBERS = np.random.default_rng(0)


@pytest.mark.parametrize("discrete", [False, True])
def test_numbers_of_two_profiles(discrete: bool) -> None:
    """Half of the first, and all of the second: distribution, moments and missing values, with and without bins."""
    first, second = NUMBERS.normal(size=4_000), NUMBERS.normal(3, 2, 3_000)
    if discrete:
        first, second = first.round(), second.round()
    first[:400] = np.nan
    held = np.concatenate([first[::2], second])
    sides = [profile({"x": values}).features["x"] for values in (first, second)]

    found = mixture.of_features(sides, [0.5, 1.0])
    sample, whole = found.sample, profile({"x": held}).features["x"].sample
    assert isinstance(sample, NumericSample)
    assert isinstance(whole, NumericSample)
    points = np.linspace(-3, 8, 40)
    assert np.abs(sample.at_most(points) / sample.n - whole.at_most(points) / whole.n).max() < 0.02
    assert sample.n == pytest.approx(whole.n, abs=2)
    assert (sample.missing, sample.moments.mean) == (200, pytest.approx(whole.moments.mean, abs=0.05))
    assert sample.moments.std == pytest.approx(whole.moments.std, rel=0.02)


def test_categories_and_times() -> None:
    """Counts add up, and the parts of times do."""
    frame = pd.DataFrame({"c": ["a", "b"] * 50, "when": pd.date_range("2024-01-01", periods=100, freq="h")})
    sides = profile(frame).features, profile(frame.assign(c="b")).features

    letters = mixture.of_features([side["c"] for side in sides], [1.0, 0.5]).sample
    assert isinstance(letters, CategorySample)
    assert dict(zip(letters.labels, letters.counts.tolist())) == {"a": 50, "b": 100}
    hours = mixture.of_features([side["when"] for side in sides], [1.0, 1.0]).parts["hour"].sample
    assert hours.n == 200


def test_nothing_of_a_profile_is_empty() -> None:
    """A weekday that the reference does not have."""
    for values in ([1.0, 2.0], ["a", "b"]):
        assert mixture.of_features([profile({"x": values}).features["x"]], [0.0]).sample.n == 0
