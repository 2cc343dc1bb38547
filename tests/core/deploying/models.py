"""Models that load at once: importing scikit-learn takes longer than the tests that only need an answer."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, ClassVar

import numpy as np


class Sum:
    """Answers a multiple of the sum of a row's numbers."""

    def __init__(self, factor: float = 1.0) -> None:
        self.factor = factor

    def predict(self, frame: Any) -> np.ndarray:
        """Return one number for each row."""
        return np.asarray(self.factor * frame.sum(axis=1))


class Heavy(Sum):
    """The same, with an array of so many bytes that it needs for every answer."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.weights = np.ones(size // 8)

    def predict(self, frame: Any) -> np.ndarray:
        """Return one number for each row."""
        return super().predict(frame) * self.weights.max()


class Cyclic(Heavy):
    """The same, in a cycle of references: only the garbage collector frees it."""

    def __init__(self, size: int) -> None:
        super().__init__(size)
        self.itself = self


class Slow(Sum):
    """Takes minutes to be read once a file exists."""

    def __init__(self, flag: str) -> None:
        super().__init__()
        self.flag = flag

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Come back, at once or late."""
        self.__dict__.update(state)
        if Path(self.flag).exists():
            time.sleep(120)


class Unreadable(Slow):
    """Cannot be read once a file exists."""

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Come back, or not."""
        self.__dict__.update(state)
        if Path(self.flag).exists():
            raise ValueError("The model cannot be read.")


class Totals:
    """A model that needs true dtypes: it answers from every kind of column of `conftest.mixed`."""

    def predict(self, frame: Any) -> np.ndarray:
        """Return a number that changes with every column."""
        assert frame["size"].dtype == "category"
        total = frame["age"] + frame["income"].fillna(-1.0) + frame["size"].cat.codes.astype(float)
        total += frame["member"].astype(float) * 100 + (frame["city"] == "Bern") * 1000 + frame["city"].isna() * 5000
        return np.asarray(total + (frame["since"] - np.datetime64("2024-01-01")).dt.days / 1000)


class Several:
    """Answers several things at once: named values, tables of different width, and a value with its spread."""

    classes_: ClassVar = [np.array([0, 1]), np.array([0, 1, 2])]

    def predict(self, frame: Any) -> Any:
        """Return a frame of two named values for each row."""
        total = frame.sum(axis=1)
        return frame.assign(total=total, positive=total > 0)[["total", "positive"]]

    def predict_proba(self, frame: Any) -> list[np.ndarray]:
        """Return one table for each output, as scikit-learn does for several."""
        return [np.full((len(frame), wide), 1 / wide) for wide in (2, 3)]

    def transform(self, frame: Any) -> dict[str, np.ndarray]:
        """Return outputs by name, as Keras does."""
        return {"sum": frame.sum(axis=1).to_numpy(), "pair": frame.to_numpy()[:, :2]}

    def decision_function(self, frame: Any) -> tuple[np.ndarray, np.ndarray]:
        """Return a mean and a spread, as a Gaussian process does."""
        return frame.mean(axis=1).to_numpy(), frame.std(axis=1).to_numpy()
