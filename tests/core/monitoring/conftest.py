"""What the monitoring tests share: the two sets with every peer's output, and a frame like those of a notebook."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlops_magics.core.monitoring import MonitorReport, monitor, profile

DATA = Path(__file__).parents[2] / "data" / "drift"


@pytest.fixture(scope="session")
def truth() -> dict[str, Any]:
    """Return each tool's own output on the two sets, and scipy's and numpy's under ``reference``."""
    return json.loads((DATA / "truth.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def load() -> Callable[[str], tuple[pd.DataFrame, pd.DataFrame]]:
    """Return a reader of the set ``tiny`` or ``medium``: its reference and its current frame."""
    return lambda name: (pd.read_csv(DATA / f"{name}_ref.csv"), pd.read_csv(DATA / f"{name}_cur.csv"))


@pytest.fixture
def penguins() -> pd.DataFrame:
    """Return 333 rows of numbers and categories of the sizes and shapes of the Palmer penguins."""
    numbers = np.random.default_rng(7)
    rows = 333
    return pd.DataFrame(
        {
            "bill_length": numbers.normal(44, 5.5, rows),
            "bill_depth": numbers.normal(17, 2, rows),
            "flipper": numbers.normal(201, 14, rows).round(),
            "mass": numbers.lognormal(8.3, 0.2, rows),
            "island": numbers.choice(["Biscoe", "Dream", "Torgersen"], rows, p=[0.5, 0.37, 0.13]),
            "sex": pd.Categorical(numbers.choice(["female", "male"], rows)),
            "year": numbers.integers(2007, 2010, rows),
        }
    )


@pytest.fixture
def falling() -> MonitorReport:
    """Return a report of four periods in which a feature drifts more and more while accuracy falls."""
    numbers = np.random.default_rng(0)
    reference = pd.DataFrame({"cause": numbers.normal(size=800), "other": numbers.normal(size=800)})
    parts, truths, guesses = [], [], []
    for k in range(4):
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
