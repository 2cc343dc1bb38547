"""Real boards in real folders, and the small models that lie on them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression

from mlops_magics.core.versioning import Board, open_board


@pytest.fixture
def board(tmp_path: Path) -> Board:
    """A new board in a folder of its own."""
    return open_board(tmp_path / "board")


@pytest.fixture
def rows() -> pd.DataFrame:
    """Fifty rows of two numbers."""
    return pd.DataFrame(np.random.default_rng(0).normal(size=(50, 2)), columns=["width", "length"])


@pytest.fixture
def model(rows: pd.DataFrame) -> LinearRegression:
    """A regression that adds the two."""
    return LinearRegression().fit(rows, rows.sum(axis=1))
