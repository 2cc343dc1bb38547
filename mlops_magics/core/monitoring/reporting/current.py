"""The current data of a report: rows, periods, labels, predictions and probabilities."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from mlops_magics.core.log_columns import PREDICTION
from mlops_magics.core.monitoring.comparing import dependence_notes, related_rows, univariate
from mlops_magics.core.monitoring.counting import one_pass
from mlops_magics.core.monitoring.counting.counted_days import CountedDays
from mlops_magics.core.monitoring.counting.large_table import LargeTable
from mlops_magics.core.monitoring.profiling.feature_profile import Features
from mlops_magics.core.monitoring.profiling.observed import Observed
from mlops_magics.core.monitoring.profiling.reference_profile import ReferenceProfile
from mlops_magics.core.monitoring.profiling.row_features import ObservedRows
from mlops_magics.core.monitoring.reading import features, row_groups, tables
from mlops_magics.core.monitoring.reading.column_values import Column
from mlops_magics.core.monitoring.reading.periods import Period
from mlops_magics.core.monitoring.reading.row_groups import NOT_RELATED, RowGroups, RowRelations
from mlops_magics.core.monitoring.reading.tables import Table
from mlops_magics.core.monitoring.reporting import recorded_task
from mlops_magics.core.monitoring.reporting.monitor_options import MonitorOptions
from mlops_magics.core.monitoring.scoring import labels, outputs, performance, probabilities
from mlops_magics.core.monitoring.scoring.outcomes import Asked, Outcomes, Predictions
from mlops_magics.core.monitoring.scoring.outputs import Outputs
from mlops_magics.errors import InvalidInput, MlopsError

ESTIMABLE = ("calibration", "loss")
"""Facts of a profile from which the performance of rows without truth can be estimated."""
LONGEST_FAULT = 160
"""Characters of a model's error that are reported."""
NO_PREDICTION = "the truth is known, but not the predictions: pass prediction=…, or monitor the prediction log"
NO_TRUTH = "no truth has arrived for these rows yet"


@dataclass(frozen=True)
class Current:
    """The current data of one report.

    Attributes
    ----------
    truth, predictions
        One column per output, or ``None`` where they are not known.
    probabilities
        As in `mlops_magics.performance`.
    asked
        The known facts of the task, recorded with the version or given.
    non_features
        Columns that are not features: times, truths, predictions, the segment.
    by, moment
        The unit of the periods, and the column with the times.
    refused
        The reason why the model did not predict the rows, if it was called and failed.
    relations
        The dependence between rows.
    counted
        Of data that are not held in memory, the counts of each period at the reference's points.
    counted_roles
        The same of the answers, where they were counted too.
    limited
        The metrics that have a limit, which are computed beside those that are requested.
    """

    table: Table
    windows: tuple[Period, ...]
    truth: labels.Truth | None
    predictions: Mapping[str, Column] | None
    probabilities: Any
    asked: Asked
    non_features: frozenset[str]
    by: Any = None
    moment: str | None = None
    notes: tuple[str, ...] = ()
    refused: str = ""
    relations: RowRelations = NOT_RELATED
    counted: Observed | None = None
    counted_roles: Observed | None = None
    limited: tuple[str, ...] = ()

    @cached_property
    def groups(self) -> RowGroups | None:
        """Return the groups of the rows, or ``None`` where rows do not depend on each other."""
        if not self.relations.grouped:
            return None
        names = [name for name in features.feature_names(self.table) if name not in self.non_features]
        return row_groups.read(self.table, self.relations, self.moment, names)

    @property
    def prediction(self) -> Column | None:
        """The predictions of the only output, or ``None`` where there are none, or several outputs."""
        held = list((self.predictions or {}).values())
        return held[0] if len(held) == 1 else None

    def observe(self, like: Features) -> Observed:
        """Return the features, cast to the kinds of a reference."""
        if self.counted is not None:
            return self.counted
        own = univariate.without(like, self.non_features)
        windows = dependence_notes.counted_once(self.table, self.windows, own, self.relations)
        return ObservedRows(self.table, windows, like, self.non_features)

    def where(self, chosen: np.ndarray[Any, np.dtype[np.bool_]]) -> Current:
        """Return the rows of a mask ``(n_samples,)``, period by period."""
        # the rows of a period are a slice or indices, and indexing makes indices of both
        positions = np.arange(self.table.rows)
        held = [positions[window.rows] for window in self.windows]
        parts = [rows[chosen[rows]] for rows in held]
        windows = tuple(replace(window, rows=rows, n=len(rows)) for window, rows in zip(self.windows, parts))
        # counts of whole periods cannot be divided
        return replace(self, windows=windows, counted=None)

    def digest(self, window: Period) -> str:
        """Return a text that distinguishes the answered rows of a period from others, empty without answers."""
        columns = [*(self.truth.columns if self.truth else {}).values(), *(self.predictions or {}).values()]
        if not columns:
            return ""
        found = hashlib.blake2b(digest_size=8)
        for column in columns:
            # it is kept on the board: Python's own hash differs between processes
            found.update(np.ascontiguousarray(column.exact[window.rows]).tobytes())
        return found.hexdigest()

    @cached_property
    def outcomes(self) -> Outcomes | Outputs | str | None:
        """Return truths and predictions, a sentence where they cannot be scored, or ``None`` without truths."""
        if self.truth is None:
            return None
        if self.predictions is None:
            return self.refused or NO_PREDICTION
        if not self.truth.known().any():
            return NO_TRUTH
        try:
            pairs = outputs.paired(dict(self.truth.columns), dict(self.predictions))
            return performance.read(self.table, pairs, self.probabilities, self.asked)
        except InvalidInput as fault:
            return f"performance was not measured: {fault}"

    @cached_property
    def answered(self) -> Predictions | None:
        """Return the predictions without truth, or ``None`` where there are none, or several outputs."""
        if self.prediction is None:
            return None
        try:
            found = performance.read(self.table, [("", None, self.prediction)], self.probabilities, self.asked)
        except InvalidInput:  # `outcomes` reports it where there is a truth
            return None
        return found.predictions if isinstance(found, Outcomes) else None


def read(profile: ReferenceProfile, table: Table, data: Any, options: MonitorOptions, like: Features) -> Current:
    """Read the current data.

    Parameters
    ----------
    data
        The source of the table, for the model.
    like
        The reference's features, at whose points data too large for memory are counted.

    Raises
    ------
    InvalidInput
        An option is not valid for these data.
    """
    recorded = recorded_task.of_profile(profile)
    probabilities.check_columns(table, options.probabilities)
    names = recorded.outputs if recorded is not None else ()
    known, moment = labels.align(table, options.truth, options.on, names), _time_column(table, options)
    # a role that the model also reads stays a feature: its drift matters to the model
    apart = _non_features(profile, options, moment)
    by_row = known is not None or bool(options.detect) or options.segment is not None
    kept = by_row or _is_predicted(table, options.prediction)
    windows, unplaced, counts, roles = _periods(table, like, options.by, moment, apart, kept)
    current = Current(
        table,
        windows,
        known,
        None if callable(options.prediction) else _predicted(table, options.prediction, names),
        None if callable(options.probabilities) else options.probabilities,
        options.task(recorded),
        apart,
        options.by,
        moment,
        (*unplaced, *(table.notes if isinstance(table, LargeTable) else ())),
        relations=options.relations,
        counted=counts,
        counted_roles=roles,
    )
    wanted = known is not None or any(fact in profile.facts for fact in ESTIMABLE)
    return _with_answers(current, profile, data, options) if callable(options.prediction) and wanted else current


def _non_features(profile: ReferenceProfile, options: MonitorOptions, moment: str | None) -> frozenset[str]:
    roles = (moment, options.truth, options.prediction, options.segment, options.on, options.probabilities)
    given: tuple[Any, ...] = (*roles, options.by_group)
    listed = [name for each in given if isinstance(each, list | tuple) for name in each]
    named = [name for name in (*given, *listed) if isinstance(name, str)]
    named += (
        [name for name in (options.probabilities or {}).values() if isinstance(name, str)]
        if isinstance(options.probabilities, dict)
        else []
    )
    return frozenset(named) - set(profile.features)


def _time_column(table: Table, options: MonitorOptions) -> str | None:
    """Return the column with the times.

    Raises
    ------
    InvalidInput
        Rows that depend on each other are not held in memory.
    """
    if options.relations and options.preset is not None:
        raise InvalidInput("by_group, block and seasonal are not options of a preset.")
    if isinstance(table, LargeTable):
        related_rows.check_one_pass(options.relations, options.by, options.reference)
        if isinstance(table, CountedDays):
            return table.moment(options.by, options.timestamp)
        return one_pass.time_column(table.data, options.by, options.timestamp)
    if options.relations:
        return related_rows.time_column(table, options.relations, options.by, options.timestamp)
    return features.time_column(table, options.by, options.timestamp)


def _is_predicted(table: Table, prediction: Any) -> bool:
    return not callable(prediction) and (prediction is not None or PREDICTION in table.names)


def _periods(
    table: Table, like: Features, by: Any, moment: str | None, apart: frozenset[str], kept: bool
) -> tuple[tuple[Period, ...], tuple[str, ...], Observed | None, Observed | None]:
    """Cut into periods, with notes on rows that are in none. Of data too large for memory, count each and keep which
    rows it has where they are needed."""
    if isinstance(table, CountedDays):
        found, answers = table.by_period(like, by)
        notes = found.times.notes(moment, table.rows, found.windows)
        return found.windows, notes, found, answers if answers.names else None
    if not isinstance(table, LargeTable):
        windows, notes = features.cut(table, by, moment)
        return tuple(windows), notes, None, None
    counts = one_pass.by_period(table.data, like, by, moment, apart)
    if kept:
        windows, notes = features.cut(table, by, moment)
        return tuple(windows), notes, counts, None
    return counts.windows, counts.times.notes(moment, table.rows, counts.windows), counts, None


def _predicted(table: Table, given: Any, names: Sequence[str]) -> Mapping[str, Column] | None:
    if given is None:
        return _logged(table, names) if PREDICTION in table.names else None
    return _per_row(table, outputs.columns_of(table, given, "prediction"))


def _logged(table: Table, names: Sequence[str]) -> Mapping[str, Column]:
    """Return the log's predictions, with one list per row for several outputs."""
    if len(names) < 2:
        return {"prediction": table.column(PREDICTION)}
    values = [list(row) if row is not None else [None] * len(names) for row in tables.raw(table, PREDICTION)]
    return {name: tables.column_of(name, [row[place] for row in values]) for place, name in enumerate(names)}


def _per_row(table: Table, columns: Mapping[str, Column]) -> Mapping[str, Column]:
    for column in columns.values():
        if len(column) != table.rows:
            raise InvalidInput(f"There are {len(column)} predictions for {table.rows} rows. Give one per row.")
    return columns


def _with_answers(current: Current, profile: ReferenceProfile, data: Any, options: MonitorOptions) -> Current:
    """Let the model predict, and report a failure without stopping anything else."""
    table = current.table
    if isinstance(table, LargeTable):
        told = f"the model was not called: {table.rows:,} rows are more than fit into memory. To fix it: prediction='…'"
        return replace(current, refused=told)
    lacking = [name for name in profile.features if name not in table.names]
    if lacking or not table.rows:
        told = f"the model was not called: the rows have no {', '.join(lacking[:3])}" if lacking else ""
        return replace(current, refused=told)
    rows = _rows_of(table, data, list(profile.features))
    try:
        answers = _per_row(table, outputs.columns_of(table, options.prediction(rows), "prediction"))
        chances = options.probabilities(rows) if callable(options.probabilities) else current.probabilities
    except Exception as fault:  # the user's model may raise any error at rows that are not like its training data
        if isinstance(fault, MlopsError) and current.truth is not None:
            raise
        told = " ".join(str(fault).split())[:LONGEST_FAULT]
        return replace(current, refused=f"the model cannot answer these rows: {type(fault).__name__}: {told}")
    return replace(current, predictions=answers, probabilities=chances)


def _rows_of(table: Table, data: Any, names: Sequence[str]) -> Any:
    import pandas as pd

    return data[names] if isinstance(data, pd.DataFrame) else pd.DataFrame({n: tables.raw(table, n) for n in names})
