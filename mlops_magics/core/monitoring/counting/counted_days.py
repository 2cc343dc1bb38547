"""A log that is larger than memory, as the counts of its days: the table of a report that holds no rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NoReturn

from mlops_magics.core.log_columns import TIMESTAMP
from mlops_magics.core.monitoring.counting.day_counts import DayCounts
from mlops_magics.core.monitoring.counting.large_table import LargeTable
from mlops_magics.core.monitoring.counting.tallies import ObservedCounts
from mlops_magics.core.monitoring.profiling.feature_profile import Features
from mlops_magics.core.monitoring.reading.column_values import Column
from mlops_magics.errors import InvalidInput


class CountedDays(LargeTable):
    """Named columns whose rows passed by, day by day.

    Parameters
    ----------
    count
        Counts the days at the points of a reference's features.
    names
        The model's features.
    what
        The log, for messages.
    """

    def __init__(self, count: Callable[[Features], DayCounts], names: Iterable[str], what: str) -> None:
        self._count, self._what = count, what
        self.data: Any = self
        self.names, self.rows = (TIMESTAMP, *names), 0
        self.notes = (f"{what} is larger than memory: {NO_ROWS}",)

    def moment(self, by: Any, timestamp: str | None) -> str | None:
        """Return the column with the times."""
        return TIMESTAMP if by is not None else None

    def by_period(self, like: Features, by: Any) -> tuple[ObservedCounts, ObservedCounts]:
        """Return features and answers, period by period.

        Raises
        ------
        InvalidInput
        """
        counts = self._count(like)
        found, answers = counts.observed(by)
        self.rows = found.rows + (counts.timeless + found.times.far if by is not None else 0)
        return found, answers

    def column(self, name: str) -> Column:
        """Refuse to return a column.

        Raises
        ------
        InvalidInput
        """
        self._refuse(name)

    def series(self, name: str) -> Any:
        """Refuse to return a column, as `column`."""
        self._refuse(name)

    def arrow(self, name: str) -> Any:
        """Refuse to return a column, as `column`."""
        self._refuse(name)

    def _refuse(self, name: str) -> NoReturn:
        raise InvalidInput(
            f"{self._what} is larger than memory and counted day by day, so the rows of {name!r} are not known. "
            "Pass fewer rows: data=FRAME."
        )


NO_ROWS = "features and predictions are counted day by day, and performance is not measured. For it pass data=FRAME"
