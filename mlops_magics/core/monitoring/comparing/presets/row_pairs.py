"""Two samples of one feature, in row order, as the other tools see them, and the loop over features and periods."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mlops_magics.core.monitoring.comparing import findings
from mlops_magics.core.monitoring.comparing.drift_options import DriftOptions
from mlops_magics.core.monitoring.comparing.findings import Finding
from mlops_magics.core.monitoring.profiling import profiler, row_features
from mlops_magics.core.monitoring.profiling.reference_profile import ReferenceProfile
from mlops_magics.core.monitoring.profiling.samples import CategorySample, NumericSample
from mlops_magics.core.monitoring.reading import features, tables
from mlops_magics.core.monitoring.reading.column_values import Column
from mlops_magics.core.monitoring.reading.tables import Table
from mlops_magics.errors import InvalidInput

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Pair:
    """Both columns without missing and infinite values, and categories as codes in the order of their labels.

    Attributes
    ----------
    whole
        Both columns hold whole numbers by their type: numpy's automatic bins are then at least 1 wide.
    """

    name: str
    coded: bool
    reference: np.ndarray[Any, Any]
    current: np.ndarray[Any, Any]
    whole: bool = False

    @property
    def n(self) -> int:
        """The number of reference rows."""
        return len(self.reference)

    @property
    def m(self) -> int:
        """The number of current rows."""
        return len(self.current)

    def counts(self) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
        """Count each distinct value of either side, in order."""
        values = np.union1d(self.reference, self.current)
        first, second = (
            np.bincount(np.searchsorted(values, side), minlength=len(values)) for side in (self.reference, self.current)
        )
        return first, second


def rows_of(reference: Any) -> Any:
    """Return the reference as rows. The other tools cannot read a profile, so an exact one is expanded.

    Raises
    ------
    InvalidInput
    """
    if not isinstance(reference, ReferenceProfile):
        return reference
    import pandas as pd

    expanded = {}
    for name, feature in reference.features.items():
        sample = feature.sample
        if isinstance(sample, NumericSample) and (sample.cumulative is None or len(sample.values) < 1024):
            expanded[name] = pd.Series(sample.expanded())
        elif isinstance(sample, CategorySample) and not sample.other:
            expanded[name] = pd.Series(np.repeat(np.array(sample.labels, dtype=object), sample.counts))
        else:
            raise InvalidInput(
                f"This preset needs the reference's rows: the profile of {name!r} holds bins only. Pass the training "
                f"frame (--reference FRAME)."
            )
    return pd.DataFrame(expanded)


def whole_numbers(before: Table, after: Table, name: str) -> bool:
    """Return whether both columns are of an integer type."""
    import pandas as pd

    return all(pd.api.types.is_integer_dtype(tables.raw(table, name).dtype) for table in (before, after))


def paired(reference: Column, current: Column, whole: bool = False) -> Pair:
    """Drop missing and infinite values and give both sides the same codes."""
    if not reference.coded:
        return Pair(reference.name, False, _finite(reference), _finite(current), whole)
    labels = sorted({*reference.labels, *current.labels}, key=float if reference.native == "number" else None)
    place = {label: code for code, label in enumerate(labels)}
    first, second = (
        np.array([place[label] for label in side.labels], dtype=np.int64)[side.values[side.values >= 0]]
        if side.labels
        else np.empty(0, np.int64)
        for side in (reference, current)
    )
    return Pair(reference.name, True, first, second)


def _finite(column: Column) -> np.ndarray[Any, Any]:
    return np.asarray(column.values[np.isfinite(column.values)])


def tabulate(
    reference: Any, current: Any, how: DriftOptions, compare: Callable[[Pair, str], Iterable[Finding]]
) -> pd.DataFrame:
    """Compare feature by feature and period by period, with the verdicts of ``compare`` and not ours.

    A feature that is missing or of another type has a row that names it, where the other tools drop it or stop.

    Parameters
    ----------
    reference, current
        The rows of both sides.
    how
        The options of the comparison.
    compare
        Yields the findings of a pair of columns in a period.
    """
    rows = rows_of(reference)
    before, after = tables.read(rows), tables.read(current)
    windows = features.windows_of(after, how.by, how.timestamp)
    ignored = features.time_column(after, how.by, how.timestamp)
    found: list[Finding] = []
    for name, profile in row_features.of_table(rows, how.categorical).items():
        if name == ignored:
            continue
        if name not in after.names:
            found += [findings.missing_column(profile, window) for window in windows]
            continue
        column = profiler.cast_like(profile.type, after.column(name))
        first = tables.column_as(before, name, name in how.categorical)
        whole = not first.coded and whole_numbers(before, after, name)
        for window in windows:
            part = column.take(window.rows)
            issue = findings.structural_issue(profile, profiler.of_values(part), window)
            pair = None if issue else paired(first, part, whole)
            found += [issue] if issue else compare(pair, window.label) if pair is not None and pair.m else []
    return findings.to_frame(found)
