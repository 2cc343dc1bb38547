"""The choice of the reference: the training profile, earlier periods, or rows given by the user."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from mlops_magics.core.monitoring.comparing import frames, related_rows, univariate
from mlops_magics.core.monitoring.comparing.drift_options import DriftOptions
from mlops_magics.core.monitoring.comparing.findings import Finding
from mlops_magics.core.monitoring.comparing.row_effects import RowEffects, Seasons
from mlops_magics.core.monitoring.comparing.seasonal_profiles import FACT as SEASONS
from mlops_magics.core.monitoring.counting import one_pass, profiles
from mlops_magics.core.monitoring.counting.large_table import LargeTable
from mlops_magics.core.monitoring.profiling.dependence import Dependence
from mlops_magics.core.monitoring.profiling.feature_profile import FeatureProfile, Features
from mlops_magics.core.monitoring.profiling.observed import Observed
from mlops_magics.core.monitoring.profiling.reference_profile import ReferenceProfile
from mlops_magics.core.monitoring.profiling.row_features import CastColumns, RowFeatures, schema_of
from mlops_magics.core.monitoring.reading import row_files, row_groups, tables
from mlops_magics.core.monitoring.reading.features import feature_names
from mlops_magics.core.monitoring.reading.periods import Period
from mlops_magics.core.monitoring.reading.tables import Table
from mlops_magics.core.monitoring.reporting.current import Current
from mlops_magics.core.monitoring.reporting.monitor_options import MonitorOptions
from mlops_magics.core.monitoring.statistics import declarations
from mlops_magics.core.monitoring.statistics.correlations import CORRELATION
from mlops_magics.core.monitoring.statistics.sample_distances import INDEPENDENT, Effects
from mlops_magics.errors import InvalidInput

if TYPE_CHECKING:
    import pandas as pd

_ROLLING = re.compile(r"rolling:(\d+)")


@dataclasses.dataclass(frozen=True, slots=True)
class Reference:
    """The reference of a report.

    Attributes
    ----------
    features
        The distribution of each feature of the model.
    depth
        The number of earlier periods that replace it, 0 for none.
    rows
        The rows behind it, where they were given.
    dependence
        The correlations of the features, where they are known.
    seasons
        The stored profiles of each season.
    from_the_first
        Whether ``features`` are the reference of the first period, which has none before it.
    """

    features: Features
    depth: int = 0
    rows: Table | None = None
    from_the_first: bool = True
    dependence: Dependence | None = None
    seasons: Mapping[str, Any] | None = None


def resolve_reference(given: Any, profile: ReferenceProfile, condensed: bool = False) -> Reference:
    """Return the reference that an option names.

    Parameters
    ----------
    given
        ``None`` or ``"fixed"``: the profile that was stored with the version. ``"previous"`` or ``"rolling:4"``: the
        one or four periods before, with rows (the first period has none, and is compared with the profile). Else a
        frame, a path or a profile.
    condensed
        Keep a profile of given rows instead of them: a stream will be counted at its points.

    Raises
    ------
    InvalidInput
        Another word, or rows that lack a feature of the model.
    """
    depth = _depth(given)
    if depth or (isinstance(given, str) and given == "fixed") or given is None:
        return Reference(profile.features, depth, dependence=profile.dependence, seasons=profile.facts.get(SEASONS))
    if isinstance(given, str) and "." not in given and not row_files.files_of(given):
        raise InvalidInput(f"Unknown reference {given!r}. Known: fixed, previous, rolling:N, a frame, or a path.")
    if isinstance(given, ReferenceProfile):
        features = _of_model(given.features, profile)
        return Reference(features, dependence=given.dependence, seasons=given.facts.get(SEASONS))
    if condensed or one_pass.is_large(given):
        return Reference(_of_model(profiles.profile(given).features, profile))
    rows = tables.read(given, schema_of(profile.features))
    _check_columns(feature_names(rows), profile)
    features = RowFeatures(CastColumns(tables.Chosen(rows, profile.features)))
    return Reference(features, rows=rows, dependence=features.dependence())


def _of_model(features: Features, profile: ReferenceProfile) -> Features:
    """Keep the features of the model, without the target, an id and others."""
    _check_columns(list(features), profile)
    return {name: features[name] for name in profile.features}


def _check_columns(names: Sequence[str], profile: ReferenceProfile) -> None:
    lacking = [name for name in profile.features if name not in names]
    if lacking:
        raise InvalidInput(
            f"The reference has no column {lacking[0]!r}, which the model reads. It has: {', '.join(names)}."
        )


def _depth(reference: Any) -> int:
    if not isinstance(reference, str):
        return 0
    rolling = _ROLLING.fullmatch(reference)
    if rolling and int(rolling[1]) < 1:
        raise InvalidInput("A rolling reference needs at least one period: rolling:4 for example.")
    return 1 if reference == "previous" else int(rolling[1]) if rolling else 0


def compare(reference: Reference, current: Current, statistics: Sequence[str] | None) -> list[Finding]:
    """Compare each period with the reference, feature by feature."""
    observed = current.observe(reference.features)
    features = univariate.without(reference.features, current.non_features)
    if not reference.depth:
        effects, seasons = related(reference, current)
        return univariate.compare_features(features, observed, statistics, reference.dependence, effects, seasons)
    declarations.check(statistics)
    earlier = _Earlier(reference, current, observed)
    found = univariate.for_each_feature(features, observed, lambda first: earlier.compare(first, statistics))
    return [*found, *earlier.compare_pairs(features, statistics)]


def related(reference: Reference, current: Current) -> tuple[RowEffects | None, Seasons | None]:
    """Return the design effects, and the reference of each period, where rows depend on each other."""
    if not current.relations:
        return None, None
    return related_rows.read(
        current.table, reference.rows, reference.features, current.relations, current.moment, reference.seasons
    )


class _Earlier:
    """The periods before each period, with rows, and of the same place in the season."""

    def __init__(self, reference: Reference, current: Current, observed: Observed) -> None:
        self._reference, self._observed = reference, observed
        # the season is allowed for by the choice of earlier periods, and must not be allowed for twice
        alike = dataclasses.replace(current.relations, seasonal=None)
        self._effects = related(reference, dataclasses.replace(current, relations=alike))[0]
        self._places = _seasonal_places(current, observed)
        self._positions = np.arange(current.table.rows)

    def compare(self, first: FeatureProfile, statistics: Sequence[str] | None) -> Iterator[Finding]:
        """Compare one feature, period by period."""
        for place, window in enumerate(self._observed.windows):
            now = self._observed.during([place])
            places = self._before(place)
            if places and first.name in now:
                before = self._observed.during(places)[first.name]
                effects = self._effects_of(first.name, places, window)
                yield from univariate.compare(before, now, window, statistics, effects=effects)
            elif first.name not in now or (self._reference.from_the_first and self._places is None):
                # the first period has none before it, and is compared with the training
                effects = INDEPENDENT if self._effects is None else self._effects.of(first.name, None, window.rows)
                yield from univariate.compare(first, now, window, statistics, effects=effects)
            else:
                yield Finding(first.name, "first_period", window.label, 0, window.n)

    def compare_pairs(self, features: Features, statistics: Sequence[str] | None) -> Iterator[Finding]:
        """Compare the correlations of each period with those of the periods before, where their rows are held."""
        if statistics is not None and CORRELATION.name not in statistics:
            return
        for place, window in enumerate(self._observed.windows):
            places = self._before(place)
            earlier = self._observed.during(places) if places else {}
            before = earlier.dependence() if isinstance(earlier, RowFeatures) else None
            now = None if before is None else self._observed.dependence(place, before)
            if before is not None and now is not None:
                grouped = self._effects is not None
                effects = {name: self._effects_of(name, places, window) for name in now.names if grouped}
                yield from univariate.compare_pairs(earlier, (before, now), window, effects, statistics)

    def _before(self, place: int) -> list[int]:
        windows = self._observed.windows
        found = [earlier for earlier in range(place) if windows[earlier].n]
        if self._places is not None:
            found = [each for each in found if self._places[each] == self._places[place]]
        # the last ones: `found` is in order of time, without periods that have no rows
        return found[-self._reference.depth :]

    def _effects_of(self, name: str, places: Sequence[int], window: Period) -> Effects:
        if self._effects is None:
            return INDEPENDENT
        rows = np.concatenate([self._positions[self._observed.windows[place].rows] for place in places])
        return self._effects.of(name, rows, window.rows, earlier=True)


def _seasonal_places(current: Current, observed: Observed) -> list[frozenset[int]] | None:
    """Return the weekdays, or hours, of each period, or ``None`` without a season.

    They are those of its rows, or that of its start where the rows passed by.
    """
    season = current.relations.seasonal
    if season is None:
        return None
    if current.moment is None:
        raise InvalidInput(f"seasonal={season!r} needs times: name the column with timestamp=….")
    if isinstance(current.table, LargeTable):
        starts = [window.start for window in observed.windows]
        return [frozenset(row_groups.season_at(start, season) if start is not None else ()) for start in starts]
    places = row_groups.season_of(current.table, season, current.moment)
    return [frozenset(places[window.rows].tolist()) for window in observed.windows]


def by_preset(
    reference: Reference, profile: ReferenceProfile, current: Current, options: MonitorOptions
) -> pd.DataFrame:
    """Compare as another tool does. It needs the reference's rows where the profile holds bins.

    Parameters
    ----------
    reference, profile
        The chosen reference, and the stored profile.
    current
        The current rows.
    options
        Of the report.

    Raises
    ------
    InvalidInput
        Rows to compare with are missing.
    """
    preset = str(options.preset)
    if reference.depth:
        raise InvalidInput(f"The preset {preset!r} compares with one fixed reference, not with earlier periods.")
    names, table = list(profile.features), current.table
    times = [current.moment] if current.moment else []
    held = [] if reference.rows is None else [name for name in times if name in reference.rows.names]
    before = profile if reference.rows is None else tables.Chosen(reference.rows, dict.fromkeys([*names, *held]))
    kept = [name for name in feature_names(table) if name not in current.non_features]
    now = tables.Chosen(table, dict.fromkeys([*kept, *times]))
    asked = None if options.names is None else tuple(options.names)
    return frames.by_preset(preset, before, now, DriftOptions(asked, by=current.by, timestamp=current.moment))


def with_joint(
    found: pd.DataFrame | None,
    reference: Reference,
    profile: ReferenceProfile,
    current: Current,
    names: Sequence[str],
) -> pd.DataFrame:
    """Add to the findings of single features the statistics of all of them at once, over all rows.

    Parameters
    ----------
    found
        The findings, or None.
    reference, profile
        The chosen reference, and the stored profile.
    current
        The current rows.
    names
        Statistics of all features at once.
    """
    features = [name for name in profile.features if name in current.table.names]
    before = profile if reference.rows is None else tables.Chosen(reference.rows, features)
    return frames.with_joint(found, before, tables.Chosen(current.table, features), names)
