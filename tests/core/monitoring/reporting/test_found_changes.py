"""Columns that training did not have are one line, and are no features of the model."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mlops_magics.core.monitoring import monitor, profile


@pytest.mark.parametrize(
    ("extra", "said"),
    [
        (0, []),
        (1, ["extra 0 is a column that training did not have"]),
        (2, ["extra 0, extra 1 are columns that training did not have"]),
        (9, ["extra 0, extra 1, extra 2, extra 3, extra 4 and 4 more are columns that training did not have"]),
    ],
)
def test_columns_that_training_did_not_have_are_one_line(extra: int, said: list[str]) -> None:
    """However many there are; the features and their number are those of the training."""
    frame = pd.DataFrame({"a": np.arange(200.0), "b": np.arange(200.0) % 7})
    report = monitor(profile(frame), frame.assign(**{f"extra {number}": 1 for number in range(extra)})).wire()

    assert [f"{found['feature']} {found['words']}" for found in report["found"]] == said
    assert {feature["feature"] for feature in report["features"]} == {"a", "b"}
