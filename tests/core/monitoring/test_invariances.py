"""What must not change a score: the order of rows, the unit of a feature, the names of categories, the way data are
split."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mlops_magics.core.monitoring import ReferenceProfile, drift, performance, profile
from mlops_magics.core.monitoring.profiling import profile_json
from mlops_magics.core.monitoring.reporting import segments

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


BETWEEN_VALUES = {"gap", "lag"}  # neighbours in different parts are no neighbours
ODD_NUMBERS = st.sampled_from([math.nan, math.inf, -math.inf, 0.0, 1.0, 2.5, -3.0, 7.0])
SENTENCES = [f"the {size} fox number {k} jumps" for k in range(9) for size in ("red", "big", "old")]
rows_of_all_kinds = st.lists(
    st.tuples(
        ODD_NUMBERS,
        ODD_NUMBERS,
        st.sampled_from([None, "a", "b", "c"]),
        st.sampled_from([None, True, False]),
        st.sampled_from([None, *pd.date_range("2024-02-28 21:00", periods=9, freq="7h")]),
        st.sampled_from(["x", "y"]),
    ),
    min_size=20,
    max_size=60,
)


def _profiled(rows: list[tuple[object, ...]], sentences: list[str | None]) -> ReferenceProfile:
    """Profile every kind of feature, with a target, a prediction and segments."""
    frame = pd.DataFrame(rows, columns=["n", "m", "c", "b", "t", "s"]).assign(words=sentences)
    typed = frame.astype({"n": float, "m": float, "c": object, "b": object, "t": "datetime64[us]", "words": object})
    stored_segments = segments.stored(typed, ["s"])
    return dataclasses.replace(profile(typed, typed["n"], typed["c"]), facts=stored_segments)


def _same(first: Any, second: Any, where: str = "") -> None:
    """Compare two profiles fact by fact; sums of floats may be rounded differently."""
    if isinstance(second, dict):
        assert first.keys() == second.keys(), where
        for key in second.keys() - BETWEEN_VALUES:
            _same(first[key], second[key], f"{where}.{key}")
    elif isinstance(second, list) and second and isinstance(second[0], dict):
        assert len(first) == len(second), where
        for k, pair in enumerate(zip(first, second)):
            _same(*pair, f"{where}[{k}]")
    elif where.endswith(("moments", "mean")) or ".scatter" in where:
        flat = [
            np.array([x for x in np.ravel(each) if x is not None], dtype=float)
            for each in map(_ravelled, (first, second))
        ]
        np.testing.assert_allclose(*flat, rtol=1e-9, atol=1e-9, err_msg=where)
    else:
        assert first == second, where


def _ravelled(values: Any) -> list[float]:
    return [x for each in values for x in (each if isinstance(each, list) else [each]) if x is not None]


@often
@given(rows_of_all_kinds, st.integers(0, 60), st.randoms(use_true_random=False))
def test_the_profile_of_a_whole_is_the_sum_of_its_parts(rows: list[tuple[object, ...]], cut: int, shuffle: Any) -> None:
    """Whatever is kept: counts, missing and infinite values, ranges, moments, categories, hours and weekdays, words of
    texts, target and prediction, covariance and segments; wherever the rows are cut, also into nothing and all."""
    sentences = [None if k % 7 == 0 else SENTENCES[k % len(SENTENCES)] for k in range(len(rows))]
    shuffle.shuffle(sentences)
    whole = _profiled(rows, sentences)

    parts = _profiled(rows[:cut], sentences[:cut]), _profiled(rows[cut:], sentences[cut:])
    documents = [profile_json.to_json(each) for each in (parts[0].merge(parts[1]), whole)]

    _same(*documents)


def test_what_was_learned_of_answers_is_kept_only_where_both_parts_know_the_same() -> None:
    """A calibration is no sum: that of one part is not that of the whole."""
    one = dataclasses.replace(
        profile(_frame([1.0, 2.0])), facts={"calibration": {"1": [[0.1], [0.2]]}, "loss": {"a": 1}}
    )
    other = dataclasses.replace(one, facts={"calibration": {"1": [[0.1], [0.3]]}, "loss": {"a": 1}})

    assert one.merge(other).facts == {"loss": {"a": 1}}
    assert one.merge(one).facts == one.facts


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
