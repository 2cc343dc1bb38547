"""What must not change a score: the order of rows, the unit of a feature, the names of categories, the way data are
split."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mlops_magics.core.monitoring import ReferenceProfile, drift, performance, profile

FREE_OF_UNIT = ["ks", "wasserstein", "anderson", "cramervonmises", "mannwhitney", "psi", "kl", "ttest", "welch"]
numbers = hnp.arrays(np.float64, st.integers(5, 60), elements=st.integers(-50, 50).map(float))
words = st.lists(st.sampled_from("abcdef"), min_size=5, max_size=60)
often = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def _frame(values: object) -> pd.DataFrame:
    return pd.DataFrame({"x": values})


@often
@given(numbers, numbers, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(a: np.ndarray, b: np.ndarray, shuffle: object) -> None:
    """Statistics are functions of samples, ties in any order."""
    mixed = list(b)
    shuffle.shuffle(mixed)  # type: ignore[attr-defined]

    pd.testing.assert_frame_equal(
        drift(_frame(a), _frame(b), FREE_OF_UNIT), drift(_frame(a), _frame(mixed), FREE_OF_UNIT)
    )


@often
@given(
    st.lists(st.tuples(st.booleans(), st.sampled_from([0.1, 0.5, 0.5, 0.9])), min_size=12, max_size=60),
    st.randoms(use_true_random=False),
)
def test_the_order_of_ties_changes_no_metric(rows: list[tuple[bool, float]], shuffle: object) -> None:
    """AUC and its like over equal probabilities do not depend on which of them came first."""
    mixed = list(rows)
    shuffle.shuffle(mixed)  # type: ignore[attr-defined]

    def scores(pairs: list[tuple[bool, float]]) -> list[float]:
        frame = pd.DataFrame(pairs, columns=["y", "chance"]).assign(guess=lambda each: each["chance"] >= 0.5)
        metrics = ["auc", "average_precision", "f1_macro"]
        return performance(frame, "y", "guess", metrics, probabilities="chance")["score"].tolist()

    np.testing.assert_allclose(scores(rows), scores(mixed), rtol=1e-9)


@often
@given(numbers, numbers, st.sampled_from([0.25, 2.0, 1024.0, 2.0**-30]), st.sampled_from([0.0, -64.0, 1024.0]))
def test_the_unit_of_a_feature_changes_nothing(a: np.ndarray, b: np.ndarray, scale: float, shift: float) -> None:
    """Celsius or Fahrenheit, metres or micrometres: the same scores (exact powers of two, so that rounding has no part
    in it)."""
    before, after = (
        drift(_frame(a), _frame(b), FREE_OF_UNIT),
        drift(_frame(a * scale + shift * scale), _frame(b * scale + shift * scale), FREE_OF_UNIT),
    )

    np.testing.assert_allclose(before["score"], after["score"], rtol=1e-9, atol=1e-12)


@often
@given(words, words)
def test_the_names_of_categories_change_nothing(a: list[str], b: list[str]) -> None:
    """Renaming one to one keeps every score."""
    renamed = {letter: f"category {90 - ord(letter) % 32}" for letter in "abcdef"}
    statistics = ["chi2", "g", "psi", "kl", "jensenshannon", "hellinger", "tvd", "linf", "cramersv"]
    before = drift(_frame(a), _frame(b), statistics)
    after = drift(_frame([renamed[w] for w in a]), _frame([renamed[w] for w in b]), statistics)

    np.testing.assert_allclose(before["score"], after["score"], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(before["p_value"], after["p_value"], rtol=1e-9, atol=1e-12)


@often
@given(numbers, st.integers(1, 4))
def test_the_profile_of_a_whole_is_the_sum_of_its_parts(values: np.ndarray, cut: int) -> None:
    """Splitting rows anywhere and merging the profiles gives the profile of all rows."""
    whole = profile(_frame(values))
    merged = profile(_frame(values[:cut])).merge(profile(_frame(values[cut:])))

    assert merged.rows == whole.rows
    first, second = merged.features["x"].sample, whole.features["x"].sample
    np.testing.assert_array_equal(first.values, second.values)
    np.testing.assert_array_equal(first.cumulative, second.cumulative)
    np.testing.assert_allclose(first.moments.squares, second.moments.squares, rtol=1e-9, atol=1e-9)


@often
@given(numbers, numbers)
def test_a_profile_of_few_values_answers_as_the_rows(a: np.ndarray, b: np.ndarray) -> None:
    """Up to 1024 distinct values nothing is lost by storing the profile instead of the rows."""
    statistics = ["ks", "wasserstein", "energy", "psi", "jensenshannon", "welch"]
    stored = ReferenceProfile.from_bytes(profile(_frame(a)).to_bytes())
    exact, profiled = drift(_frame(a), _frame(b), statistics), drift(stored, _frame(b), statistics)

    np.testing.assert_allclose(profiled["score"], exact["score"], rtol=1e-9, atol=1e-9)


def test_a_profile_of_many_values_is_within_one_bin() -> None:
    """KS from 1024 quantile bins is within 1/1024 of the exact one, also after merging parts."""
    source = np.random.default_rng(0)
    a, b = source.normal(size=30_000), source.normal(size=5_000) + 0.3
    exact = drift(_frame(a), _frame(b), ["ks"])["score"].iloc[0]
    parts = [profile(_frame(part)) for part in np.array_split(a, 3)]

    for stored in (profile(_frame(a)), parts[0].merge(parts[1]).merge(parts[2])):
        assert abs(drift(stored, _frame(b), ["ks"])["score"].iloc[0] - exact) < 2 / 1024
