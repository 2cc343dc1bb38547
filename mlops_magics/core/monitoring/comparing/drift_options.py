"""The options of a drift comparison, in one record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mlops_magics.core.monitoring.reading.row_groups import NOT_RELATED, RowRelations


@dataclass(frozen=True, slots=True)
class DriftOptions:
    """The options of `mlops_magics.drift`.

    Attributes
    ----------
    statistics
        Names, or ``None`` for the calibrated default.
    categorical
        Numeric features that are really categories.
    by, timestamp
        Periods of the current side, and the column that holds the times.
    relations
        The dependence between rows.
    """

    statistics: tuple[str, ...] | None = None
    categorical: frozenset[str] = frozenset()
    by: Any = None
    timestamp: str | None = None
    relations: RowRelations = NOT_RELATED
