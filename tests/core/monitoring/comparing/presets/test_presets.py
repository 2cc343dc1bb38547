"""The presets against the peers' own output."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlops_magics.core.monitoring import drift
from mlops_magics.core.monitoring.comparing.presets import evidently, nannyml

# its permutation test adds shares in the order of a Python set of strings, which differs from process to process
NOT_REPRODUCIBLE = {"TVD"}
NANNYML_SETS = [
    ("univariate/medium/chunk_size=300", "medium", 300),
    ("univariate/tiny/chunk_number=1", "tiny", "1 parts"),
]


def _equal(value: float, known: float | None) -> bool:
    return math.isnan(value) if known is None else math.isclose(value, known, rel_tol=1e-9, abs_tol=1e-8)


@pytest.mark.parametrize("name", ["tiny", "medium"])
def test_evidently_default_gives_its_scores_and_verdicts(name: str, load: Any, truth: Any) -> None:
    """Each column gets Evidently's choice of method, its score, its threshold, its verdict."""
    reference, current = load(name)

    for row in drift(reference, current, preset="evidently").itertuples():
        known = truth["evidently"][name][row.feature]["default"]
        assert _equal(row.score, known["score"]), row.feature
        assert (row.drifted, row.threshold) == (known["drifted"], known["threshold"]), row.feature


@pytest.mark.parametrize("name", ["tiny", "medium"])
def test_evidently_methods_by_name_give_its_scores(name: str, load: Any, truth: Any) -> None:
    """Every method that Evidently itself can compute is reproduced."""
    reference, current = load(name)
    compared = 0

    for row in drift(reference, current, statistics=sorted(evidently.METHODS), preset="evidently").itertuples():
        known = truth["evidently"][name][row.feature].get(row.statistic, {"error": ""})
        if "error" not in known and row.statistic not in NOT_REPRODUCIBLE:
            assert _equal(row.score, known["score"]), (row.feature, row.statistic)
            assert row.drifted == known["drifted"], (row.feature, row.statistic)
            compared += 1
    assert compared > 100


@pytest.mark.parametrize(("key", "name", "by"), NANNYML_SETS)
def test_nannyml_gives_its_values_thresholds_and_alerts(key: str, name: str, by: Any, load: Any, truth: Any) -> None:
    """Every statistic of every chunk, its threshold and its alert equal NannyML's."""
    reference, current = load(name)
    known = truth["nannyml"][key]
    chunks = [k for k, period in enumerate(known["chunk|chunk|period"]) if period == "analysis"]

    answer = drift(reference, current, statistics=sorted(nannyml.METHODS), preset="nannyml", by=by)

    for (feature, statistic), rows in answer.groupby(["feature", "statistic"]):
        prefix = f"{feature}|{statistic}|"
        if prefix + "value" in known:
            for chunk, row in zip(chunks, rows.itertuples()):
                assert _equal(row.score, known[prefix + "value"][chunk]), (prefix, chunk)
                assert _equal(row.threshold, known[prefix + "upper_threshold"][chunk]), (prefix, chunk)
                assert row.drifted == known[prefix + "alert"][chunk], (prefix, chunk)


def test_nannyml_large_reference_keeps_its_blindness() -> None:
    """From 10,000 rows on, NannyML's KS uses bins of equal width, and one outlier hides everything; ours does not."""
    numbers = np.random.default_rng(0)
    reference = pd.DataFrame({"x": np.append(numbers.normal(size=10_000), 1e9)})
    current = pd.DataFrame({"x": numbers.normal(size=2_000) + 1})

    theirs = drift(reference, current, statistics=["ks"], preset="nannyml", by=2_000)["score"].iloc[0]
    ours = drift(reference, current, statistics=["ks"])["score"].iloc[0]

    assert theirs < 1e-3
    assert ours > 0.3


def test_evidently_bins_whole_numbers_as_numpy_does() -> None:
    """numpy's automatic bins of an integer column are at least 1 wide, so 0 and 1 share one: Evidently's Hellinger
    distance of them is 0 whatever happens, and is not when they are stored as floats."""
    reference, current = pd.DataFrame({"x": [0, 1] * 50}), pd.DataFrame({"x": [0, 1, 1, 1] * 20})

    whole, floats = (
        drift(*(frame.astype(kind) for frame in (reference, current)), statistics="hellinger", preset="evidently")
        for kind in (int, float)
    )

    assert whole["score"].iloc[0] == 0.0
    assert floats["score"].iloc[0] == pytest.approx(math.sqrt(1 - (math.sqrt(0.5 * 0.25) + math.sqrt(0.5 * 0.75))))


def test_evidently_asks_categories_alone_for_what_is_theirs() -> None:
    """Chi-square, Z, G and Fisher by name are for categories; numbered ones are ordered as numbers, 9 before 10."""
    numbers = np.random.default_rng(0)
    reference, current = (pd.DataFrame({"x": numbers.integers(8, 12, 60)}) for _ in range(2))
    names = ["chisquare", "z", "g", "fisher_exact"]

    assert drift(reference, current, names, preset="evidently").empty
    named = drift(reference, current, names, preset="evidently", categorical=["x"]).set_index("statistic")["score"]
    counts = [int((frame["x"] == 8).sum()) for frame in (reference, current)]
    apart = abs(counts[0] - counts[1]) / 60
    z = apart / math.sqrt(sum(counts) / 120 * (1 - sum(counts) / 120) * 2 / 60) if apart else 0.0
    assert named["z"] == pytest.approx(math.erfc(z / math.sqrt(2)))
    assert math.isnan(named["fisher_exact"])


def test_nannyml_takes_each_unseen_category_by_itself() -> None:
    """L∞ of three categories against three others is a third, not the whole that is unseen."""
    reference, current = pd.DataFrame({"c": list("abc") * 20}), pd.DataFrame({"c": list("def") * 20})

    answer = drift(reference, current, ["linf"], preset="nannyml", by="1 parts")

    assert answer["score"].tolist() == pytest.approx([1 / 3])


def test_nannyml_chunk_without_a_value_leaves_the_others() -> None:
    """A chunk in which all is missing says so; the chunks after it are compared."""
    numbers = np.random.default_rng(0)
    reference, current = (pd.DataFrame({"x": numbers.normal(size=100)}) for _ in range(2))
    current.loc[:19, "x"] = np.nan

    answer = drift(reference, current, preset="nannyml", by=20)

    assert answer["statistic"].tolist() == ["all_missing", *["jensenshannon"] * 4]
