"""The options of a monitor report, in one record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from difflib import get_close_matches
from typing import Any

from mlops_magics.core.monitoring.reading import period_names
from mlops_magics.core.monitoring.reading.row_groups import RowRelations
from mlops_magics.core.monitoring.scoring import metrics, performance
from mlops_magics.core.monitoring.scoring.model_task import KINDS, Kind, ModelTask
from mlops_magics.core.monitoring.scoring.outcomes import Asked
from mlops_magics.core.monitoring.statistics.declarations import JOINT
from mlops_magics.errors import InvalidInput


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitorOptions:
    """The options of a report.

    Attributes
    ----------
    truth, on
        The truth: a column's name, values in the order of the rows, or a frame joined by ``on`` (the log's request
        id).
    prediction
        The predictions: a column's name, values in order, or a function of the features, called only when there is
        a truth to compare with or an estimate to make. By default the log's column.
    by, timestamp
        Periods, and the column that holds the times.
    statistics, preset, metrics
        As in `mlops_magics.drift` and `mlops_magics.performance`.
    probabilities
        As in `mlops_magics.performance`, or a function of the features that returns a mapping of labels to values.
    reference
        ``"fixed"`` (the profile), ``"previous"``, ``"rolling:4"``, or a frame or path to compare with instead.
    positive, kind
        The positive class, and the kind of task, in place of those that were recorded with the version.
    smaller_is_better
        Names of metrics of one's own that are better when they are smaller.
    segment
        A column by whose values drift and performance are also given (``report.segment_drift``, ``report.segments``).
    by_group, block, seasonal
        The dependence between rows, as in `mlops_magics.drift`.
    detect
        Streaming detectors that read the errors in order of time: ``adwin``, ``page_hinkley``, ``ddm``.
    """

    truth: Any = None
    on: str | Sequence[str] | None = None
    prediction: Any = None
    by: Any = None
    timestamp: str | None = None
    statistics: Sequence[str] | str | None = None
    preset: str | None = None
    metrics: Any = None
    probabilities: Any = None
    positive: Any = None
    kind: Kind | None = None
    smaller_is_better: Sequence[str] = ()
    reference: Any = None
    segment: str | None = None
    by_group: str | Sequence[str] | None = None
    block: Any = None
    seasonal: str | None = None
    detect: Sequence[str] | str | None = None

    @classmethod
    def of(cls, **given: Any) -> MonitorOptions:
        """Return the record of keyword arguments.

        Raises
        ------
        InvalidInput
            The option is unknown. The message names the nearest one.
        """
        known = [each.name for each in fields(cls)]
        unknown = [name for name in given if name not in known]
        if unknown:
            near = get_close_matches(unknown[0], known, 1)
            hint = f" Did you mean {near[0]!r}?" if near else f" Known: {', '.join(known)}."
            raise InvalidInput(f"monitor has no option {unknown[0]!r}.{hint}")
        return cls(**{**given, "by": period_names.named(given.get("by"))})

    @property
    def relations(self) -> RowRelations:
        """The dependence between rows."""
        return RowRelations.of(self.by_group, self.block, self.seasonal)

    @property
    def names(self) -> list[str] | None:
        """The statistics of single features, or ``None`` for the calibrated default."""
        asked = self._requested()
        return None if asked is None else [name for name in asked if name not in JOINT]

    @property
    def joint(self) -> list[str]:
        """The statistics of all features at once."""
        return [name for name in self._requested() or () if name in JOINT]

    @property
    def measures(self) -> list[Any] | None:
        """The metrics, or ``None`` for those of the task."""
        return performance.listed(self.metrics)

    def task(self, recorded: ModelTask | None) -> Asked:
        """Return the facts of the task that are known before the rows are read.

        Raises
        ------
        InvalidInput
            The kind is unknown, or the positive class is not one of the model's.
        """
        if self.kind is not None and self.kind not in KINDS:
            raise InvalidInput(f"kind is {' or '.join(map(repr, KINDS))}, not {self.kind!r}.")
        partitions = metrics.are_of_partitions(self.measures)
        if recorded is not None and self.kind in (None, recorded.kind):
            return Asked(recorded.with_positive(self.positive), partitions=partitions)
        return Asked(None, self.kind, self.positive, metrics.kind_of(self.measures), partitions)

    def _requested(self) -> list[str] | None:
        if self.statistics is None:
            return None
        return [self.statistics] if isinstance(self.statistics, str) else list(self.statistics)
