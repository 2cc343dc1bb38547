"""What must not change a score: the order of rows, the unit of a feature, the names of categories, the way data are
split."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mlops_magics.core.monitoring import ReferenceProfile, drift, performance, profile
from mlops_magics.core.monitoring.counting.tallies import ObservedCounts, Tally
from mlops_magics.core.monitoring.profiling import profile_json
from mlops_magics.core.monitoring.profiling.feature_profile import Features
from mlops_magics.core.monitoring.reading import tables
from mlops_magics.core.monitoring.reading.periods import Period

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
    in it, where no value lies on an edge between two of the reference's, which is rounded itself)."""
    edges = np.setdiff1d(np.quantile(a, np.linspace(0.1, 0.9, 9)), a)
    assume(not np.isclose(edges[:, None], np.concatenate((a, b))).any())
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


ODD_NUMBERS = st.sampled_from([math.nan, math.inf, -math.inf, 0.0, 1.0, 2.5, -3.0, 7.0])
SENTENCES = [f"the {size} fox number {k} jumps" for k in range(9) for size in ("red", "big", "old")]
rows_of_all_kinds = st.lists(
    st.tuples(
        ODD_NUMBERS,
        st.sampled_from([None, "a", "b", "c"]),
        st.sampled_from([None, True, False]),
        st.sampled_from([None, *pd.date_range("2024-02-28 21:00", periods=9, freq="7h")]),
    ),
    min_size=20,
    max_size=60,
)


@often
@given(rows_of_all_kinds, st.integers(0, 60), st.randoms(use_true_random=False))
def test_the_counts_of_periods_add_up_to_those_of_all_rows(
    rows: list[tuple[object, ...]], cut: int, shuffle: Any
) -> None:
    """Counts, missing and infinite values, ranges, moments, categories, hours and weekdays, words of texts; wherever
    the rows are cut, also into nothing and all."""
    sentences = [None if k % 7 == 0 else SENTENCES[k % len(SENTENCES)] for k in range(len(rows))]
    shuffle.shuffle(sentences)
    frame = pd.DataFrame(rows, columns=["n", "c", "b", "t"]).assign(words=sentences)
    frame = frame.astype({"n": float, "c": object, "b": object, "t": "datetime64[us]", "words": object})
    table, reference = tables.read(frame), profile(frame).features

    def together(cuts: list[slice]) -> Features:
        tallies = {name: Tally(feature) for name, feature in reference.items()}
        for name, tally in tallies.items():
            tally.add(table.column(name), list(enumerate(cuts)))
        window = Period("part", slice(0, 0), 0)
        return ObservedCounts(tallies, [(window, [key]) for key in range(len(cuts))]).during(range(len(cuts)))

    summed, whole = together([slice(0, cut), slice(cut, None)]), together([slice(None)])

    for name in reference:
        _same(*(profile_json.of_feature(side[name]) for side in (summed, whole)), name)


def _same(first: Any, second: Any, where: str) -> None:
    """Compare two profiles fact by fact; sums of floats may be rounded differently."""
    if isinstance(second, dict):
        if "labels" in second:
            first, second = (
                side | {"labels": dict(zip(side["labels"], side["counts"])), "counts": 0} for side in (first, second)
            )
        assert first.keys() == second.keys(), where
        for key in second:
            _same(first[key], second[key], f"{where}.{key}")
    elif where.endswith("moments"):
        sides = [[math.nan if x is None else x for x in side] for side in (first, second)]
        np.testing.assert_allclose(*sides, rtol=1e-9, atol=1e-9, err_msg=where)
    else:
        assert first == second, where


@often
@given(numbers, numbers)
def test_a_profile_of_few_values_answers_as_the_rows(a: np.ndarray, b: np.ndarray) -> None:
    """Up to 1024 distinct values nothing is lost by storing the profile instead of the rows."""
    statistics = ["ks", "wasserstein", "energy", "psi", "jensenshannon", "welch"]
    stored = ReferenceProfile.from_bytes(profile(_frame(a)).to_bytes())
    exact, profiled = drift(_frame(a), _frame(b), statistics), drift(stored, _frame(b), statistics)

    np.testing.assert_allclose(profiled["score"], exact["score"], rtol=1e-9, atol=1e-9)


def test_a_profile_of_many_values_is_within_one_bin() -> None:
    """KS from 1024 quantile bins is within 1/1024 of the exact one."""
    source = np.random.default_rng(0)
    a, b = source.normal(size=30_000), source.normal(size=5_000) + 0.3
    exact = drift(_frame(a), _frame(b), ["ks"])["score"].iloc[0]

    assert abs(drift(profile(_frame(a)), _frame(b), ["ks"])["score"].iloc[0] - exact) < 1 / 1024


def test_the_edges_of_a_profile_are_short_and_lose_no_row() -> None:
    """A continuous feature takes less than 16 kB (24 where the numbers are long), as many rows lie at most at each edge
    as are counted there, and both ends are the range."""
    for scale in (1.0, 1e-9, 1e12, 1e-300, 1e300):
        values = np.random.default_rng(0).normal(size=20_000) * scale
        stored = profile(_frame(values))
        sample = stored.features["x"].sample

        assert len(stored.to_bytes()) < (16_000 if scale in (1.0, 1e-9) else 24_000)
        np.testing.assert_array_equal(np.searchsorted(np.sort(values), sample.values, side="right"), sample.cumulative)
        assert (sample.values[0], sample.values[-1]) == (values.min(), values.max())
