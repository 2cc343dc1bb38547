"""What came since, read once: its rows and periods, the truth beside them, what was predicted and how surely."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mlops_magics.core.monitoring.comparing import univariate
from mlops_magics.core.monitoring.counting import one_pass
from mlops_magics.core.monitoring.counting.large_table import LargeTable
from mlops_magics.core.monitoring.profiling.profiler import FeatureProfile, ReferenceProfile
from mlops_magics.core.monitoring.reading import tables
from mlops_magics.core.monitoring.reading.column_values import Column
from mlops_magics.core.monitoring.reading.periods import Period
from mlops_magics.core.monitoring.reading.tables import Table
from mlops_magics.core.monitoring.scoring import labels, performance
from mlops_magics.core.monitoring.scoring.performance import Outcomes
from mlops_magics.errors import InvalidInput, MlopsError

PREDICTION = "mlops.prediction"
ESTIMABLE = ("calibration", "loss")  # facts of a profile by which rows without truth can be judged
LONGEST_FAULT = 160
NO_PREDICTION = "the truth is known, but not what was predicted: pass prediction=…, or monitor the prediction log"
NO_TRUTH = "no truth has arrived for these rows yet"


@dataclass(frozen=True, slots=True)
class Current:
    """The current data of one report.

    Attributes
    ----------
    apart
        Columns that are no features: times, truths, predictions, the segment.
    by, moment
        How the periods were cut, and the column with the times.
    refused
        Why the model did not answer the rows, if it was asked and did not.
    counted
        Of data that are not held in memory, a profile of each period, counted at the reference's points.
    probabilities
        As in `mlops_magics.performance`.
    """

    table: Table
    windows: tuple[Period, ...]
    truth: labels.Truth | None
    prediction: Column | None
    probabilities: Mapping[str, Any] | str | None
    apart: frozenset[str]
    by: Any = None
    moment: str | None = None
    notes: tuple[str, ...] = ()
    refused: str = ""
    counted: tuple[ReferenceProfile, ...] | None = None

    def within(self, windows: Sequence[Period]) -> Current:
        """Return the same with other windows, such as those of a segment."""
        return replace(self, windows=tuple(windows))

    def inside(self, chosen: np.ndarray[Any, np.dtype[np.bool_]]) -> Current:
        """Return the rows of a mask ``(n_samples,)``, period by period."""
        positions = np.arange(self.table.rows)
        held = [positions[window.rows] for window in self.windows]
        parts = [rows[chosen[rows]] for rows in held]
        return self.within([replace(window, rows=rows, n=len(rows)) for window, rows in zip(self.windows, parts)])

    def chances(self, *answers: Column | None) -> dict[str, Column] | None:
        """Return the probability of each class, where it is known."""
        return performance.probability_columns(self.table, self.probabilities, *answers)

    def outcomes(self) -> Outcomes | str | None:
        """Return truths beside predictions; ``None`` without truths, and a sentence where they cannot be scored."""
        if self.truth is None:
            return None
        if self.prediction is None:
            return self.refused or NO_PREDICTION
        if self.truth.column.missing() == len(self.truth.column):
            return NO_TRUTH
        chances = self.chances(self.truth.column, self.prediction)
        return performance.outcomes_of(self.truth.column, self.prediction, chances)


def read(
    profile: ReferenceProfile,
    table: Table,
    *,
    data: Any,
    truth: Any = None,
    prediction: Any = None,
    on: str | Sequence[str] | None = None,
    by: Any = None,
    timestamp: str | None = None,
    probabilities: Any = None,
    segment: str | None = None,
    like: Mapping[str, FeatureProfile] | None = None,
    by_row: bool = False,
) -> Current:
    """Read the current data; most parameters are those of `mlops_magics.core.monitoring.monitor`.

    Parameters
    ----------
    data
        What the table was read from, for the model.
    like
        The reference's features, at whose points data too large for memory are counted; by default the profile's.
    by_row
        Whether single rows are looked at, though neither truth nor prediction is known.
    """
    known, moment = labels.align(table, truth, on), _moment(table, by, timestamp)
    named = (moment, truth, prediction, segment, on, probabilities)
    apart = {name for name in named if isinstance(name, str)} | (set(on) if isinstance(on, list | tuple) else set())
    apart -= set(profile.features)
    kept = known is not None or by_row or segment is not None or _is_predicted(table, prediction)
    windows, counts = _cut(table, like or profile.features, by, moment, apart, kept)
    current = Current(
        table,
        windows,
        known,
        None if callable(prediction) else _predicted(table, prediction),
        None if callable(probabilities) else probabilities,
        frozenset(apart),
        by,
        moment,
        _timeless(table, windows, moment),
        counted=counts,
    )
    wanted = known is not None or any(fact in profile.facts for fact in ESTIMABLE)
    return _asked(current, profile, data, prediction, probabilities) if callable(prediction) and wanted else current


def _moment(table: Table, by: Any, timestamp: str | None) -> str | None:
    if isinstance(table, LargeTable):
        return one_pass.used_as_time(table.data, by, timestamp)
    return univariate.used_as_time(table, by, timestamp)


def _is_predicted(table: Table, prediction: Any) -> bool:
    return not callable(prediction) and (prediction is not None or PREDICTION in table.names)


def _cut(
    table: Table, like: Mapping[str, FeatureProfile], by: Any, moment: str | None, apart: set[str], kept: bool
) -> tuple[tuple[Period, ...], tuple[ReferenceProfile, ...] | None]:
    """Cut into periods; of data too large for memory count each, and keep which rows it has where they are needed."""
    if not isinstance(table, LargeTable):
        return tuple(univariate.windows_of(table, by, moment)), None
    found = one_pass.by_period(table.data, like, by, moment, apart)
    passed = tuple(period for period, _ in found)
    return tuple(univariate.windows_of(table, by, moment)) if kept else passed, tuple(counts for _, counts in found)


def _timeless(table: Table, windows: tuple[Period, ...], moment: str | None) -> tuple[str, ...]:
    """Say how many rows are in no period, because their time is not known."""
    left = table.rows - sum(window.n for window in windows)
    return (f"{left:,} of {table.rows:,} rows have no time in {moment!r}; they are in no period",) if left else ()


def _predicted(table: Table, given: Any) -> Column | None:
    if given is None:
        return table.column(PREDICTION) if PREDICTION in table.names else None
    return _per_row(table, performance.column_named(table, given, "prediction"))


def _per_row(table: Table, column: Column) -> Column:
    if len(column) != table.rows:
        raise InvalidInput(f"There are {len(column)} predictions for {table.rows} rows; give one per row.")
    return column


def _asked(
    current: Current,
    profile: ReferenceProfile,
    data: Any,
    predict: Callable[[Any], Any],
    probabilities: Callable[[Any], Mapping[str, Any] | None] | Any,
) -> Current:
    """Let the model answer; data that it cannot answer are told, and stop nothing else."""
    table = current.table
    if isinstance(table, LargeTable):
        told = f"the model was not asked: {table.rows:,} rows are more than fit into memory. To fix it: prediction='…'"
        return replace(current, refused=told)
    lacking = [name for name in profile.features if name not in table.names]
    if lacking or not table.rows:
        told = f"the model was not asked: the rows have no {', '.join(lacking[:3])}" if lacking else ""
        return replace(current, refused=told)
    rows = _rows_of(table, data, list(profile.features))
    try:
        answers = _per_row(table, tables.column_of("prediction", predict(rows)))
        chances = probabilities(rows) if callable(probabilities) else current.probabilities
    except Exception as fault:  # whatever the user's model raises at rows that are not like its training data
        if isinstance(fault, MlopsError) and current.truth is not None:
            raise
        told = " ".join(str(fault).split())[:LONGEST_FAULT]
        return replace(current, refused=f"the model cannot answer these rows: {type(fault).__name__}: {told}")
    return replace(current, prediction=answers, probabilities=chances)


def _rows_of(table: Table, data: Any, names: list[str]) -> Any:
    import pandas as pd

    return data[names] if isinstance(data, pd.DataFrame) else pd.DataFrame({n: tables.raw(table, n) for n in names})
