"""Design effects: the number of rows that count as one where rows depend on each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from mlops_magics.core.monitoring.reading.column_values import Column, FloatArray, IntArray
from mlops_magics.core.monitoring.reading.row_groups import RowGroups

LEAST_SHARE = 0.01
"""Categories with a smaller share of the rows are read as one."""
LARGEST_PHI = 0.95
"""A correlation of successive blocks nearer to 1 is read as this."""
LEAST_FACTOR = 0.2
"""The part of the variance between blocks that a mean of the same blocks leaves is at least this."""
NEGLIGIBLE = 0.01
"""Correlations of distant blocks below this are left out."""
LEVEL = 0.99875
"""The quantile at which few groups are allowed for: that of the smallest of twenty two-sided p-values at 5 %."""
NORMAL_QUANTILE = 3.0233
"""Of the normal distribution at ``LEVEL``."""


class Components(NamedTuple):
    """The components of variance of one feature.

    Attributes
    ----------
    rho, squared
        The correlation of two rows of one group, and its square. Of categories the means over all contrasts of them.
    phi
        The correlation of successive blocks, as a part of ``rho``.
    freedom
        The groups, less one a side, that both were estimated from.
    """

    rho: float
    squared: float
    phi: float
    freedom: float


class _Side(NamedTuple):
    """Sums of ranks, or of categories over the roots of their shares, in each group, and their squares."""

    sums: FloatArray
    sizes: IntArray
    total: float
    """The sum of squares around the mean."""

    @property
    def rows(self) -> int:
        return int(self.sizes.sum())

    @property
    def means(self) -> FloatArray:
        """The means of the groups without that of all rows, ``(n_groups, n_values)``, 0 for a group without rows."""
        held = np.maximum(self.sizes, 1)[:, None]
        found: FloatArray = np.where(self.sizes[:, None] > 0, self.sums / held - self.sums.sum(axis=0) / self.rows, 0.0)
        return found


def components(sides: Sequence[tuple[Column, RowGroups]]) -> Components:
    """Return the components of variance of one feature, by analysis of variance (Donner 1986) of ranks or categories.

    Parameters
    ----------
    sides
        The feature and the groups of its rows: of the current data, and of the reference where it is known.
    """
    read = [side for side in (_side(column, groups) for column, groups in sides) if side is not None]
    groups = sum(int(np.count_nonzero(side.sizes)) - 1 for side in read)
    if not read or groups < 1:
        return Components(0.0, 0.0, 0.0, 1.0)
    between = sum(float((side.sizes[:, None] * side.means**2).sum()) for side in read)
    inside = max(sum(side.total for side in read) - between, 0.0)
    spare = sum(side.rows - int(np.count_nonzero(side.sizes)) for side in read)
    size = sum(side.rows - float((side.sizes**2.0).sum()) / side.rows for side in read) / groups
    within = inside / spare if spare else 0.0
    apart = (between / groups - within) / size
    if apart <= 0:
        return Components(0.0, 0.0, 0.0, groups)
    phi = _phi(read, apart) if all(each.ordered for _, each in sides) else 0.0
    drawn_out = (1 + phi) / (1 - phi)
    apart /= max(1 - (drawn_out - 1) / groups, LEAST_FACTOR)
    rho = min(apart / (apart + within), 1.0)
    return Components(rho, rho**2 * _unevenness(read), phi, max(groups / drawn_out, 1.0))


def effect(parts: Components, codes: IntArray) -> float:
    """Return the design effect of some rows: the variance of a mean over that of as many rows by themselves (Kish
    1965), and of categories the one with which X² has the variance of a χ² (Rao and Scott 1984).

    It is enlarged where few groups are known, by Student's distribution instead of the normal one.

    Parameters
    ----------
    codes
        The groups of the rows, ``(n_rows,)``.
    """
    if not len(codes):
        return 1.0
    sizes = np.bincount(codes - codes.min()).astype(np.float64)
    squares = float((sizes**2).sum())
    lag, weight = 1, parts.phi
    while weight > NEGLIGIBLE and lag < len(sizes):
        squares += 2 * weight * float((sizes[lag:] * sizes[:-lag]).sum())
        lag, weight = lag + 1, weight * parts.phi
    return of_multiple(parts, squares / len(codes) - 1)


def of_multiple(parts: Components, multiple: float) -> float:
    """Return the design effect of rows of which each has so many others in its group."""
    mean = 1 + multiple * parts.rho
    return enlarged((1 + 2 * multiple * parts.rho + multiple**2 * parts.squared) / mean, parts.freedom)


def enlarged(found: float, freedom: float) -> float:
    """Return a design effect that allows for the few groups that it was estimated from."""
    from scipy.special import stdtrit

    return 1 + max(found - 1, 0.0) * float(stdtrit(freedom, LEVEL) / NORMAL_QUANTILE) ** 2


def _side(column: Column, groups: RowGroups) -> _Side | None:
    """Return the sums of ranks, or of categories, in each group."""
    known = column.values >= 0 if column.coded else np.isfinite(column.exact)
    rows = int(np.count_nonzero(known))
    if not rows:
        return None
    codes = groups.codes[known] - groups.codes.min()
    sizes = np.bincount(codes)
    if not column.coded:
        ranks = mid_ranks(column.exact[known])
        return _Side(np.bincount(codes, ranks).astype(np.float64)[:, None], sizes, float((ranks**2).sum()))
    held = column.exact[known]
    counts = np.bincount(held, minlength=len(column.labels))
    common = np.flatnonzero(counts >= LEAST_SHARE * rows)
    place = np.full(len(counts), len(common), dtype=np.int64)
    place[common] = np.arange(len(common))
    width = len(common) + 1
    cells = np.bincount(codes * width + place[held], minlength=len(sizes) * width).reshape(-1, width)
    shares = cells.sum(axis=0) / rows
    occur = shares > 0
    sums = cells[:, occur] / np.sqrt(shares[occur])
    return _Side(sums, sizes, float(rows * (np.count_nonzero(occur) - 1)))


def mid_ranks(values: FloatArray) -> FloatArray:
    """Return mid-ranks between -½ and ½."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    middle = np.cumsum(counts) - counts / 2
    return np.asarray(middle[place] / len(values) - 0.5, dtype=np.float64)


def _unevenness(sides: Sequence[_Side]) -> float:
    """Return the mean square over the squared mean of the correlations within groups, over all contrasts of the
    categories, or 1 for numbers.

    A level that moves along an order of the categories is in few of the contrasts.
    """
    side = max(sides, key=lambda each: np.count_nonzero(each.sizes))
    held, width = side.sizes > 0, side.sums.shape[1]
    groups, contrasts = int(held.sum()), width - 1
    if contrasts < 2 or groups < 2 or side.rows == groups:
        return 1.0
    means, sizes = side.means[held], side.sizes[held]
    between = (means * sizes[:, None]).T @ means
    root = side.sums.sum(axis=0) / side.rows
    inside = (side.rows * (np.eye(width) - np.outer(root, root)) - between) / (side.rows - groups)
    size = (side.rows - float((sizes**2.0).sum()) / side.rows) / (groups - 1)
    apart = (between / (groups - 1) - inside) / size
    mean = float(np.trace(apart)) / contrasts
    if mean <= 0:
        return 1.0
    noise = (contrasts + 1) / (size**2 * groups)
    return float(np.clip(((apart**2).sum() / contrasts - noise) / mean**2, 1.0, contrasts))


def _phi(sides: Sequence[_Side], apart: float) -> float:
    """Return the correlation of successive blocks, without the bias of a mean of the same blocks (Kendall 1954), or 0
    where it is within its error."""
    products, squares, pairs = 0.0, 0.0, 0
    for side in sides:
        means, held = side.means, side.sizes > 0
        both = held[1:] & held[:-1]
        products += float((means[1:] * means[:-1])[both].sum())
        squares += float((means**2).sum())
        pairs += int(both.sum())
    if not pairs:
        return 0.0
    blocks = sum(int(np.count_nonzero(side.sizes)) for side in sides)
    raw, noise = products / pairs / apart, squares / blocks / apart / np.sqrt(blocks)
    if raw <= noise:
        return 0.0
    return float(np.clip(raw + (1 + 3 * min(raw, 1.0)) / blocks, 0.0, LARGEST_PHI))
