"""Models that load at once: importing scikit-learn takes longer than the tests that only need an answer."""

from __future__ import annotations

from typing import Any

import numpy as np


class Sum:
    """Answers a multiple of the sum of a row's numbers."""

    def __init__(self, factor: float = 1.0) -> None:
        self.factor = factor

    def predict(self, frame: Any) -> np.ndarray:
        """Return one number for each row."""
        return np.asarray(self.factor * frame.sum(axis=1))


class Totals:
    """A model that needs true dtypes: it answers from every kind of column of `conftest.mixed`."""

    def predict(self, frame: Any) -> np.ndarray:
        """Return a number that changes with every column."""
        assert frame["size"].dtype == "category"
        total = frame["age"] + frame["income"].fillna(-1.0) + frame["size"].cat.codes.astype(float)
        total += frame["member"].astype(float) * 100 + (frame["city"] == "Bern") * 1000 + frame["city"].isna() * 5000
        return np.asarray(total + (frame["since"] - np.datetime64("2024-01-01")).dt.days / 1000)
