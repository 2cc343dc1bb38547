"""Performance without truth: learned from held-out rows, kept as numbers, doubted where the data went elsewhere."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from mlops_magics.core.monitoring import ReferenceProfile, monitor, profile
from mlops_magics.core.monitoring.estimation import learning


def rows(seed: int, level: float = 0.0) -> pd.DataFrame:
    """Return 2,000 rows on which the model errs more, the higher ``level`` is."""
    numbers = np.random.default_rng(seed)
    found = pd.DataFrame({"x": numbers.normal(size=2_000), "level": np.clip(numbers.normal(level, 1, 2_000), -2, 2)})
    found["kind"] = numbers.choice(["calm", "wild"], 2_000)
    found["y"] = found["x"] + numbers.normal(size=2_000) * np.exp(found["level"] / 2) * (1 + (found["kind"] == "wild"))
    return found


@pytest.fixture(scope="module")
def regression() -> ReferenceProfile:
    """Return the profile of a model that predicts x, as it comes back from the board."""
    train, held_out = rows(0), rows(1)
    features = held_out[["x", "level", "kind"]]
    facts = learning.facts(features, held_out["y"], held_out["x"])
    found = profile(train[["x", "level", "kind"]], truth=train["y"], prediction=train["x"])
    return ReferenceProfile.from_bytes(replace(found, facts=facts).to_bytes())


def test_errors_are_foreseen_before_the_truth_arrives(regression: ReferenceProfile) -> None:
    """Estimated and measured are near each other, where the errors grew by half too."""
    for level in (0.0, 0.8):
        seen = rows(2, level)
        report = monitor(regression, seen, truth="y", prediction="x", metrics=["rmse", "mae"], by="2 parts")
        table = report.performance.pivot(index=["period", "metric"], columns="kind", values="score")

        np.testing.assert_allclose(table["estimated"], table["measured"], rtol=0.15)
        assert all(period["estimate_valid"] for period in report.periods)
    assert report.performance.query("metric == 'mae' and kind == 'measured'")["score"].mean() > 1.7


def test_the_bands_of_estimates_hold_what_is_measured(regression: ReferenceProfile) -> None:
    """Most of them: the forest is smooth where the truth is not."""
    report = monitor(regression, rows(3), truth="y", prediction="x", metrics=["mae"], by="10 parts")
    wide = report.performance.set_index(["period", "kind"])
    measured, estimated = wide.xs("measured", level="kind"), wide.xs("estimated", level="kind")

    assert ((estimated["lower"] <= measured["score"]) & (measured["score"] <= estimated["upper"])).mean() >= 0.8


def test_an_estimate_outside_of_the_support_is_not_believed(regression: ReferenceProfile) -> None:
    """It is drawn and told as not valid, and no verdict or alert is made of it."""
    seen = rows(4).assign(level=7.0)
    report = monitor(regression, seen, prediction="x")

    assert not report.periods[0]["estimate_valid"]
    assert any("level left the range of the reference" in note for note in report.notes)
    assert "estimated" not in report.verdict
    assert (report.performance["kind"] == "estimated").all()


def test_a_feature_that_is_missing_makes_an_estimate_invalid_and_no_error(regression: ReferenceProfile) -> None:
    """Categories never seen and infinities neither."""
    seen = rows(5).assign(kind="new")
    seen.loc[:99, "x"] = np.inf
    report = monitor(regression, seen.drop(columns="level"), prediction=np.zeros(2_000))

    assert np.isfinite(report.performance["score"]).all()
    assert not report.periods[0]["estimate_valid"]


def test_periods_without_a_valid_estimate_are_told_once_for_each_reason(regression: ReferenceProfile) -> None:
    """Not in as many notes as there are periods."""
    seen = rows(5).drop(columns="level")
    report = monitor(regression, seen, prediction=np.zeros(2_000), by="20 parts")

    (note,) = [note for note in report.notes if "not valid" in note]
    assert note.startswith("the estimates for 20 periods (0:100 to 1900:2000) are not valid: level left")


def test_a_model_pinned_without_held_out_rows_says_how_to_have_estimates() -> None:
    """One sentence, and no numbers that come from training rows."""
    train = rows(0)
    report = monitor(profile(train[["x"]], truth=train["y"], prediction=train["x"]), rows(2), prediction="x")

    assert report.performance.empty
    assert any("--test X_test y_test" in note for note in report.notes)


def test_a_model_that_cannot_answer_the_rows_stops_nothing_else(regression: ReferenceProfile) -> None:
    """What it raised is a note; drift is there."""

    def model(features: pd.DataFrame) -> np.ndarray:
        raise ValueError("could not convert string to float: 'bad'")

    report = monitor(regression, rows(2), prediction=model)

    assert "the model cannot answer these rows: ValueError" in " ".join(report.notes)
    assert set(report.drift["feature"]) >= {"x", "level", "kind"}


@pytest.mark.parametrize(
    ("share", "noted"), [(1.0, None), (0.6, None), (0.01, "from 3 of 300 rows"), (None, "ask predict_proba")]
)
def test_a_few_probabilities_do_not_stand_for_all_rows(share: float | None, noted: str | None) -> None:
    """The log has those of requests to `predict_proba` alone: where they are few or none, a note says what helps."""
    numbers = np.random.default_rng(5)
    chance = numbers.random(300)
    frame = pd.DataFrame({"x": numbers.normal(size=300), "mlops.prediction": np.where(chance > 0.5, "yes", "no")})
    known = profile(frame[["x"]], prediction=frame["mlops.prediction"])
    if share is not None:
        asked = np.arange(300) < share * 300
        frame["mlops.proba.yes"] = np.where(asked, chance, np.nan)
        frame["mlops.proba.no"] = np.where(asked, 1 - chance, np.nan)

    report = monitor(known, frame)
    estimated = report.performance.query("kind == 'estimated' and metric == 'accuracy'")["score"]

    assert estimated.notna().any() == (noted is None)
    assert [each for each in report.notes if "probabilities" in each and "predict_proba" in each] == [
        each for each in report.notes if noted is not None and noted in each
    ]
    assert ("estimated" in report.verdict) == (noted is None)
