"""The pin of a model with held-out rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.linear_model import LinearRegression

from mlops_magics import Session

RANDOM = np.random.default_rng(3)
ROWS = pd.DataFrame({"small": RANDOM.random(60), "large": 100 * RANDOM.random(60)})
TRUTH = 3 * ROWS["small"] - ROWS["large"] + 0.1 * RANDOM.random(60)
MORE = ROWS.assign(region=["n", "s"] * 30)[["region", "large", "small"]]


class ByPlace:
    """A model that takes columns by their place, whatever they are called."""

    def __init__(self) -> None:
        self.inner = LinearRegression().fit(ROWS.to_numpy(), TRUTH)

    def predict(self, rows: Any) -> Any:
        return self.inner.predict(np.asarray(rows)[:, :2])


@pytest.mark.parametrize("model", [LinearRegression().fit(ROWS, TRUTH), ByPlace()], ids=["names", "places"])
@pytest.mark.parametrize("test", [ROWS, ROWS[["large", "small"]], MORE], ids=["same", "another order", "more columns"])
def test_held_out_rows_are_taken_by_name(model: Any, test: pd.DataFrame, tmp_path: Path) -> None:
    """In another order, or with columns that the model does not read, the metrics are those of its own columns."""
    session = Session(tmp_path / "board")

    version = session.pin(model, "line", data=ROWS, test=(test, TRUTH))

    assert version.metrics["r2"] > 0.999


def test_held_out_rows_of_polars_are_taken_by_name(tmp_path: Path) -> None:
    """Frames of another library have columns as well."""
    session = Session(tmp_path / "board")

    version = session.pin(ByPlace(), "line", data=pl.from_pandas(ROWS), test=(pl.from_pandas(MORE), TRUTH))

    assert version.metrics["r2"] > 0.999
