"""The reference of a season without rows: profiles of each weekday and hour, stored with a version."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from mlops_magics.core.monitoring.profiling import mixture, profile_json, profiler
from mlops_magics.core.monitoring.profiling.dependence import Dependence
from mlops_magics.core.monitoring.profiling.feature_profile import FeatureProfile, Features
from mlops_magics.core.monitoring.reading import features, row_times, tables
from mlops_magics.core.monitoring.reading.column_values import IntArray
from mlops_magics.core.monitoring.reading.periods import Period
from mlops_magics.core.monitoring.reading.row_groups import SEASONS
from mlops_magics.errors import InvalidInput

FACT = "seasons"
"""The fact of a reference profile that holds the profiles of each season."""


def facts(X: Any, times: Any) -> dict[str, Any]:
    """Return the facts of a profile by which seasons can be compared later: a smaller profile per weekday and hour.

    Parameters
    ----------
    X
        The training data ``(n_samples, n_features)``.
    times
        A column of them, or the time of each row ``(n_samples,)``. ``None`` keeps nothing.

    Raises
    ------
    InvalidInput
        The column does not exist, or there are more or fewer times than rows.
    """
    if times is None:
        return {}
    table = tables.read(X)
    if isinstance(times, str) and times not in table.names:
        raise InvalidInput(
            f"The column {times!r} of the times does not exist. Columns: {', '.join(table.names[:12])}. Or pass the "
            f"time of each row: timestamp=frame[{times!r}]."
        )
    moments = row_times.moments_of(tables.raw(table, times) if isinstance(times, str) else times, "timestamp")
    if len(moments.wall) != table.rows:
        raise InvalidInput(f"There are {len(moments.wall)} times for {table.rows} rows. Give one per row.")
    columns = [table.column(name) for name in features.feature_names(table)]
    known = ~np.isnat(moments.wall)
    return {
        FACT: {
            season: {
                str(place): [
                    profile_json.of_feature(profiler.coarse(column, known & (places == place))) for column in columns
                ]
                for place in np.unique(places[known]).tolist()
            }
            for season, place_of in SEASONS.items()
            for places in [place_of(moments)]
        }
    }


PAIRS_LEFT_OUT = (
    "correlations of features are not compared with a stored profile by season. Rows as reference=FRAME (--reference) "
    "compare them"
)
"""The note on pairs whose correlations the reference has of all seasons together only."""


class SeasonalProfiles:
    """The profiles of a season, mixed as the rows of each period are.

    Parameters
    ----------
    stored
        The profiles of each place of the season, as `facts` has them.
    current
        The place of each current row in the season, ``(n_rows,)``.
    """

    def __init__(self, stored: Mapping[str, Any], current: IntArray) -> None:
        self._places = {
            int(place): {each.name: each for each in map(profile_json.read_feature, entries)}
            for place, entries in stored.items()
        }
        self._current = current
        self._known: dict[str, Features] = {}

    def rows(self, window: Period) -> None:
        """Return None: a profile has no rows."""

    def dependence(self, window: Period) -> Dependence | None:
        """Return None: the correlations of a season are not stored."""

    def during(self, window: Period) -> Features:
        """Return the features of the reference in the weekdays, or hours, of a period, in the same shares."""
        if window.label not in self._known:
            self._known[window.label] = self._mixed(self._current[window.rows])
        return self._known[window.label]

    def _mixed(self, places: IntArray) -> Features:
        wanted = {place: count for place, count in enumerate(np.bincount(places)) if count and place in self._places}
        held = {place: max(each.sample.total for each in self._places[place].values()) for place in wanted}
        if not wanted:
            return {name: mixture.of_features([each], [0.0]) for name, each in self._any().items()}
        most = min(held[place] / count for place, count in wanted.items())
        shares = [min(most * count / held[place], 1.0) for place, count in wanted.items()]
        return {
            name: mixture.of_features([self._places[place][name] for place in wanted], shares) for name in self._any()
        }

    def _any(self) -> dict[str, FeatureProfile]:
        return next(iter(self._places.values()))
