"""Bands of a few rows, and of metrics with other bounds than a share's."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mlops_magics as mm
from mlops_magics.core.monitoring import monitor, profile
from mlops_magics.core.monitoring.scoring.model_task import FACT, ModelTask

CLASSES = ("accuracy", "f1", "f1_macro", "precision", "recall", "roc_auc", "log_loss", "brier_score",
           "balanced_accuracy", "average_precision", "matthews_corrcoef", "f1_weighted", "neg_log_loss")  # fmt: skip
NUMBERS = ("rmse", "mae", "r2", "mape", "median_absolute_error", "max_error", "explained_variance",
           "neg_root_mean_squared_error", "mean_poisson_deviance")  # fmt: skip

TASKS: Any = (("classification", ("1.0", "2.0"), "2.0"), ("regression",))


@pytest.mark.parametrize(("rows", "wrong"), [(1, 0), (2, 0), (2, 1), (3, 0), (3, 1), (5, 1)])
@pytest.mark.parametrize("numbers", [False, True])
def test_each_score_of_a_few_rows_has_a_band_or_a_reason(rows: int, wrong: int, numbers: bool) -> None:
    """No score stands alone: a band that holds it and has a width, or a note, in the table, the text and the JSON."""
    truth = np.array([1.0, 2.0, 1.0, 2.0, 2.0])[:rows]
    guess = truth.copy()
    guess[:wrong] = 3.0 - guess[:wrong] if not numbers else guess[:wrong] + 0.5
    frame = pd.DataFrame({"x": truth, "truth": truth, "guess": guess, "chance": np.where(guess == 2.0, 0.8, 0.3)})
    wanted = NUMBERS if numbers else CLASSES
    how: dict[str, Any] = {"kind": "regression"} if numbers else {"kind": "classification", "positive": 2.0}
    chances: dict[str, Any] = {} if numbers else {"probabilities": "chance"}

    found = mm.performance(frame, truth="truth", estimate="guess", metrics=wanted, **how, **chances)

    notes = found.attrs["notes"]
    for each in found.itertuples():
        named = any(re.search(rf"\b{each.metric}\b", note) for note in notes)
        assert np.isfinite(each.lower) or named, (each, notes)
        assert np.isnan(each.lower) or each.lower <= each.score <= each.upper > each.lower, each
    before = replace(profile({"x": np.arange(50.0)}), facts={FACT: ModelTask(*TASKS[numbers]).to_json()})
    report = monitor(before, frame, truth="truth", prediction="guess", metrics=list(wanted), **chances)
    assert all(note in report.notes and note in report.to_json()["notes"] and note in str(report) for note in notes)


def test_bands_of_errors_are_not_those_of_shares() -> None:
    """An error in small units is not bounded by 1, and a perfect one has no band; a correlation can be below 0."""
    guess = np.linspace(1, 2, 12)
    frame = pd.DataFrame({"guess": guess, "same": guess, "high": guess + np.tile([0.01, -0.02, 2.4], 4)})
    names = ["mape", "median_absolute_error", "max_error", "explained_variance"]

    perfect = mm.performance(frame, truth="guess", estimate="same", metrics=names, kind="regression")
    found = mm.performance(frame, truth="guess", estimate="high", metrics=names, kind="regression")
    labels = pd.DataFrame({"truth": [0, 1] * 6, "guess": [0, 1, 1, 0] * 3})
    [correlation] = mm.performance(labels, truth="truth", estimate="guess", metrics="mcc").to_dict("records")

    assert perfect["upper"].isna().all()
    assert found["upper"][0] > 1 > found["lower"][0] > 0
    assert tuple(found.loc[1, ["lower", "upper"]].round(3)) == (0.01, 2.4)
    assert np.isnan(found["upper"][2])
    assert correlation["lower"] < -0.3
    assert correlation["upper"] > 0.3
