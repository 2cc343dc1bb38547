"""Changes of the correlations between features, which no single feature shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from mlops_magics.core.monitoring.profiling.dependence import Dependence
from mlops_magics.core.monitoring.reading.column_values import FloatArray
from mlops_magics.core.monitoring.statistics import false_discovery
from mlops_magics.core.monitoring.statistics.declaration import Declaration
from mlops_magics.core.monitoring.statistics.floors import CORRELATION_FLOOR
from mlops_magics.core.monitoring.statistics.sample_distances import Effects
from mlops_magics.core.monitoring.statistics.score import Score

NEAR = 1e-6
"""The variance of a row's influence is at least this, because two features that are one have none."""
NEAREST = 1 - 1e-6
"""A correlation nearer to 1 is read as this."""

CORRELATION = Declaration(
    name="correlation",
    definition="largest change of the correlation of normal scores with another feature of numbers, or of two "
    "categories; p of Fisher's z with the variance of the rows, adjusted for the pairs of the feature",
    floor=CORRELATION_FLOOR,
    floor_source="a sixth of the whole scale; see bench/drift_power.py",
    weight=0.2,
    sees="two features of numbers, or of two categories, that no longer go together, or begin to; not a change of one "
    "of them alone",
)


class Change(NamedTuple):
    """The change of one feature's correlations, and the feature with which it no longer correlates as before."""

    score: Score
    partner: str
    before: float
    now: float


def changes(
    reference: Dependence, current: Dependence, effects: Mapping[str, Effects] | None = None
) -> dict[str, Change]:
    """Return the change of the correlations of each feature.

    Parameters
    ----------
    current
        The correlations of the same pairs, or of some of them.
    effects
        The design effects of the features: that of a pair is the smaller one.
    """
    held = {
        frozenset((current.names[a], current.names[b])): place for place, (a, b) in enumerate(current.pairs.tolist())
    }
    names = [(reference.names[a], reference.names[b]) for a, b in reference.pairs.tolist()]
    both = [(place, held[frozenset(pair)]) for place, pair in enumerate(names) if frozenset(pair) in held]
    if not both:
        return {}
    first, second = np.array(both).T
    before, now = reference.correlation[first], current.correlation[second]
    weights = np.ones((2, len(first)))
    if effects:
        of_names = np.array([effects[name] for name in current.names])
        weights = of_names[current.pairs[second]].min(axis=1).T
    p = _p_values(reference.of(first), current.of(second), weights)
    pairs = [names[place] for place in first.tolist()]
    return {name: _of_feature(name, pairs, before, now, p) for name in dict.fromkeys(n for pair in pairs for n in pair)}


def _of_feature(name: str, pairs: list[tuple[str, str]], before: FloatArray, now: FloatArray, p: FloatArray) -> Change:
    """Return the surest change among those of the floor or more, or among all if there is none."""
    own = np.array([place for place, pair in enumerate(pairs) if name in pair])
    moved = np.abs(now[own] - before[own])
    place = int(own[np.lexsort((p[own], moved < CORRELATION_FLOOR))[0]])
    partner = next(other for other in pairs[place] if other != name)
    adjusted = false_discovery.of_smallest(p[place], len(own))
    score = Score(float(abs(now[place] - before[place])), adjusted, CORRELATION_FLOOR)
    return Change(score, partner, float(before[place]), float(now[place]))


def _p_values(before: Dependence, now: Dependence, effects: FloatArray) -> FloatArray:
    """Return the two-sided p-values of Fisher's z (Fisher 1921), with the variance of the rows of both sides
    together.

    Parameters
    ----------
    effects
        The design effects of both sides, ``(2, n_pairs)``.
    """
    from scipy.special import ndtr

    z = [np.arctanh(np.clip(side.correlation, -NEAREST, NEAREST)) for side in (before, now)]
    spread = (before.spread * before.rows + now.spread * now.rows) / (before.rows + now.rows)
    variance = np.maximum(spread, NEAR) * (effects[0] / (before.rows - 3) + effects[1] / (now.rows - 3))
    return np.asarray(2 * ndtr(-np.abs(z[1] - z[0]) / np.sqrt(variance)), dtype=np.float64)
