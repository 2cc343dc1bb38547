"""The presets against the peers' own output."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlops_magics.core.monitoring import drift
from mlops_magics.core.monitoring.presets import evidently, nannyml

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
