"""Bands of estimated metrics, from draws of the truths of groups of rows."""

from __future__ import annotations

import numpy as np
import pytest

from mlops_magics.core.monitoring.estimation import cbpe
from mlops_magics.core.monitoring.estimation.calibration import IDENTITY
from mlops_magics.core.monitoring.estimation.cbpe import Chances


@pytest.mark.parametrize("metric", ["roc_auc", "log_loss", "accuracy"])
def test_the_band_of_three_classes_is_about_the_estimate_however_many_rows(metric: str) -> None:
    """Rows are drawn in groups, whose scores of other classes differ: the estimate of the rows is not at an end of the
    band of the groups."""
    random = np.random.default_rng(4)
    scores = random.dirichlet([1.0, 1.0, 1.0], 6_000)
    chances = Chances.of(scores, scores.argmax(axis=1), [IDENTITY] * 3)
    score = cbpe.estimate(metric, chances)
    low, high = cbpe.Truths(chances).interval(metric, score)

    assert low + (high - low) / 4 < score < high - (high - low) / 4
