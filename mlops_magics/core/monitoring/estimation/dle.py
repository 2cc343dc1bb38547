"""Direct loss estimation: a second model learns the first one's error from the features and predictions (NannyML's
DLE)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mlops_magics.core.monitoring.columns import Column
from mlops_magics.errors import InvalidInput, MissingDependency

FloatArray = npt.NDArray[np.float64]
METRICS = ("mae", "mse", "rmse")
SEED = 13


@dataclass(frozen=True, slots=True)
class LossModel:
    """A gradient-boosted regressor of the absolute and one of the squared error, fitted on the reference."""

    absolute: Any
    squared: Any
    labels: tuple[tuple[str, ...] | None, ...]

    def estimate(self, features: Sequence[Column], prediction: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the expected absolute and squared error of each row."""
        design = _design(features, prediction, self.labels)
        return np.maximum(self.absolute.predict(design), 0.0), np.maximum(self.squared.predict(design), 0.0)


def fit(features: Sequence[Column], prediction: FloatArray, truth: FloatArray) -> LossModel:
    """Learn the error on rows whose truth is known.

    Parameters
    ----------
    features
        One column per feature, each ``(n_samples,)``.
    prediction, truth
        ``(n_samples,)``.
    """
    try:
        from sklearn.ensemble import HistGradientBoostingRegressor
    except ImportError as missing:
        raise MissingDependency(
            "Estimating regression errors needs scikit-learn. To fix it: `pip install scikit-learn`."
        ) from missing
    known = np.isfinite(truth) & np.isfinite(prediction)
    if not known.any():
        raise InvalidInput("Estimating errors needs reference rows with truth and prediction.")
    labels = tuple(column.labels if column.coded else None for column in features)
    design, error = _design(features, prediction, labels)[known], np.abs(prediction - truth)[known]
    learners = [
        HistGradientBoostingRegressor(random_state=SEED, early_stopping=False).fit(design, loss)
        for loss in (error, error**2)
    ]
    return LossModel(learners[0], learners[1], labels)


def metric(name: str, absolute: FloatArray, squared: FloatArray) -> float:
    """Return an error metric from the expected errors of rows."""
    if name not in METRICS:
        raise InvalidInput(f"{name!r} cannot be estimated without labels; these can: {', '.join(METRICS)}.")
    if not len(absolute):
        return float("nan")
    mean = float(absolute.mean() if name == "mae" else squared.mean())
    return mean**0.5 if name == "rmse" else mean


def _design(features: Sequence[Column], prediction: FloatArray, labels: Sequence[tuple[str, ...] | None]) -> FloatArray:
    """Return numbers as they are and categories by their place among the reference's labels, unseen ones as missing."""
    columns = []
    for column, known in zip(features, labels):
        if known is None:
            columns.append(np.where(np.isfinite(column.values), column.values, np.nan))
        else:
            place = {label: float(code) for code, label in enumerate(known)}
            lookup = np.array([*(place.get(label, np.nan) for label in column.labels), np.nan])
            columns.append(lookup[column.values])
    return np.column_stack([*columns, prediction])
