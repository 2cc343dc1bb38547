"""The design effects of a comparison, feature by feature, for rows that depend on each other."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from mlops_magics.core.monitoring.profiling.dependence import Dependence
from mlops_magics.core.monitoring.profiling.feature_profile import Features
from mlops_magics.core.monitoring.profiling.row_features import CastColumns, RowFeatures
from mlops_magics.core.monitoring.reading.column_values import IntArray
from mlops_magics.core.monitoring.reading.periods import Period, Rows
from mlops_magics.core.monitoring.reading.row_groups import RowGroups
from mlops_magics.core.monitoring.statistics import design_effect
from mlops_magics.core.monitoring.statistics.design_effect import Components
from mlops_magics.core.monitoring.statistics.sample_distances import INDEPENDENT, Effects


@dataclass(frozen=True)
class GroupedRows:
    """Columns of one side, and the groups of its rows."""

    columns: CastColumns
    groups: RowGroups


@dataclass(frozen=True)
class RowEffects:
    """The design effects of each feature.

    Attributes
    ----------
    current
        All current rows, of every period.
    reference
        Those of the reference, or ``None`` where its groups are not known. They are then taken to be as large as the
        current ones.
    """

    current: GroupedRows
    reference: GroupedRows | None = None
    _known: dict[str, Components] = field(default_factory=dict)

    def of(self, name: str, before: Rows | None, now: Rows, earlier: bool = False) -> Effects:
        """Return the design effects of reference and current rows.

        Parameters
        ----------
        before, now
            The rows of either side, or ``None`` for a reference whose groups are not known.
        earlier
            Whether ``before`` are current rows of earlier periods.
        """
        if name not in self.current.columns.names:
            return INDEPENDENT
        parts = self._components(name)
        codes = self.current.groups.codes
        after = design_effect.effect(parts, codes[now])
        if earlier and before is not None:
            return design_effect.effect(parts, codes[before]), after
        if self.reference is None:
            return self._assumed(parts, codes), after
        return design_effect.effect(
            parts, self.reference.groups.codes[slice(None) if before is None else before]
        ), after

    def _assumed(self, parts: Components, codes: IntArray) -> float:
        sizes = np.bincount(codes - codes.min())
        mean_size = float((sizes.astype(np.float64) ** 2).sum() / max(len(codes), 1))
        # the design effect of an autoregression of the first order
        drawn_out = (1 + parts.phi) / (1 - parts.phi)
        return design_effect.of_multiple(parts, mean_size * drawn_out - 1)

    def _components(self, name: str) -> Components:
        if name not in self._known:
            sides = [(self.current.columns[name], self.current.groups)]
            if self.reference is not None and name in self.reference.columns.names:
                sides.append((self.reference.columns[name], self.reference.groups))
            self._known[name] = design_effect.components(sides)
        return self._known[name]


class Seasons(Protocol):
    """The reference of each period, where a season is compared with itself."""

    def rows(self, window: Period) -> Rows | None:
        """Return the rows that a period is compared with, or ``None`` for a stored profile."""
        ...

    def during(self, window: Period) -> Features:
        """Return the features of the reference in the same weekdays, or hours, in the same shares."""
        ...

    def dependence(self, window: Period) -> Dependence | None:
        """Return the correlations of these rows, or ``None`` where they are not known."""
        ...


class SeasonalReference:
    """The rows of a reference that are like those of a period: of the same weekdays, or hours, and in the same shares.

    Parameters
    ----------
    columns
        The features of the reference.
    reference, current
        The place of each row in the season, ``(n_rows,)``.
    among
        The rows of the reference that may be compared with.
    """

    def __init__(self, columns: CastColumns, reference: IntArray, current: IntArray, among: Rows = slice(None)) -> None:
        self._columns, self._current = columns, current
        self._among = np.arange(len(reference))[among]
        self._reference = reference[self._among]
        self._rows: dict[str, IntArray] = {}
        self._features: dict[str, RowFeatures] = {}

    def rows(self, window: Period) -> IntArray:
        """Return the rows that a period is compared with, ``(n_rows,)``: as many as have the shares of the period."""
        if window.label not in self._rows:
            self._rows[window.label] = self._among[_alike(self._reference, self._current[window.rows])]
        return self._rows[window.label]

    def during(self, window: Period) -> RowFeatures:
        """Return the features of these rows."""
        if window.label not in self._features:
            self._features[window.label] = RowFeatures(self._columns, self.rows(window))
        return self._features[window.label]

    def dependence(self, window: Period) -> Dependence | None:
        """Return the correlations of these rows."""
        return self.during(window).dependence()


def _alike(reference: IntArray, current: IntArray) -> IntArray:
    """Return places of reference rows, spread evenly, such that each place of the season has its current share."""
    wanted = np.bincount(current)
    held = np.bincount(reference, minlength=len(wanted))[: len(wanted)]
    common = (wanted > 0) & (held > 0)
    if not common.any():
        return np.empty(0, dtype=np.int64)
    most = float((held[common] / wanted[common]).min())
    order = np.argsort(reference, kind="stable")
    starts = np.concatenate(([0], np.cumsum(np.bincount(reference))))
    parts = []
    for place in np.flatnonzero(common):
        count = min(round(most * wanted[place]), int(held[place]))
        chosen = (np.arange(count) * held[place]) // max(count, 1)
        parts.append(order[starts[place] + chosen])
    return np.sort(np.concatenate(parts))
