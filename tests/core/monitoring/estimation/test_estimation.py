"""Performance estimated without labels: CBPE for classes, DLE for numbers, and their calibration."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
import sklearn.metrics as theirs

from mlops_magics.core.monitoring.estimation import calibration, cbpe, dle
from mlops_magics.core.monitoring.reading.tables import column_of


@pytest.fixture
def scored() -> pd.DataFrame:
    """Return 1000 rows of a binary classifier over 10 days."""
    numbers = np.random.default_rng(0)
    evidence = numbers.normal(size=1_000)
    truth = (numbers.random(1_000) < 1 / (1 + np.exp(-2 * evidence))).astype(int)
    score = 1 / (1 + np.exp(-3 * evidence))
    times = pd.date_range("2024-03-01", periods=1_000, freq="14min24s")
    return pd.DataFrame({"truth": truth, "guess": (score > 0.5).astype(int), "score": score, "at": times})


def test_estimates_without_labels_are_near_what_is_measured_later(scored: pd.DataFrame) -> None:
    """CBPE, calibrated on half of the rows, foresees the metrics of the other half."""
    before, after = scored.iloc[:500], scored.iloc[500:]
    learned = calibration.calibrated(before["score"].to_numpy(), before["truth"].to_numpy())
    scores = np.column_stack((1 - after["score"], after["score"]))
    chances = cbpe.Chances.of(scores, after["guess"].to_numpy(), (calibration.IDENTITY, learned))

    assert cbpe.estimate("accuracy", chances) == pytest.approx(
        theirs.accuracy_score(after["truth"], after["guess"]), abs=0.06
    )
    assert cbpe.estimate("roc_auc", chances) == pytest.approx(
        theirs.roc_auc_score(after["truth"], after["score"]), abs=0.06
    )


def test_expected_auc_does_not_depend_on_the_order_of_ties() -> None:
    """All scores tied give one half, in any order of rows."""
    chance = np.array([0.9, 0.8, 0.2, 0.1])

    assert cbpe.expected_auc(np.ones(4), chance) == 0.5
    assert cbpe.expected_auc(np.ones(4), chance[::-1]) == 0.5


def test_errors_of_a_regression_are_estimated() -> None:
    """DLE learns where the model errs: twice the noise, twice the estimated error."""
    numbers = np.random.default_rng(0)
    noise = numbers.choice([1.0, 2.0], 2_000)
    truth = numbers.normal(size=2_000) * noise
    model = dle.fit({"noise": column_of("noise", noise)}, np.zeros(2_000), truth)
    low, high = (
        dle.metric("mae", *model.estimate({"noise": column_of("noise", np.full(100, level))}, np.zeros(100)))
        for level in (1.0, 2.0)
    )

    assert high / low == pytest.approx(2.0, rel=0.15)


def test_a_band_of_an_estimated_error_is_around_it_or_is_not_known() -> None:
    """Where few of the held-out rows have an error at all, no upper end of the mean error is known from them."""
    numbers = np.random.default_rng(8)
    for rows in (30, 100, 1_000):
        for wrong in (1, 3, 10, rows // 2, rows):
            error = np.where(np.arange(rows) < wrong, numbers.standard_t(3, rows), 0.0)
            x = column_of("x", numbers.normal(size=rows))
            losses = (model := dle.fit({"x": x}, np.zeros(rows), error)).estimate({"x": x}, np.zeros(rows))
            for name in dle.METRICS:
                low, high = dle.interval(name, *losses, model)
                assert (math.isnan(low) and math.isnan(high)) or low <= dle.metric(name, *losses) <= high
        assert math.isfinite(high)


def test_calibration_moves_what_is_too_sure_of_itself_and_little_else() -> None:
    """Overconfident scores become probabilities; calibrated ones stay within what so few rows can say."""
    numbers = np.random.default_rng(3)
    evidence = numbers.normal(size=4_000)
    chance = 1 / (1 + np.exp(-evidence))
    truth = (numbers.random(4_000) < chance).astype(np.int64)

    for scores in (chance, 1 / (1 + np.exp(-4 * evidence))):
        learned = calibration.calibrated(scores, truth)
        assert np.abs(learned(scores) - chance).max() < 0.06
        again = calibration.Calibrator.from_json(learned.to_json())
        np.testing.assert_allclose(again(scores), learned(scores))


def test_a_calibration_of_version_0_1_is_read() -> None:
    """It was a piecewise map of scores to probabilities."""
    learned = calibration.Calibrator.from_json([[0.0, 0.5, 1.0], [0.1, 0.2, 0.9]])

    assert learned(np.array([0.0, 0.25, 1.0])).tolist() == pytest.approx([0.1, 0.15, 0.9])
    assert calibration.Calibrator.from_json([[], []]) is calibration.IDENTITY
