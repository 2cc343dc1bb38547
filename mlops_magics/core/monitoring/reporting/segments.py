"""The parts of the data that a column names: the drift of each against the same part of the reference, and its
performance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from mlops_magics.core.monitoring.comparing import findings, univariate
from mlops_magics.core.monitoring.comparing.findings import Finding
from mlops_magics.core.monitoring.profiling import derived_features, profile_json, profiler
from mlops_magics.core.monitoring.profiling.profiler import FeatureProfile, ReferenceProfile
from mlops_magics.core.monitoring.reading import tables
from mlops_magics.core.monitoring.reading.column_values import Column, as_categorical
from mlops_magics.core.monitoring.reading.tables import Table
from mlops_magics.core.monitoring.reporting import measured, reference_choice
from mlops_magics.core.monitoring.reporting.current import Current
from mlops_magics.core.monitoring.reporting.reference_choice import Reference
from mlops_magics.core.monitoring.scoring import performance as scoring
from mlops_magics.errors import InvalidInput

if TYPE_CHECKING:
    import pandas as pd

FACT = "segments"
MOST = 50  # segments that are looked at, the largest first
COARSE = 128  # bins of a feature in a stored segment: there are many of them, with fewer rows each
Features = Mapping[str, FeatureProfile]


@dataclass(slots=True)
class Found:
    """What was found of the segments."""

    drift: list[tuple[str, Finding]] = field(default_factory=list)
    performance: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def stored(X: Any, columns: list[str]) -> dict[str, Any]:
    """Return the facts of a profile by which segments can be compared later: a smaller profile per value.

    Parameters
    ----------
    X
        The training data ``(n_samples, n_features)``; the columns that name segments are among them.
    """
    table = tables.read(X)
    return {FACT: {name: _profiles(table, name) for name in columns}} if columns else {}


def _profiles(table: Table, name: str) -> dict[str, Any]:
    column = as_categorical(scoring.column_named(table, name, "segment"))
    chosen = _largest(column)[:MOST]
    return {
        label: profile_json.to_json(
            ReferenceProfile(
                {
                    each: _coarse(derived_features.recognised(table.column(each)).take(column.values == code))
                    for each in univariate.feature_names(table)
                    if each != name
                },
                int(np.count_nonzero(column.values == code)),
            )
        )
        for code, label in chosen
    }


def _coarse(column: Column) -> FeatureProfile:
    whole = profiler.of_column(column)
    return FeatureProfile(whole.name, whole.kind, whole.native, profiler.condensed(whole.sample, COARSE), whole.parts)


def _largest(column: Column) -> list[tuple[int, str]]:
    """Return codes and labels that occur, the most frequent first."""
    counts = column.counts()
    order = sorted(range(len(column.labels)), key=lambda code: (-int(counts[code]), column.labels[code]))
    return [(code, column.labels[code]) for code in order if counts[code]]


def looked_at(
    name: str,
    profile: ReferenceProfile,
    reference: Reference,
    current: Current,
    statistics: list[str] | None,
    metrics: Any,
) -> Found:
    """Compare and score each segment by itself.

    Parameters
    ----------
    name
        The column whose values are the segments.
    """
    column = as_categorical(scoring.column_named(current.table, name, "segment"))
    found, all_of_them = Found(), _largest(column)
    known = _references(name, profile, reference)
    if known is None and not reference.depth:
        found.notes.append(
            f"drift by {name} needs the training rows: pass them as reference, or pin with --segments {name}"
        )
    for code, label in all_of_them[:MOST]:
        part = current.inside(column.values == code)
        found.performance += [{"segment": label, **record} for record in measured.measured(part, metrics)[0]]
        compared = _compared(name, label, profile, reference, known, part, statistics)
        found.drift += [(label, finding) for finding in compared]
        if known is not None and label not in known:
            found.notes.append(f"the reference has no rows in which {name} is {label}")
    if len(all_of_them) > MOST:
        found.notes.append(f"{name} has {len(all_of_them):,} values; the {MOST} most frequent are looked at")
    return found


def _references(name: str, profile: ReferenceProfile, reference: Reference) -> Mapping[str, Features] | None:
    """Return the reference of each segment, from rows or from what was stored; ``None`` where there is none."""
    if reference.rows is not None:
        return _of_rows(name, reference.rows, list(profile.features))
    kept = profile.facts.get(FACT, {}).get(name)
    if reference.depth or kept is None:
        return None
    return {label: profile_json.of_document(document).features for label, document in kept.items()}


def _of_rows(name: str, table: Table, features: list[str]) -> dict[str, Features]:
    if name not in table.names:
        raise InvalidInput(f"The reference has no column {name!r} for the segments.")
    column = as_categorical(table.column(name))
    return {
        label: {
            each: profiler.of_column(
                derived_features.recognised(table.column(each)).take(column.values == code), condense=False
            )
            for each in features
            if each != name
        }
        for code, label in _largest(column)[:MOST]
    }


def _compared(
    name: str,
    label: str,
    profile: ReferenceProfile,
    reference: Reference,
    known: Mapping[str, Features] | None,
    part: Current,
    statistics: list[str] | None,
) -> list[Finding]:
    if reference.depth:
        others = {each: feature for each, feature in profile.features.items() if each != name}
        return reference_choice.compared(Reference(others, reference.depth, from_the_first=False), part, statistics)
    if known is None or label not in known:
        return []
    return univariate.compare_features(known[label], part.table, part.windows, statistics, part.apart | {name})


def to_frame(found: Found) -> pd.DataFrame:
    """Judge the tests of all segments together and tabulate them, the segment first."""
    places = list(dict.fromkeys(label for label, _ in found.drift))
    marked = [replace(each, feature=f"{places.index(label)}:{each.feature}") for label, each in found.drift]
    frame = findings.to_frame(marked)
    apart = frame["feature"].str.partition(":") if len(frame) else None
    frame.insert(0, "segment", [places[int(place)] for place in apart[0]] if apart is not None else [])
    return frame.assign(feature=apart[2]) if apart is not None else frame


def performance_frame(found: Found) -> pd.DataFrame:
    """Tabulate the performance of all segments."""
    import pandas as pd

    return pd.DataFrame(found.performance, columns=["segment", *scoring.PERFORMANCE_COLUMNS])
