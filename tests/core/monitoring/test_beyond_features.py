"""Drift of several features together, changes in the stream of errors, ranking, and what is kept or told."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pyarrow.feather
import pytest

from mlops_magics.core.monitoring import ReferenceProfile, drift, monitor, profile
from mlops_magics.core.monitoring.alerts import notify, rules
from mlops_magics.core.monitoring.alerts.thresholds import Thresholds
from mlops_magics.core.monitoring.comparing import multivariate
from mlops_magics.core.monitoring.profiling import covariance
from mlops_magics.core.monitoring.reading.tables import column_of
from mlops_magics.core.monitoring.reporting import kept_metrics, ranking
from mlops_magics.core.monitoring.scoring import error_detectors, outcomes
from mlops_magics.core.monitoring.statistics import joint_statistics
from mlops_magics.errors import InvalidInput, NotificationError


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


def test_detectors_find_where_the_model_became_worse() -> None:
    """ADWIN, Page-Hinkley and DDM alarm soon after row 1000, and not before."""
    pytest.importorskip("river")
    numbers = np.random.default_rng(0)
    wrong = np.concatenate([numbers.random(1_000) < 0.1, numbers.random(1_000) < 0.6])

    found = error_detectors.of_outcomes(
        outcomes.outcomes_of(column_of("truth", np.ones(2_000, dtype=int)), column_of("guess", np.where(wrong, 0, 1))),
        error_detectors.DETECTORS,
        np.arange(2_000),
    )

    assert {change.detector for change in found} == set(error_detectors.DETECTORS)
    assert all(1_000 <= change.row < 1_400 for change in found[:3])


def _report(periods: int = 4) -> object:
    numbers = np.random.default_rng(0)
    reference = pd.DataFrame({"cause": numbers.normal(size=800), "other": numbers.normal(size=800)})
    parts, truths, guesses = [], [], []
    for k in range(periods):
        part = pd.DataFrame({"cause": numbers.normal(size=200) + k, "other": numbers.normal(size=200)})
        parts.append(part)
        truths.append(numbers.integers(0, 2, 200))
        guesses.append(np.where(numbers.random(200) < 0.1 * k, 1 - truths[-1], truths[-1]))
    current = pd.concat(parts, ignore_index=True)
    return monitor(
        profile(reference),
        current,
        name="m",
        version="1",
        by=200,
        truth=np.concatenate(truths),
        prediction=np.concatenate(guesses),
    )


def test_the_feature_that_follows_performance_ranks_first() -> None:
    """Its drift and the loss of accuracy rise together."""
    ranked = ranking.rank(_report())  # type: ignore[arg-type]

    assert ranked["feature"].iloc[0] == "cause"
    assert ranked["correlation"].iloc[0] > 0.8


def test_kept_metrics_are_replaced_not_doubled() -> None:
    """A later run over the same periods replaces their rows; the file is Arrow that anybody reads."""
    performance = _report().performance  # type: ignore[attr-defined]
    kept = kept_metrics.upserted(None, performance, version="1")
    again = kept_metrics.upserted(
        kept_metrics.from_bytes(kept_metrics.to_bytes(kept)), performance.assign(score=0.5), version="2"
    )

    assert len(again) == len(kept)
    assert (again["score"] == 0.5).all()
    assert pyarrow.feather.read_table(io.BytesIO(kept_metrics.to_bytes(again))).column_names == kept_metrics.COLUMNS


def test_gates_stop_at_what_they_are_asked_for() -> None:
    """Drift and performance are apart; own limits replace the calibrated ones; an unknown gate is refused."""
    report = _report()
    limits = Thresholds.from_bytes(Thresholds(metrics={"accuracy": (0.8, None)}, ignored=("other",)).to_bytes())
    found = rules.alerts(report, limits)  # type: ignore[arg-type]

    assert {alert.name for alert in rules.failing(found, "drift")} == {"cause"}
    assert {alert.period for alert in rules.failing(found, "performance")} >= {"600:800"}
    assert len(rules.failing(found, "drift,performance")) == len(found)
    with pytest.raises(InvalidInput, match="drift, performance"):
        rules.failing(found, "weather")


def test_messages_go_out_once_and_only_with_alerts() -> None:
    """A callback gets the verdict and the alerts; without alerts nobody is told; one broken target does not stop the
    next."""
    report, told = _report(), []
    found = rules.alerts(report)  # type: ignore[arg-type]

    notify.notify(report, [], told.append)  # type: ignore[arg-type]
    with pytest.raises(NotificationError, match="1 of 2"):
        notify.notify(report, found, notify.webhook("https://localhost/hook"), told.append)  # type: ignore[arg-type]

    assert len(told) == 1
    assert told[0]["alerts"]


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "10.0.0.1", "169.254.169.254", "::1"])
def test_webhooks_do_not_call_inner_addresses(host: str) -> None:
    """The resolved address is checked, whatever the name says."""
    with pytest.raises(NotificationError, match="inner address"):
        notify.checked_address(host, 443)
