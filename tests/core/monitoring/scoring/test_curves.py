"""Curves in few points, views of a chart, and metrics in plain numpy: scikit-learn's numbers."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest
import sklearn.metrics as theirs
from hypothesis import given, settings
from hypothesis import strategies as st

from mlops_magics.core.monitoring import monitor, profile
from mlops_magics.core.monitoring.scoring import metrics
from mlops_magics.core.monitoring.scoring.curves import MOST_POINTS
from mlops_magics.core.monitoring.scoring.metric_rows import MetricRows
from mlops_magics.errors import NotFound

CLASSES = ("accuracy", "f1", "precision", "recall", "f1_macro", "f1_micro", "recall_weighted", "roc_auc")


@pytest.mark.parametrize("classes", [2, 4])
@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 10**6), rows=st.integers(1, 60))
def test_our_metrics_are_those_of_scikit_learn(classes: int, seed: int, rows: int) -> None:
    """Whatever is tied, absent or never answered; not defined where theirs is not."""
    numbers = np.random.default_rng(seed)
    truth, guess = numbers.integers(0, classes, rows), numbers.integers(0, classes, rows)
    scores = numbers.random((rows, classes)).round(1) + 0.05
    scores /= scores.sum(axis=1, keepdims=True)
    held = MetricRows(truth, guess, scores, np.arange(classes), classes, 1 if classes == 2 else None)
    for name in CLASSES:
        response = (scores[:, 1] if classes == 2 else scores) if name == "roc_auc" else guess
        ours, reason = metrics.find(name)(held)
        assert ours == pytest.approx(_theirs(name, classes, truth, response), abs=1e-12, nan_ok=True)
        assert bool(reason) == math.isnan(ours)


def _theirs(name: str, classes: int, truth: np.ndarray, response: np.ndarray) -> float:
    base, _, average = name.partition("_") if name != "roc_auc" else (name, "", "")
    options = {"average": average or ("binary" if classes == 2 else "macro"), "zero_division": 0.0}
    if name == "accuracy":
        options = {}
    if name == "roc_auc":
        options = {} if classes == 2 else {"multi_class": "ovr", "labels": np.arange(classes)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return float(getattr(theirs, f"{base}_score")(truth, response, **options))
        except ValueError:
            return math.nan


@pytest.fixture(scope="module")
def scored() -> dict[str, np.ndarray]:
    """Return truths and rounded, so tied, scores of 3,000 rows."""
    numbers = np.random.default_rng(0)
    truth = numbers.integers(0, 2, 3_000)
    return {"y": truth, "p": np.clip(truth * 0.3 + numbers.random(3_000) * 0.7, 0, 1).round(3)}


def test_curves_hold_what_scikit_learn_says_in_few_points(scored: dict[str, np.ndarray]) -> None:
    """The area under the kept points is the AUC to three digits; calibration is theirs."""
    frame = {"x": np.zeros(3_000), **scored}
    report = monitor(profile({"x": np.zeros(9)}), frame, truth="y", prediction="p")
    held = {curve.view: curve for curve in report.curves}
    share, mean = (held["calibration"].y, held["calibration"].x)

    assert set(held) == {"roc", "pr", "calibration"}
    assert max(len(curve.x) for curve in report.curves) <= MOST_POINTS
    assert theirs.auc(held["roc"].x, held["roc"].y) == pytest.approx(
        theirs.roc_auc_score(scored["y"], scored["p"]), abs=1e-3
    )
    assert sum(held["calibration"].n) == 3_000
    assert np.all(np.diff(mean) > 0)
    assert np.all((np.array(share) >= 0) & (np.array(share) <= 1))


def test_residuals_are_those_of_each_tenth() -> None:
    """A bias at the top of the predictions is seen there, and only there."""
    numbers = np.random.default_rng(0)
    guess = numbers.normal(size=1_000)
    truth = guess + numbers.normal(size=1_000) / 10 + (guess > np.quantile(guess, 0.9))
    report = monitor(profile({"x": np.zeros(9)}), {"x": np.zeros(1_000)}, truth=truth, prediction=guess)
    (curve,) = report.curves

    assert curve.y[-1] == pytest.approx(1.0, abs=0.05)
    assert np.abs(curve.y[:-1]).max() < 0.05
    assert all(low < middle < high for low, middle, high in zip(curve.lower, curve.y, curve.upper))


def test_every_view_is_drawn_alone(scored: dict[str, np.ndarray]) -> None:
    """Those without data say so; another word lists the views."""
    report = monitor(profile({"x": np.zeros(9)}), {"x": np.zeros(3_000), **scored}, truth="y", prediction="p", by=500)
    for view in ("drift", "performance", "roc", "pr", "calibration", "residuals", None):
        spec = report.charts(view).to_dict()
        assert ("nothing to draw yet" in str(spec)) == (view == "residuals")
    assert (report.charts("roc").draw() or b"").startswith(b"\x89PNG")
    with pytest.raises(NotFound, match="did you mean 'roc'"):
        report.charts("rok")
