"""The drift of segments against the same part of the reference, and their performance."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from mlops_magics.core.monitoring.comparing import findings
from mlops_magics.core.monitoring.comparing.findings import Finding
from mlops_magics.core.monitoring.profiling import derived_features, profiler
from mlops_magics.core.monitoring.profiling.feature_profile import Features
from mlops_magics.core.monitoring.profiling.reference_profile import ReferenceProfile
from mlops_magics.core.monitoring.profiling.row_features import CastColumns, RowFeatures
from mlops_magics.core.monitoring.reading import features, tables
from mlops_magics.core.monitoring.reading.column_values import MISSING_CODE, Column, as_categorical
from mlops_magics.core.monitoring.reading.tables import Chosen, Table
from mlops_magics.core.monitoring.reporting import measured, reference_choice
from mlops_magics.core.monitoring.reporting.current import Current
from mlops_magics.core.monitoring.reporting.monitor_options import MonitorOptions
from mlops_magics.core.monitoring.reporting.reference_choice import Reference
from mlops_magics.core.monitoring.scoring import metric_score
from mlops_magics.core.monitoring.scoring.metric_score import MetricScore
from mlops_magics.core.monitoring.scoring.probabilities import column_named
from mlops_magics.errors import InvalidInput

if TYPE_CHECKING:
    import pandas as pd

FACT = "segments"
MOST = 50
"""Segments that are compared, the largest first."""
WITHOUT = "(missing)"
"""The segment of rows without a value."""
UNNAMED = "(no value)"
"""The same, where a value has that name."""


@dataclass(slots=True)
class SegmentResults:
    """The findings and scores of the segments, each with the segment's label."""

    drift: list[tuple[str, Finding]] = field(default_factory=list)
    performance: list[tuple[str, MetricScore]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def facts(X: Any, columns: list[str]) -> dict[str, Any]:
    """Return the facts of a profile by which segments can be compared later: a smaller profile per value.

    Parameters
    ----------
    X
        The training data ``(n_samples, n_features)``, with the columns that name segments.
    """
    table = tables.read(X)
    return {FACT: {name: _profiles(table, name) for name in columns}} if columns else {}


def _profiles(table: Table, name: str) -> dict[str, Any]:
    column = _column(table, name)
    others = [each for each in features.feature_names(table) if each != name]
    return {
        label: ReferenceProfile(
            {each: profiler.coarse(table.column(each), column.values == code) for each in others},
            int(np.count_nonzero(column.values == code)),
        ).to_json()
        for code, label in _largest(column)[:MOST]
    }


def _column(table: Table, name: str) -> Column:
    """Return the segment of each row as a category. Rows without a value are a segment of their own.

    Times are named by their day, or by their minute where they are not whole days.
    """
    column = column_named(table, name, "segment")
    column = _dates(column) if column.kind == "datetime" else as_categorical(column)
    names = tuple(dict.fromkeys(column.labels))
    place = np.array([*map({name: code for code, name in enumerate(names)}.get, column.labels), MISSING_CODE])
    codes = place.astype(np.int64)[column.values]  # 1 and "1" are one segment
    if (codes < 0).any():
        codes, names = np.where(codes < 0, len(names), codes), (*names, UNNAMED if WITHOUT in names else WITHOUT)
    return replace(column, values=codes, labels=names)


def _dates(column: Column) -> Column:
    # np.unique takes all NaN for one value
    distinct, codes = np.unique(column.values, return_inverse=True)
    known = np.isfinite(distinct)
    seconds = derived_features.wall_clock(distinct[known], column.zone)
    unit = "D" if not np.mod(seconds, derived_features.DAY).any() else "m"
    # floor, because astype cuts towards zero, which is later for times before 1970
    moments = (np.floor(seconds).astype(np.int64).astype("datetime64[s]")).astype(f"datetime64[{unit}]")
    labels = tuple(str(moment).replace("T", " ") for moment in moments)
    names = tuple(dict.fromkeys(labels))
    code_of = {label: code for code, label in enumerate(names)}
    place = np.array([*map(code_of.get, labels), *[MISSING_CODE] * int((~known).sum())], dtype=np.int64)
    return Column(column.name, "categorical", "string", place[codes], names)


def _largest(column: Column) -> list[tuple[int, str]]:
    """Return codes and labels that occur, the most frequent first."""
    counts = column.counts()
    order = sorted(range(len(column.labels)), key=lambda code: (-int(counts[code]), column.labels[code]))
    return [(code, column.labels[code]) for code in order if counts[code]]


def compare_segments(
    profile: ReferenceProfile, reference: Reference, current: Current, options: MonitorOptions
) -> SegmentResults:
    """Compare and score each segment by itself.

    Parameters
    ----------
    profile, reference
        The stored profile, and the chosen reference.
    current
        The current rows.
    options
        Of the report, with the segmenting column.
    """
    name = str(options.segment)
    column = _column(current.table, name)
    found, all_of_them = SegmentResults(), _largest(column)
    known = _references(name, profile, reference)
    if known is None and not reference.depth:
        found.notes.append(
            f"drift by {name} needs the training rows: pass them as reference, or pin with "
            f"--segments {shlex.quote(name)}"
        )
    for code, label in all_of_them[:MOST]:
        part = current.where(column.values == code)
        found.performance += [(label, score) for score in measured.measure(part, options)[0]]
        if reference.depth:
            others = {each: feature for each, feature in profile.features.items() if each != name}
            # the training profile is of all segments, so a segment's first period has nothing to be compared with
            before = Reference(others, reference.depth, from_the_first=False)
            findings_of_one = reference_choice.compare(before, part, options.names)
        else:
            own = known.get(label, {}) if known is not None else {}
            pairs = own.dependence() if isinstance(own, RowFeatures) else None
            before = Reference(own, rows=reference.rows, dependence=pairs)
            findings_of_one = reference_choice.compare(before, part, options.names) if before.features else []
        found.drift += [(label, finding) for finding in findings_of_one]
        if known is not None and label not in known:
            found.notes.append(f"the reference has no rows in which {name} is {label}")
    if len(all_of_them) > MOST:
        found.notes.append(f"{name} has {len(all_of_them):,} values. The {MOST} most frequent are compared")
    return found


def _references(name: str, profile: ReferenceProfile, reference: Reference) -> Mapping[str, Features] | None:
    """Return the reference of each segment, from rows or from the stored profiles, or ``None`` without one."""
    if reference.rows is not None:
        return _of_rows(name, reference.rows, list(profile.features))
    kept = profile.facts.get(FACT, {}).get(name)
    if reference.depth or kept is None:
        return None
    return {label: ReferenceProfile.from_json(document).features for label, document in kept.items()}


def _of_rows(name: str, table: Table, names: list[str]) -> dict[str, Features]:
    if name not in table.names:
        raise InvalidInput(f"The reference has no column {name!r} for the segments.")
    column = _column(table, name)
    columns = CastColumns(Chosen(table, [each for each in names if each != name]))
    return {
        label: RowFeatures(columns, np.flatnonzero(column.values == code)) for code, label in _largest(column)[:MOST]
    }


def to_frame(found: SegmentResults) -> pd.DataFrame:
    """Decide on the tests of all segments together and tabulate them, the segment first."""
    places = list(dict.fromkeys(label for label, _ in found.drift))
    # the tests of all segments are one family; the place keeps equal features apart while they are decided on
    marked = [replace(each, feature=f"{places.index(label)}:{each.feature}") for label, each in found.drift]
    frame = findings.to_frame(marked)
    apart = frame["feature"].str.partition(":") if len(frame) else None
    details = frame.attrs.pop("details")
    frame.attrs["details"] = {
        (feature, statistic, period, places[int(place)]): detail
        for (whole, statistic, period), detail in details.items()
        for place, _, feature in [whole.partition(":")]
    }
    frame.insert(0, "segment", [places[int(place)] for place in apart[0]] if apart is not None else [])
    return frame.assign(feature=apart[2]) if apart is not None else frame


def performance_frame(found: SegmentResults) -> pd.DataFrame:
    """Tabulate the performance of all segments."""
    import pandas as pd

    frame = metric_score.to_frame(score for _, score in found.performance)
    frame.insert(0, "segment", pd.Series([label for label, _ in found.performance], dtype=object))
    return frame
