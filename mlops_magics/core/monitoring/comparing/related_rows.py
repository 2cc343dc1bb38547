"""Comparison of rows that depend on each other: their groups, and the rows of the same season."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlops_magics.core.monitoring.comparing.row_effects import GroupedRows, RowEffects, SeasonalReference, Seasons
from mlops_magics.core.monitoring.comparing.seasonal_profiles import SeasonalProfiles
from mlops_magics.core.monitoring.profiling.feature_profile import Features
from mlops_magics.core.monitoring.profiling.row_features import CastColumns, RowFeatures
from mlops_magics.core.monitoring.reading import features, row_groups
from mlops_magics.core.monitoring.reading.row_groups import RowRelations
from mlops_magics.core.monitoring.reading.tables import Table
from mlops_magics.errors import InvalidInput


def time_column(table: Table, relations: RowRelations, by: Any, timestamp: str | None) -> str | None:
    """Return the column with the times, of which periods, blocks or seasons are made.

    Parameters
    ----------
    table
        The rows.
    relations
        The way in which rows depend on each other.
    by, timestamp
        As in `mlops_magics.drift`.
    """
    needed = "day" if relations.seasonal is not None else relations.block
    return features.time_column(table, by, timestamp) or features.time_column(table, needed, timestamp)


def check_one_pass(relations: RowRelations, by: Any, reference: Any) -> None:
    """Raise `InvalidInput` where rows that are counted in one pass would have to be known one by one.

    Parameters
    ----------
    by, reference
        The periods, and the reference as an option names it. Periods before can be of the same weekday without rows.

    Raises
    ------
    InvalidInput
    """
    if relations.grouped:
        raise InvalidInput(
            "by_group and block need rows in memory, and these data are counted in one pass: pass a sample of them."
        )
    earlier = isinstance(reference, str) and reference.startswith(("previous", "rolling"))
    if relations.seasonal is not None and not (earlier and by is not None):
        raise InvalidInput(
            f"seasonal={relations.seasonal!r} compares data that are counted in one pass with earlier periods only: "
            "reference='rolling:4' with by='day', or pass a sample of the data and reference=FRAME."
        )


def read(
    table: Table,
    reference: Table | None,
    like: Features,
    relations: RowRelations,
    moment: str | None,
    stored: Mapping[str, Any] | None = None,
) -> tuple[RowEffects | None, Seasons | None]:
    """Return the design effects of the features, and the reference of each period.

    Parameters
    ----------
    reference
        The rows of the reference, or ``None`` for a stored profile.
    like
        The features of the reference, of all of its rows or of some.
    moment
        The column with the times, of both sides.
    stored
        The profiles of each season, for a reference without rows.

    Raises
    ------
    InvalidInput
        A column is missing, all rows are in one group, or a season needs rows or times that are missing.
    """
    effects = _effects(table, reference, like, relations, moment) if relations.grouped else None
    return effects, _seasons(table, reference, like, relations, moment, stored)


def _effects(
    table: Table, reference: Table | None, like: Features, relations: RowRelations, moment: str | None
) -> RowEffects:
    names = [name for name in like if name != moment]
    now = GroupedRows(CastColumns(table, like), row_groups.read(table, relations, moment, names))
    held = None if reference is None or (moment and moment not in reference.names) else moment
    if reference is None or not row_groups.can_be_read(reference, relations, held):
        return RowEffects(now)
    return RowEffects(
        now, GroupedRows(CastColumns(reference, like), row_groups.read(reference, relations, held, names))
    )


def _seasons(
    table: Table,
    reference: Table | None,
    like: Features,
    relations: RowRelations,
    moment: str | None,
    stored: Mapping[str, Any] | None,
) -> Seasons | None:
    season = relations.seasonal
    if season is None:
        return None
    if moment is None:
        raise InvalidInput(f"seasonal={season!r} needs times: name the column with timestamp=….")
    if reference is None or not isinstance(like, RowFeatures):
        if not stored:
            raise InvalidInput(
                f"seasonal={season!r} compares with the rows of the same time, and this profile was stored without "
                "times. To fix it: pin with timestamp=TIMES (--timestamp), or reference=FRAME, or "
                "reference='rolling:4' with by='day'."
            )
        return SeasonalProfiles(stored[season], row_groups.season_of(table, season, moment))
    if moment not in reference.names:
        raise InvalidInput(f"seasonal={season!r} needs the column {moment!r} in the reference too.")
    places = [row_groups.season_of(side, season, moment) for side in (reference, table)]
    return SeasonalReference(like.columns, places[0], places[1], like.rows)
