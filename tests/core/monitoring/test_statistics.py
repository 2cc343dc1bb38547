"""Every statistic against the known answers of scipy and numpy, and against cases that can be computed by hand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlops_magics.core.monitoring import drift
from mlops_magics.core.monitoring.statistics.registry import STATISTICS
from mlops_magics.core.monitoring.verdicts import q_values
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
    """What a name means (bins, base, floor, kind of p-value) can be asked of the registry."""
    assert all(len(statistic.definition) > 5 for statistic in STATISTICS.values())
    assert set(STATISTICS) >= set(NUMERIC) | set(CATEGORICAL) | {"anderson", "kl"}
