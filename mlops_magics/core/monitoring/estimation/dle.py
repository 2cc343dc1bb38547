"""Direct loss estimation: a forest learns the size of a model's errors from features and predictions (as NannyML's
DLE), and is written as plain numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mlops_magics.core.monitoring.estimation.tree_ensemble import Forest
from mlops_magics.core.monitoring.reading.column_values import Column
from mlops_magics.errors import InvalidInput

FloatArray = npt.NDArray[np.float64]
METRICS = ("mae", "mse", "rmse")
MOST_LABELS = 256  # a category with more of them is an identifier, from which no error can be learned
LOWEST, HIGHEST = -1e30, 1e30  # stand for a missing value and an infinite one: below and above all others
USED = ("numeric", "categorical")


@dataclass(frozen=True, slots=True)
class LossModel:
    """What is expected of the absolute and the squared error.

    Attributes
    ----------
    columns
        The features that it reads, in order, with the labels of those that are categories; the prediction comes last.
    spread
        The standard deviation of the squared error on the rows that it was learned on.
    """

    columns: Mapping[str, tuple[str, ...] | None]
    forest: Forest
    spread: float

    def estimate(self, features: Mapping[str, Column], prediction: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the expected absolute and squared error of each row; a feature that is not there counts as missing."""
        losses = self.forest(_design(self.columns, features, prediction))
        return losses[:, 0], losses[:, 1]

    def to_json(self) -> dict[str, Any]:
        """Return plain lists."""
        return {
            "columns": {name: None if labels is None else list(labels) for name, labels in self.columns.items()},
            "trees": self.forest.to_json(),
            "spread": self.spread,
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> LossModel:
        """Read what `to_json` gave."""
        columns = {
            str(name): None if labels is None else tuple(map(str, labels))
            for name, labels in document["columns"].items()
        }
        return cls(columns, Forest.from_json(document["trees"]), float(document["spread"]))


def fit(features: Mapping[str, Column], prediction: FloatArray, truth: FloatArray) -> LossModel:
    """Learn the error on rows whose truth is known, best on rows that the model was not trained on.

    Parameters
    ----------
    features
        Name to column, each ``(n_samples,)``; times, texts and identifiers are left out.
    prediction, truth
        ``(n_samples,)``.

    Raises
    ------
    InvalidInput
        No row has both.
    MissingDependency
        scikit-learn is not installed.
    """
    known = np.isfinite(truth) & np.isfinite(prediction)
    if not known.any():
        raise InvalidInput("Estimating errors needs reference rows with truth and prediction.")
    columns = {
        name: column.labels if column.coded else None
        for name, column in features.items()
        if column.kind in USED and len(column.labels) <= MOST_LABELS
    }
    error = np.abs(prediction - truth)[known]
    forest = Forest.fit(_design(columns, features, prediction)[known], np.column_stack((error, error**2)))
    return LossModel(columns, forest, float(np.std(error**2)))


def metric(name: str, absolute: FloatArray, squared: FloatArray) -> float:
    """Return an error metric from the expected errors of rows."""
    if name not in METRICS:
        raise InvalidInput(f"{name!r} cannot be estimated without labels; these can: {', '.join(METRICS)}.")
    if not len(absolute):
        return math.nan
    mean = float(absolute.mean() if name == "mae" else squared.mean())
    return mean**0.5 if name == "rmse" else mean


def sampling_error(name: str, absolute: FloatArray, squared: FloatArray, spread: float) -> float:
    """Return the standard error over these rows.

    Of the mean absolute error by the law of total variance; of the mean squared one by its spread on the reference (as
    NannyML's); of the root by the delta method (Casella and Berger 2002, 5.5.4).
    """
    n = len(absolute)
    if not n:
        return math.nan
    if name == "mae":
        return math.sqrt(max(float(np.mean(squared) - np.mean(absolute) ** 2), 0.0) / n)
    error = spread / math.sqrt(n)
    root = math.sqrt(float(squared.mean()))
    return error if name == "mse" else error / (2 * root) if root > 0 else 0.0


def _design(
    columns: Mapping[str, tuple[str, ...] | None], features: Mapping[str, Column], prediction: FloatArray
) -> FloatArray:
    """Return numbers as they are and categories by their place; what is missing or never seen lies below all."""
    rows = len(prediction)
    drawn = [_numbers(features.get(name), labels, rows) for name, labels in columns.items()]
    design = np.column_stack([*drawn, prediction])
    return np.asarray(np.clip(np.where(np.isnan(design), LOWEST, design), LOWEST, HIGHEST))


def _numbers(column: Column | None, labels: tuple[str, ...] | None, rows: int) -> FloatArray:
    if column is None or column.coded != (labels is not None):
        return np.full(rows, np.nan)
    if labels is None:
        return np.asarray(column.values, dtype=np.float64)
    place = {label: float(code) for code, label in enumerate(labels)}
    lookup = np.array([*(place.get(label, np.nan) for label in column.labels), np.nan])
    return np.asarray(lookup[column.values])
