"""Dependence between features: the correlations of the normal scores of numbers, and of features with two categories,
which no change of a single feature moves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from mlops_magics.core.monitoring.profiling.mid_ranks import mid_ranks
from mlops_magics.core.monitoring.reading.column_values import Column, FloatArray, IntArray

MOST_ROWS = 20_000
"""Rows that are read: more give the same correlations."""
FEWEST_ROWS = 50
"""Rows in which both features have a value from which a correlation is known well enough to be compared, if the
features were normal. Of a feature that is mostly one value few rows decide, and more are needed."""
NORMAL_KURTOSIS = 3.0
"""E[z⁴] of a standard normal."""
NEAR = 1e-6
"""Distance of a squared correlation from 1 that is read as this."""
MOST_FEATURES = 100
"""Features whose pairs are read: 130 kB of a profile. With more the pairs would outgrow the rest of it, and a choice of
the strongest ones would be one of the largest errors."""
SEED = 17
"""The choice of rows is arbitrary, but the same for the same data."""


@dataclass(frozen=True, slots=True)
class Dependence:
    """The correlations of pairs of features.

    Attributes
    ----------
    names
        The features.
    pairs
        ``(n_pairs, 2)`` places in ``names``.
    correlation, spread, rows
        ``(n_pairs,)``: of the normal scores, the variance of one row's influence on Fisher's z, and the rows in which
        both have a value.
    """

    names: tuple[str, ...]
    pairs: np.ndarray[Any, np.dtype[np.int64]]
    correlation: FloatArray
    spread: FloatArray
    rows: IntArray

    def of(self, places: Any) -> Dependence:
        """Return some of the pairs."""
        chosen = (part[places] for part in (self.pairs, self.correlation, self.spread, self.rows))
        return Dependence(self.names, *chosen)

    def to_json(self) -> dict[str, Any]:
        """Return a JSON-safe mapping."""
        return {
            "names": list(self.names),
            "pairs": self.pairs.tolist(),
            "correlation": [float(f"{value:.5g}") for value in self.correlation],
            "spread": [float(f"{value:.4g}") for value in self.spread],
            "rows": self.rows.tolist(),
        }

    @classmethod
    def from_json(cls, entry: Mapping[str, Any] | None) -> Dependence | None:
        """Read the mapping of `to_json`, or ``None`` for a profile without it."""
        if entry is None:
            return None
        pairs = np.array(entry["pairs"], dtype=np.int64).reshape(-1, 2)
        correlation, spread = (np.array(entry[key], dtype=np.float64) for key in ("correlation", "spread"))
        rows = np.array(entry["rows"], dtype=np.int64)
        return cls(tuple(entry["names"]), pairs, correlation, spread, rows)


def of_columns(columns: Mapping[str, FloatArray], like: Dependence | None = None) -> Dependence | None:
    """Return the correlations of numeric columns, or ``None`` below two of them, or without enough rows.

    Parameters
    ----------
    columns
        Name to values, each ``(n_samples,)``.
    like
        Read the pairs of this one alone.
    """
    names = tuple(columns) if like is None else tuple(name for name in like.names if name in columns)
    if not 2 <= len(names) <= MOST_FEATURES:
        return None
    rows = _chosen(len(next(iter(columns.values()))))
    scores = np.column_stack([_normal_scores(columns[name][rows]) for name in names])
    moments = _moments(scores)
    first, second = np.triu_indices(len(names), 1)
    if like is not None:
        place = {name: code for code, name in enumerate(names)}
        wanted = [(place.get(like.names[a], -1), place.get(like.names[b], -1)) for a, b in like.pairs.tolist()]
        first, second = np.array([pair for pair in wanted if min(pair) >= 0], dtype=np.int64).reshape(-1, 2).T
    correlation, spread, together = (part[first, second] for part in moments)
    found = Dependence(names, np.column_stack((first, second)), correlation, spread, together.astype(np.int64))
    kurtosis = _kurtosis(scores)
    effective = together * NORMAL_KURTOSIS**2 / (kurtosis[first] * kurtosis[second])
    known = np.flatnonzero((effective >= FEWEST_ROWS) & np.isfinite(spread))
    return found.of(known) if len(known) else None


def numbers_of(column: Column) -> FloatArray | None:
    """Return the numbers of a feature, or 0 and 1 for two categories in the order of their names, else ``None``."""
    if column.kind == "numeric":
        return np.asarray(column.exact, dtype=np.float64)
    if column.kind != "categorical":
        return None
    occurring = np.flatnonzero(column.counts())
    if len(occurring) != 2:
        return None
    second = max(occurring, key=lambda code: column.labels[code])
    return np.where(column.values < 0, np.nan, column.values == second).astype(np.float64)


def _chosen(rows: int) -> Any:
    if rows <= MOST_ROWS:
        return slice(None)
    return np.sort(np.random.default_rng(SEED).choice(rows, MOST_ROWS, replace=False))


def _normal_scores(values: FloatArray) -> FloatArray:
    """Return the normal quantiles of mid-ranks (van der Waerden 1952), NaN for a value that is not finite."""
    from scipy.special import ndtri

    found = np.full(len(values), np.nan)
    known = np.isfinite(values)
    if known.any():
        found[known] = ndtri(mid_ranks(values[known]) / (known.sum() + 1))
    return found


def _moments(scores: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return correlations, the variance of a row's influence on Fisher's z of each, and the rows of each pair."""
    known = np.isfinite(scores)
    # a missing value is 0 in every sum, and the mask counts the rows of each pair
    z, mask = np.where(known, scores, 0.0), known.astype(np.float64)
    squares = z * z
    together, cross = mask.T @ mask, z.T @ z
    own = squares.T @ mask
    with np.errstate(invalid="ignore", divide="ignore"):
        scale = np.sqrt(own * own.T)
        r = cross / scale
        # Σ(ab − r(a² + b²)/2)² over the rows of each pair, in units of the mean square
        both = squares.T @ squares
        cubes = (squares * z).T @ z
        fourth = (squares * squares).T @ mask
        influence = both - r * (cubes + cubes.T) + r * r / 4 * (fourth + fourth.T + 2 * both)
        spread = influence * together / scale**2 / np.maximum(1 - r * r, NEAR) ** 2
    return r, spread, together


def _kurtosis(scores: FloatArray) -> FloatArray:
    """Return E[z⁴]/E[z²]² of each column, NaN where all scores are 0."""
    squares = np.nan_to_num(scores) ** 2
    rows = np.isfinite(scores).sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(rows * (squares**2).sum(axis=0) / squares.sum(axis=0) ** 2, dtype=np.float64)
