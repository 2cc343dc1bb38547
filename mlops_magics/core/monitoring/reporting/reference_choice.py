"""Which reference the current data are compared with: training, the periods before, or rows of one's own."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from mlops_magics.core.monitoring.comparing import findings, frames, univariate
from mlops_magics.core.monitoring.comparing.findings import Finding
from mlops_magics.core.monitoring.counting import one_pass
from mlops_magics.core.monitoring.profiling import merging, profiler
from mlops_magics.core.monitoring.profiling.profiler import FeatureProfile, ReferenceProfile
from mlops_magics.core.monitoring.reading import tables
from mlops_magics.core.monitoring.reading.column_values import Column
from mlops_magics.core.monitoring.reading.periods import Period
from mlops_magics.core.monitoring.reading.tables import Table
from mlops_magics.core.monitoring.reporting.current import Current
from mlops_magics.errors import InvalidInput

if TYPE_CHECKING:
    import pandas as pd

_ROLLING = re.compile(r"rolling:(\d+)")
FIXED = (None, "fixed")


@dataclasses.dataclass(frozen=True, slots=True)
class Reference:
    """What to compare with.

    Attributes
    ----------
    features
        The distribution of each feature of the model.
    depth
        How many earlier periods take its place; 0 for none.
    rows
        The rows behind it, where somebody gave them.
    from_the_first
        Whether ``features`` are the reference of the first period, which has none before it.
    """

    features: Mapping[str, FeatureProfile]
    depth: int = 0
    rows: Table | None = None
    from_the_first: bool = True


def chosen(given: Any, profile: ReferenceProfile, condensed: bool = False) -> Reference:
    """Return what ``reference`` names.

    Parameters
    ----------
    given
        ``None`` or ``"fixed"``: the profile that was stored with the version. ``"previous"`` or ``"rolling:4"``: the
        one or four periods before, with rows (the first period has none, and is compared with the profile). Else a
        frame, a path or a profile.
    condensed
        Keep a profile of given rows instead of them: what is compared with it will be counted at its points.

    Raises
    ------
    InvalidInput
        Another word, or rows that lack a feature of the model.
    """
    depth = _depth(given)
    if depth or (isinstance(given, str) and given == "fixed") or given is None:
        return Reference(profile.features, depth)
    if isinstance(given, str) and "." not in given:
        raise InvalidInput(f"Unknown reference {given!r}. Known: fixed, previous, rolling:N, a frame, or a path.")
    if isinstance(given, ReferenceProfile):
        return Reference(_of_model(given.features, profile))
    if condensed or one_pass.is_large(given):
        return Reference(_of_model(profiler.profile(given).features, profile))
    rows = tables.read(given)
    return Reference(_of_model(univariate.references_of(rows), profile), rows=rows)


def _of_model(features: Mapping[str, FeatureProfile], profile: ReferenceProfile) -> Mapping[str, FeatureProfile]:
    """Keep the features of the model; the target, an id and the like are none."""
    lacking = [name for name in profile.features if name not in features]
    if lacking:
        raise InvalidInput(
            f"The reference has no column {lacking[0]!r}, which the model reads. It has: {', '.join(features)}."
        )
    return {name: features[name] for name in profile.features}


def _depth(reference: Any) -> int:
    if not isinstance(reference, str):
        return 0
    rolling = _ROLLING.fullmatch(reference)
    if rolling and int(rolling[1]) < 1:
        raise InvalidInput("A rolling reference needs at least one period: rolling:4 for example.")
    return 1 if reference == "previous" else int(rolling[1]) if rolling else 0


def compared(reference: Reference, current: Current, statistics: list[str] | None) -> list[Finding]:
    """Compare each period with the reference, feature by feature."""
    if current.counted is not None:
        return list(_counted(reference, current, current.counted, statistics))
    if not reference.depth:
        return univariate.compare_features(
            reference.features, current.table, current.windows, statistics, current.apart
        )
    return [
        finding
        for feature in reference.features.values()
        for finding in _against_earlier(feature, reference, current, statistics)
    ]


def _counted(
    reference: Reference, current: Current, profiles: Sequence[ReferenceProfile], statistics: list[str] | None
) -> Iterator[Finding]:
    """Compare what was counted in each period."""
    features = {name: each for name, each in reference.features.items() if name not in current.apart}
    pairs = list(zip(current.windows, profiles))
    if not reference.depth:
        yield from univariate.findings_of_profiles(features, pairs, statistics)
        return
    for name, feature in features.items():
        earlier: list[FeatureProfile] = []
        for window, counts in pairs:
            held = {each: counts.features[each] for each in (name,) if each in counts.features}
            if earlier or reference.from_the_first:
                before = _together(earlier[-reference.depth :]) if earlier else feature
                alone = dataclasses.replace(counts, features=held)
                yield from univariate.findings_of_profiles({name: before}, [(window, alone)], statistics)
            else:
                yield Finding(name, "first_period", window.label, 0, window.n)
            earlier += held.values() if window.n else []


def _together(earlier: Sequence[FeatureProfile]) -> FeatureProfile:
    """Add profiles up that were counted at the same points."""
    whole = earlier[0]
    for part in earlier[1:]:
        whole = merging.merged(whole, part, bins=None) if part.native == whole.native else whole
    return whole


def _against_earlier(
    feature: FeatureProfile, reference: Reference, current: Current, statistics: list[str] | None
) -> Iterator[Finding]:
    if feature.name not in current.table.names:
        yield from findings.missing_column(feature, current.windows)
        return
    column = univariate.like(feature, current.table.column(feature.name))
    earlier: list[Period] = []
    for window in current.windows:
        if earlier or reference.from_the_first:
            before = _of_rows(column, earlier[-reference.depth :]) if earlier else feature
            yield from univariate.compare(before, column, [window], statistics)
        else:
            yield Finding(feature.name, "first_period", window.label, 0, window.n)
        earlier += [window] if window.n else []


def _of_rows(column: Column, windows: Sequence[Period]) -> FeatureProfile:
    positions = np.arange(len(column))
    rows = np.concatenate([positions[window.rows] for window in windows])
    return profiler.of_column(column.take(rows), condense=False)


def by_preset(
    preset: str, reference: Reference, profile: ReferenceProfile, current: Current, statistics: list[str] | None
) -> pd.DataFrame:
    """Compare as another tool does; it needs the reference's rows, where the profile holds bins.

    Raises
    ------
    InvalidInput
        There are no rows to compare with.
    """
    if reference.depth:
        raise InvalidInput(f"The preset {preset!r} compares with one fixed reference, not with earlier periods.")
    names, table = list(profile.features), current.table
    times = [current.moment] if current.moment else []
    told = [] if reference.rows is None else [name for name in times if name in reference.rows.names]
    before = profile if reference.rows is None else tables.Chosen(reference.rows, dict.fromkeys([*names, *told]))
    held = [name for name in univariate.feature_names(table) if name not in current.apart]
    now = tables.Chosen(table, dict.fromkeys([*held, *times]))
    return frames.drift(before, now, statistics, preset, by=current.by, timestamp=current.moment)


def together(
    found: pd.DataFrame | None, names: list[str], reference: Reference, profile: ReferenceProfile, current: Current
) -> pd.DataFrame:
    """Add to what was found of single features what compares all of them at once, over all rows."""
    features = [name for name in profile.features if name in current.table.names]
    before = profile if reference.rows is None else tables.Chosen(reference.rows, features)
    return frames.with_all(found, before, tables.Chosen(current.table, features), names)
