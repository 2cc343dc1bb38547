"""Every statistic against the known answers of scipy and numpy, and against cases that can be computed by hand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlops_magics.core.monitoring import drift, profile
from mlops_magics.core.monitoring.statistics import contingency
from mlops_magics.core.monitoring.statistics.declarations import STATISTICS
from mlops_magics.core.monitoring.statistics.false_discovery import q_values
from mlops_magics.errors import NotFound

NUMERIC = {
    "ks": ("ks_stat", "ks_p"),
    "wasserstein": ("wasserstein_over_ref_std", None),
    "energy": ("energy", None),
    "cramervonmises": ("cvm_stat", "cvm_p"),
    "mannwhitney": (None, "mannwhitney_p_two_sided"),
    "ttest": (None, "t_p"),
    "welch": (None, "welch_p"),
    "psi": ("psi10", None),
    "jensenshannon": ("js_base2_doane", None),
}
CATEGORICAL = {
    "psi": ("psi_eps1e4", None),
    "jensenshannon": ("js_base2", None),
    "hellinger": ("hellinger", None),
    "chi2": ("chi2_stat", "chi2_p"),
    "g": ("g_stat", "g_p"),
    "tvd": ("tvd", None),
    "linf": ("l_infinity", None),
    "cramersv": ("cramers_v", None),
}


@pytest.mark.parametrize("name", ["tiny", "medium"])
def test_every_statistic_gives_the_known_answer(name: str, load: Any, truth: Any) -> None:
    """Scores and p-values equal scipy's and numpy's to 1e-9, with ties, missing and infinite values, new and vanished
    categories."""
    reference, current = load(name)
    compared = 0

    answer = drift(reference, current, statistics=list(STATISTICS))

    for row in answer.itertuples():
        known = truth["reference"][name][row.feature]
        keys = (NUMERIC if row.feature.startswith("x_") else CATEGORICAL).get(row.statistic, (None, None))
        for key, value in zip(keys, (row.score, row.p_value)):
            if known.get(key) is not None:
                assert math.isclose(value, known[key], rel_tol=1e-9, abs_tol=1e-12), (row.feature, key)
                compared += 1
    assert compared > 100


@pytest.mark.parametrize("name", ["tiny", "medium"])
def test_q_values_are_benjamini_hochbergs(name: str, truth: Any) -> None:
    """The adjusted p-values over the columns of a set equal the known ones."""
    columns = truth["reference"][name]
    p = [entry.get("ks_p", entry.get("chi2_p")) for entry in columns.values()]

    assert q_values(p) == pytest.approx([entry["bh_q"] for entry in columns.values()], rel=1e-9)


def test_hand_computed_cases() -> None:
    """Four against four values, and two categories, as on paper."""
    reference = pd.DataFrame({"x": [0.0, 1.0, 2.0, 3.0], "c": list("aabb")})
    current = pd.DataFrame({"x": [2.0, 3.0, 4.0, 5.0], "c": list("abbb")})
    scores = drift(
        reference, current, statistics=["ks", "wasserstein", "mannwhitney", "tvd", "linf", "chi2"]
    ).set_index(["feature", "statistic"])

    assert scores.loc[("x", "ks"), "score"] == 0.5
    assert scores.loc[("x", "wasserstein"), "score"] == pytest.approx(2 / np.std([0, 1, 2, 3]))
    assert scores.loc[("x", "mannwhitney"), "score"] == 2.0
    assert scores.loc[("c", "tvd"), "score"] == 0.25
    assert scores.loc[("c", "linf"), "score"] == 0.25
    assert scores.loc[("c", "chi2"), "score"] == pytest.approx(8 * (2 * 3 - 2 * 1) ** 2 / (4 * 4 * 3 * 5))


def test_statistic_that_does_not_apply_gives_no_row() -> None:
    """Chi-square is not asked of numbers, nor KS of categories."""
    frame = pd.DataFrame({"x": [1.0, 2.0, 3.0], "c": list("abc")})
    answer = drift(frame, frame, statistics=["ks", "chi2"])

    assert list(zip(answer["feature"], answer["statistic"])) == [("x", "ks"), ("c", "chi2")]


def test_unknown_statistic_lists_what_exists() -> None:
    """A misspelt name is answered with the near one."""
    frame = pd.DataFrame({"x": [1.0, 2.0]})

    with pytest.raises(NotFound, match="did you mean 'wasserstein'"):
        drift(frame, frame, statistics=["waserstein"])


def test_every_statistic_documents_its_definition() -> None:
    """What a name means (bins, base, floor, kind of p-value) can be asked of the registry, and stands in the answer."""
    frame = pd.DataFrame({"x": [1.0, 2.0, 3.0]})

    assert "10 reference deciles" in drift(frame, frame, ["ks", "psi"]).attrs["definitions"]["psi"]
    assert all(len(statistic.definition) > 5 for statistic in STATISTICS.values())
    assert set(STATISTICS) >= set(NUMERIC) | set(CATEGORICAL) | {"anderson", "kl"}


def test_too_few_rows_for_a_statistic_give_no_score() -> None:
    """Down to one row on each side nothing raises; what is not defined there is NaN and no verdict."""
    for n, m in ((1, 1), (1, 3), (2, 1), (2, 3)):
        frames = [pd.DataFrame({"x": np.arange(rows) + shift}) for rows, shift in ((n, 0.0), (m, 0.5))]
        answer = drift(*frames, statistics=list(STATISTICS)).set_index("statistic")

        assert answer.loc["ks", "score"] == pytest.approx(_distance(n, m))
        assert math.isnan(answer.loc["cramervonmises", "score"]) == (min(n, m) < 2)
        assert math.isnan(answer.loc["anderson", "score"]) == (n + m < 4)
        assert not answer["drifted"].any()


def test_two_different_constants_are_infinitely_far_apart() -> None:
    """Student's t of means that do not vary: nothing between equal ones, everything between others."""
    one, two = pd.DataFrame({"x": np.ones(9)}), pd.DataFrame({"x": np.full(9, 2.0)})
    equal, other = (drift(one, now, statistics=["ttest", "welch"]) for now in (one, two))

    assert equal["score"].isna().all()
    assert (other["score"] == -math.inf).all()
    assert other["drifted"].all()


def test_what_became_constant_is_named() -> None:
    """A thermometer that is stuck: the values are plausible, only that there is one of them is not."""
    numbers = np.random.default_rng(0)
    before = pd.DataFrame({"x": numbers.integers(0, 3, 90), "c": numbers.choice(["a", "b"], 90), "one": 1})
    after = pd.DataFrame({"x": [1] * 30, "c": ["a"] * 30, "one": 1})

    answer = drift(before, after, statistics=["constant"]).set_index("feature")["drifted"]

    assert answer.to_dict() == {"x": True, "c": True, "one": False}


def _distance(n: int, m: int) -> float:
    """Return max|F−G| of n whole numbers from 0 and m halves from 0.5."""
    points = np.arange(0, 4, 0.5)
    first, second = (np.searchsorted(np.arange(k) + s, points, "right") / k for k, s in ((n, 0.0), (m, 0.5)))
    return float(np.abs(first - second).max())


def _texts(numbers: np.random.Generator, words: str, rows: int) -> list[str]:
    return [" ".join(numbers.choice(words.split(), 8)) for _ in range(rows)]


def test_texts_are_told_apart_by_their_words() -> None:
    """The classifier finds other words of equal length, and nothing in texts of one source; a profile keeps no text."""
    numbers = np.random.default_rng(2)
    before = pd.DataFrame({"t": _texts(numbers, "the flight left late because of snow and wind", 200)})
    same = pd.DataFrame({"t": _texts(numbers, "the flight left late because of snow and wind", 200)})
    other = pd.DataFrame({"t": _texts(numbers, "the train came early with ice and wind again", 200)})
    names = ["text_domain", "oov", "length"]

    quiet, found = (drift(before, now, names).set_index("statistic")["drifted"] for now in (same, other))

    assert not quiet.any()
    assert found.to_dict() == {"text_domain": True, "oov": True, "length": False}
    assert b"snow and" not in profile(before).to_bytes()


def test_times_are_taken_apart() -> None:
    """Gaps and lateness in seconds, hour and weekday, and what lies outside of the reference's range."""
    before = pd.DataFrame({"at": pd.date_range("2024-01-01", periods=672, freq="h")})
    hours = pd.date_range("2024-03-04", periods=336, freq="h")
    late = pd.DataFrame({"at": hours[np.arange(336) ^ 1]})  # each second row overtaken by the one after it
    names = ["hour", "weekday", "gap", "lag", "out_of_range"]

    answer = drift(before, late, names).set_index("statistic")["drifted"]

    assert answer.to_dict() == {"hour": False, "weekday": False, "gap": False, "lag": True, "out_of_range": True}


FREE_OF_UNIT = ["ks", "wasserstein", "anderson", "cramervonmises", "mannwhitney", "ttest", "welch", "psi"]


@pytest.mark.parametrize("power", [-1000, -520, 520, 1000])
def test_no_unit_is_too_small_or_too_large(power: int) -> None:
    """Values whose squares no float holds have the scores of the same values in another unit, and stop nothing."""
    numbers = np.random.default_rng(0)
    a, b = (numbers.integers(1, 50, rows).astype(float) + shift for rows, shift in ((80, 0), (60, 9)))
    frames = [pd.DataFrame({"x": np.ldexp(values, power), "y": values}) for values in (a, b)]

    answer = drift(*frames, list(STATISTICS)).set_index(["statistic", "feature"])

    for name in FREE_OF_UNIT:
        assert answer.loc[(name, "x"), "score"] == pytest.approx(answer.loc[(name, "y"), "score"], rel=1e-9), name
    assert math.isclose(
        answer.loc[("energy", "x"), "score"], 2.0 ** (power / 2) * answer.loc[("energy", "y"), "score"], rel_tol=1e-9
    )


def test_opposite_ends_of_the_floats_are_numbers() -> None:
    """What lies further apart than the largest float gives scores, and no warning of an overflow."""
    numbers = np.random.default_rng(0)
    frames = [pd.DataFrame({"x": numbers.choice([-1.7e308, 0.0, 1.0, 1.7e308], 50)}) for _ in range(2)]

    answer = drift(*frames, list(STATISTICS)).set_index("statistic")["score"]

    assert np.isfinite(answer[["ks", "wasserstein", "ttest", "psi", "jensenshannon"]]).all()


def test_numbers_far_from_zero_lose_no_digit() -> None:
    """Student's t of times in seconds is that of the same times counted from the first, where their mean has none."""
    numbers = np.random.default_rng(0)
    sides = [numbers.integers(0, 900, rows) / 256 + shift for rows, shift in ((300, 0.0), (200, 0.25))]
    near, far = (
        drift(*(pd.DataFrame({"x": each + zero}) for each in sides), ["ttest", "welch"]) for zero in (0, 2**40)
    )

    np.testing.assert_allclose(far["score"], near["score"], rtol=1e-9)


def test_bound_of_the_total_variation_holds_where_rare_categories_are_pooled() -> None:
    """No table has a larger p-value than the bound at its own total variation, with few rows and with many rare
    categories. Where one rare category is pooled with a common one, the bound is small."""
    numbers = np.random.default_rng(0)
    known = 0
    for _ in range(300):
        shares = numbers.dirichlet([numbers.choice([0.1, 0.5, 2.0])] * int(numbers.integers(2, 40)))
        reference, current = (numbers.multinomial(int(numbers.integers(10, 800)), shares) for _ in range(2))
        distance = 0.5 * float(np.abs(reference / reference.sum() - current / current.sum()).sum())
        bound = contingency.p_at_distance(distance, reference, current)
        known += bound < 1
        assert contingency.reliable(reference, current).p_value <= bound * (1 + 1e-9)
    assert known > 50

    assert contingency.p_at_distance(0.1, np.array([1400, 598, 2]), np.array([690, 300, 10])) < 1e-4


def test_rare_category_is_tested_for_more_rows_alone() -> None:
    """The p-value of a label with 2 of 2,000 rows that has 10 of 1,000 is the one-sided mid-P of Fisher's test: so few
    rows could never become surely fewer."""
    from scipy.stats import hypergeom

    reference, current = (
        pd.DataFrame({"c": ["rare"] * rare + ["usual"] * (rows * 7 // 10) + ["other"] * (rows - rare - rows * 7 // 10)})
        for rare, rows in ((2, 2_000), (10, 1_000))
    )
    found = drift(reference, current, ["category_odds"])
    many = hypergeom(3_000, 12, 1_000)

    assert found["p_value"][0] == pytest.approx(many.sf(10) + many.pmf(10) / 2, rel=1e-6)
