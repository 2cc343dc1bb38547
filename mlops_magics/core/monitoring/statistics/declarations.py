"""The registry of all statistics by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from mlops_magics.core.monitoring.profiling import derived_features
from mlops_magics.core.monitoring.profiling.samples import NumericSample
from mlops_magics.core.monitoring.reading.column_values import FloatArray
from mlops_magics.core.monitoring.statistics.category_odds import ODDS_STATISTICS
from mlops_magics.core.monitoring.statistics.category_statistics import RATE_STATISTICS, SHARE_STATISTICS
from mlops_magics.core.monitoring.statistics.correlations import CORRELATION
from mlops_magics.core.monitoring.statistics.declaration import Declaration, Statistic
from mlops_magics.core.monitoring.statistics.joint_statistics import JOINT_STATISTICS, JointStatistic
from mlops_magics.core.monitoring.statistics.number_statistics import NUMBER_STATISTICS
from mlops_magics.core.monitoring.statistics.tails import TAIL_STATISTICS
from mlops_magics.errors import NotFound

STATISTICS: Mapping[str, Statistic] = {
    each.name: each
    for each in (*RATE_STATISTICS, *NUMBER_STATISTICS, *TAIL_STATISTICS, *SHARE_STATISTICS, *ODDS_STATISTICS)
}
"""Comparisons of one feature."""
PAIRS: Mapping[str, Declaration] = {CORRELATION.name: CORRELATION}
"""Comparisons of a feature with the others."""
MAIN = ("ks", "tvd")
"""Statistics that every feature of numbers, or of categories, has a row of by default."""
DEFAULTS = tuple(each.name for each in (*STATISTICS.values(), CORRELATION) if each.weight)
"""The default family, which every report computes."""
BESIDE = tuple(name for name in DEFAULTS if name not in (*MAIN, "missing"))
"""Those of them that find other changes of the values than the main statistic."""
JOINT: Mapping[str, JointStatistic] = {each.name: each for each in JOINT_STATISTICS}
"""Comparisons of all features at once."""
STRUCTURAL: Mapping[str, str] = {
    "missing_column": "a feature of the reference that is not among the current columns",
    "empty_reference": "a feature without a value in the reference, and with values now",
    "all_missing": "a feature without a value in the current rows",
    "all_infinite": "a feature with infinite values only",
    "changed_type": "a feature whose current values are of another type",
    "extra_column": "a column that the reference does not have; it makes no verdict",
    "no_rows": "a period without rows; it makes no verdict",
    "first_period": "a period without one before it; it makes no verdict",
}
"""Findings that need no test."""


def find(name: str) -> Statistic:
    """Return a statistic by name.

    Raises
    ------
    NotFound
        The error lists all of them.
    """
    if name not in STATISTICS:
        raise NotFound("statistic", str(name), [*STATISTICS, *PAIRS, *derived_features.NAMES, *JOINT])
    return STATISTICS[name]


def check(names: Iterable[str] | None) -> None:
    """Raise `NotFound` for an unknown statistic of one feature."""
    for name in names or ():
        if name not in derived_features.PARTS and name not in PAIRS:
            find(name)


def weight_of(name: str) -> float:
    """Return the share of the false alarms that a test of the default family may make."""
    known = STATISTICS.get(name) or PAIRS.get(name)
    return known.weight if known is not None else 1.0


def describe(names: Iterable[str], preset: str | None = None) -> dict[str, dict[str, Any]]:
    """Return ``definition``, ``bins``, ``base``, ``empty_bins`` and ``floor`` of each statistic, ``None`` where it has
    none.

    Parameters
    ----------
    preset
        Another tool whose bins and limits were used.
    """
    if preset is not None:
        told = f"as {preset} computes it, with its bins, base and threshold"
        return {name: _entry(told) for name in dict.fromkeys(names)}
    return {name: _described(name) for name in dict.fromkeys(names)}


def _described(name: str) -> dict[str, Any]:
    if name in derived_features.PARTS:
        part = derived_features.PARTS[name]
        return find(part.statistic).to_json() | {"definition": part.definition}
    known = STATISTICS.get(name) or PAIRS.get(name) or JOINT.get(name)
    return known.to_json() if known is not None else _entry(STRUCTURAL.get(name, ""))


def _entry(definition: str) -> dict[str, Any]:
    return {"definition": definition, "bins": None, "base": None, "empty_bins": None, "floor": None}


def points_read(reference: NumericSample) -> FloatArray:
    """Return every point at which a statistic reads the distribution function of a current sample, ascending."""
    readers = dict.fromkeys(each.reads for each in STATISTICS.values() if each.reads is not None)
    points = np.concatenate([reference.values, *(read(reference) for read in readers)])
    return np.unique(points[np.isfinite(points)])
