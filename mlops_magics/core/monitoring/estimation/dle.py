"""Direct loss estimation (as NannyML's DLE): a forest, stored as plain numbers, learns the size of a model's errors
from features and predictions."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import astuple, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mlops_magics.core.monitoring.estimation.tree_ensemble import Forest
from mlops_magics.core.monitoring.reading.column_values import Column
from mlops_magics.core.monitoring.scoring import heavy_tails
from mlops_magics.core.monitoring.scoring.intervals import TAIL, Interval
from mlops_magics.errors import InvalidInput

FloatArray = npt.NDArray[np.float64]
METRICS = ("mae", "mse", "rmse")
MOST_LABELS = 256
"""Labels of a category. With more it is an identifier, from which no error can be learned."""
LOWEST, HIGHEST = -1e30, 1e30
"""Replace a missing and an infinite value: below and above all others."""
USED = ("numeric", "categorical")
"""Kinds of features that are read."""
MOST_VARIANCE = 10.0
"""Of the mean error, in squares of itself. The upper end of a gamma distribution is ten times its mean there, and falls
beyond: too few of the rows that were learned from have an error."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """The uncertainty of the mean of real errors around its expected value.

    Attributes
    ----------
    of_row
        The standard deviation of a row's error over its expected error.
    of_level
        The standard error of the expected level, over the level: the rows that were learned from are few.
    wider
        The factor of that error towards larger errors, where a few of the rows were most of the sum.
    """

    of_row: float
    of_level: float
    wider: float = 1.0


@dataclass(frozen=True, slots=True)
class LossModel:
    """A model of the absolute and the squared error.

    Attributes
    ----------
    columns
        The features that it reads, in order, with the labels of those that are categories. The prediction comes last.
    absolute, squared
        The doubt of both.
    """

    columns: Mapping[str, tuple[str, ...] | None]
    forest: Forest
    absolute: Doubt
    squared: Doubt

    def estimate(self, features: Mapping[str, Column], prediction: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the expected absolute and squared error of each row. An absent feature counts as missing."""
        losses = self.forest(_design(self.columns, features, prediction))
        return losses[:, 0], losses[:, 1]

    def to_json(self) -> dict[str, Any]:
        """Return plain lists."""
        return {
            "columns": {name: None if labels is None else list(labels) for name, labels in self.columns.items()},
            "trees": self.forest.to_json(),
            "absolute": list(astuple(self.absolute)),
            "squared": list(astuple(self.squared)),
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> LossModel:
        """Read the lists of `to_json`, or those of version 0.1, which knew the spread of the squared error alone."""
        columns = {
            str(name): None if labels is None else tuple(map(str, labels))
            for name, labels in document["columns"].items()
        }
        doubts = [Doubt(*document[key]) if key in document else OF_NORMAL[key] for key in ("absolute", "squared")]
        return cls(columns, Forest.from_json(document["trees"]), *doubts)


OF_NORMAL = {"absolute": Doubt(0.756, 0.0), "squared": Doubt(1.414, 0.0)}
"""The doubt of normal errors: √(π/2 − 1) and √2."""


def fit(features: Mapping[str, Column], prediction: FloatArray, truth: FloatArray) -> LossModel:
    """Learn the error on rows whose truth is known, best on rows that the model was not trained on.

    Parameters
    ----------
    features
        Name to column, each ``(n_samples,)``. Times, texts and identifiers are left out.
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
    losses = np.column_stack((error, error**2))
    forest, expected = Forest.fit(_design(columns, features, prediction)[known], losses)
    return LossModel(columns, forest, *(_doubt(losses[:, k], expected[:, k]) for k in (0, 1)))


def _doubt(loss: FloatArray, expected: FloatArray) -> Doubt:
    """Compare losses with the expectations of trees that did not see them."""
    known = np.isfinite(expected) & (expected > 0)
    level = float(loss[known].mean()) if known.any() else 0.0
    if not level > 0:
        return Doubt(0.0, 0.0)
    rest = loss[known] - expected[known]
    of_row = float(np.sqrt(np.mean(rest**2) / np.mean(expected[known] ** 2)))
    wider = heavy_tails.widening(loss[known])
    return Doubt(of_row, float(np.std(rest) / np.sqrt(known.sum()) / level), wider if math.isfinite(wider) else 1.0)


def metric(name: str, absolute: FloatArray, squared: FloatArray) -> float:
    """Return an error metric from the expected errors of rows.

    Raises
    ------
    InvalidInput
    """
    if name not in METRICS:
        raise InvalidInput(f"{name!r} cannot be estimated without labels. These can: {', '.join(METRICS)}.")
    if not len(absolute):
        return math.nan
    mean = float(absolute.mean() if name == "mae" else squared.mean())
    return mean**0.5 if name == "rmse" else mean


def interval(name: str, absolute: FloatArray, squared: FloatArray, model: LossModel) -> Interval:
    """Return the interval of an error of these rows in 95 % of all cases, when their truth is known.

    The mean of skewed errors is about gamma distributed, with the variance of the rows and of the expected level.
    Upwards, the level is less certain where a few rows were most of it. It is not known, and NaN, where too few of the
    rows that were learned from have an error (`MOST_VARIANCE`).

    Parameters
    ----------
    name
        The metric: ``rmse`` or another one of errors.
    absolute, squared
        Expected losses, ``(n_samples,)``.
    model
        The model of losses, with their spread.
    """
    from scipy.stats import gamma

    losses, doubt = (absolute, model.absolute) if name == "mae" else (squared, model.squared)
    total = float(losses.sum())
    if not len(losses) or not total > 0:
        return math.nan, math.nan
    of_rows = doubt.of_row**2 * float((losses**2).sum()) / total**2
    variances = of_rows + doubt.of_level**2, of_rows + (doubt.of_level * doubt.wider) ** 2
    if max(variances) > MOST_VARIANCE:
        return math.nan, math.nan
    if not variances[0] > 0:
        return metric(name, absolute, squared), metric(name, absolute, squared)
    low, high = (
        float(gamma.ppf(level, 1 / variance)) * variance * total / len(losses)
        for level, variance in zip((TAIL, 1 - TAIL), variances)
    )
    return (math.sqrt(low), math.sqrt(high)) if name == "rmse" else (low, high)


def _design(
    columns: Mapping[str, tuple[str, ...] | None], features: Mapping[str, Column], prediction: FloatArray
) -> FloatArray:
    """Return numbers as they are and categories by their place, with missing and new ones below all."""
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
