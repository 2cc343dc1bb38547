"""Drift of several features together: correlations, covariances of parts, embeddings."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mlops_magics.core.monitoring import ReferenceProfile, drift, profile
from mlops_magics.core.monitoring.comparing import multivariate
from mlops_magics.core.monitoring.profiling import covariance
from mlops_magics.core.monitoring.statistics import joint_statistics


def _correlated(rows: int, sign: float, seed: int) -> pd.DataFrame:
    numbers = np.random.default_rng(seed)
    first = numbers.normal(size=rows)
    return pd.DataFrame({"a": first, "b": sign * first + numbers.normal(size=rows) / 4, "c": numbers.normal(size=rows)})


def test_a_changed_correlation_is_found_where_no_feature_moved() -> None:
    """Both multivariate methods see that two features no longer go together."""
    quiet = multivariate.multivariate_drift(_correlated(600, 1, 0), _correlated(600, 1, 1))
    found = multivariate.multivariate_drift(_correlated(600, 1, 0), _correlated(600, -1, 1))

    assert not quiet["reconstruction"].matters
    assert quiet["domain"].p_value > 0.01
    assert all(score.matters for score in found.values())


def test_covariances_of_parts_add_up() -> None:
    """The reconstruction error needs no rows: covariances of parts give that of the whole."""
    rows = np.random.default_rng(0).normal(size=(100, 4))
    whole, summed = (
        covariance.of_rows(rows),
        covariance.of_rows(rows[:30]) + covariance.of_rows(rows[30:]),
    )

    np.testing.assert_allclose(summed.scatter, whole.scatter, rtol=1e-9, atol=1e-9)


def test_embeddings_are_compared() -> None:
    """Centroids and the linear-time MMD are near zero for one source, and not for another."""
    numbers = np.random.default_rng(0)
    a, b, c = numbers.normal(size=(500, 8)) + 1, numbers.normal(size=(500, 8)) + 1, numbers.normal(size=(500, 8)) - 1

    assert joint_statistics.centroid_distance(a, b) < 0.01 < joint_statistics.centroid_distance(a, c)
    quiet, moved = (multivariate.multivariate_drift(a, other, ["centroid", "mmd"]) for other in (b, c))
    assert all(score.matters and score.p_value < 1e-6 for score in moved.values())
    assert all(score.p_value > 0.01 for score in quiet.values())
    assert not quiet["centroid"].matters


def test_the_means_of_one_source_rarely_look_different() -> None:
    """The p-values of centroid and MMD are uniform when nothing changed: about one in ten below 0.1."""
    numbers = np.random.default_rng(4)
    mix = numbers.normal(size=(6, 6))
    pairs = [[numbers.normal(size=(60, 6)) @ mix for _ in range(2)] for _ in range(100)]

    for name in ("centroid", "mmd"):
        low = sum(multivariate.multivariate_drift(*sides, [name])[name].p_value < 0.1 for sides in pairs)
        assert 3 <= low <= 20, name


def test_a_profile_holds_what_the_reconstruction_needs() -> None:
    """From the stored profile the score is that of the rows; a changed correlation is a verdict."""
    rows = _correlated(600, 1, 0)
    stored = ReferenceProfile.from_bytes(profile(rows).to_bytes())
    now = _correlated(600, -1, 1)

    answer = drift(stored, now, ["ks", "reconstruction"]).set_index("statistic")
    exact = drift(rows, now, ["reconstruction"])

    assert answer.loc["reconstruction", "score"] == pytest.approx(exact["score"].iloc[0], rel=1e-9)
    assert answer.loc["reconstruction", ["feature", "drifted"]].tolist() == ["(all)", True]
    assert not answer.loc["ks", "drifted"].any()
