"""Count, mean and scatter of several numbers: the joint distribution that a profile keeps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mlops_magics.core.monitoring.reading.column_values import Column, FloatArray

BLOCK = 100_000  # rows that are copied side by side at a time
MOST_FEATURES = 500  # with more, the matrix would outgrow the rest of a profile


@dataclass(frozen=True, slots=True)
class Covariance:
    """Count, mean and scatter of rows. Those of two parts add up to the whole's.

    Attributes
    ----------
    scatter
        ``(n_features, n_features)`` sums of products of deviations from the mean.
    names
        The features, in the order of the columns, empty for unnamed rows.
    """

    n: int
    mean: FloatArray
    scatter: FloatArray
    names: tuple[str, ...] = ()

    def __add__(self, other: Covariance) -> Covariance:
        """Join two parts (Chan, Golub, LeVeque 1983)."""
        if not self.n or not other.n:
            return other if not self.n else self
        n = self.n + other.n
        apart = other.mean - self.mean
        scatter = self.scatter + other.scatter + np.outer(apart, apart) * (self.n * other.n / n)
        return Covariance(n, (self.n * self.mean + other.n * other.mean) / n, scatter, self.names)

    def of(self, names: Sequence[str]) -> Covariance:
        """Return the part of some of the features."""
        place = [self.names.index(name) for name in names]
        return Covariance(self.n, self.mean[place], self.scatter[np.ix_(place, place)], tuple(names))


def of_rows(rows: FloatArray, names: tuple[str, ...] = ()) -> Covariance:
    """Return the covariance of rows, ``(n_samples, n_features)``."""
    mean = rows.mean(axis=0) if len(rows) else np.zeros(rows.shape[1])
    # Σx² − n·mean² would lose every digit of numbers far from zero
    centred = rows - mean
    return Covariance(len(rows), mean, centred.T @ centred, names)


def of_columns(columns: Sequence[Column]) -> Covariance | None:
    """Return the covariance of two or more numeric columns over the rows in which each has a value, else ``None``."""
    numeric = [column for column in columns if column.kind == "numeric"]
    if not 2 <= len(numeric) <= MOST_FEATURES:
        return None
    with np.errstate(over="ignore", invalid="ignore"):  # at the edge of floats a covariance does not exist
        whole = _added_up(numeric)
    return whole if np.isfinite(whole.scatter).all() and np.isfinite(whole.mean).all() else None


def _added_up(numeric: Sequence[Column]) -> Covariance:
    names = tuple(column.name for column in numeric)
    width = len(names)
    whole = Covariance(0, np.zeros(width), np.zeros((width, width)), names)
    for start in range(0, len(numeric[0]), BLOCK):
        rows = np.column_stack([column.values[start : start + BLOCK] for column in numeric])
        whole = whole + of_rows(rows[np.isfinite(rows).all(axis=1)], names)
    return whole
