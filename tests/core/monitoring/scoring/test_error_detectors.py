"""Changes in the stream of errors."""

from __future__ import annotations

import numpy as np
import pytest

from mlops_magics.core.monitoring.reading.tables import column_of
from mlops_magics.core.monitoring.scoring import error_detectors, outcome_reader
from mlops_magics.core.monitoring.scoring.outcomes import Asked


def test_detectors_find_where_the_model_became_worse() -> None:
    """ADWIN, Page-Hinkley and DDM alarm soon after row 1000, and not before."""
    pytest.importorskip("river")
    numbers = np.random.default_rng(0)
    wrong = np.concatenate([numbers.random(1_000) < 0.1, numbers.random(1_000) < 0.6])

    found = error_detectors.of_outcomes(
        outcome_reader.build(
            column_of("truth", np.ones(2_000, dtype=int)), column_of("guess", np.where(wrong, 0, 1)), None, Asked()
        ),
        error_detectors.DETECTORS,
        np.arange(2_000),
    )

    assert {change.detector for change in found} == set(error_detectors.DETECTORS)
    assert all(1_000 <= change.row < 1_400 for change in found[:3])
