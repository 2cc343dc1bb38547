"""The verb `drift`, which compares two frames, files, profiles or tables of an engine, feature by feature."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlops_magics.core.monitoring.comparing import (
    dependence_notes,
    findings,
    multivariate,
    related_rows,
    seasonal_profiles,
    text_sides,
    univariate,
)
from mlops_magics.core.monitoring.comparing.drift_options import DriftOptions
from mlops_magics.core.monitoring.comparing.findings import Finding
from mlops_magics.core.monitoring.counting import exact_ks, one_pass, profiles, pushdown
from mlops_magics.core.monitoring.profiling import row_features
from mlops_magics.core.monitoring.profiling.dependence import Dependence
from mlops_magics.core.monitoring.profiling.feature_profile import Features
from mlops_magics.core.monitoring.profiling.observed import Observed
from mlops_magics.core.monitoring.profiling.profiled_rows import ProfiledRows
from mlops_magics.core.monitoring.profiling.reference_profile import ReferenceProfile
from mlops_magics.core.monitoring.profiling.row_features import ObservedRows, RowFeatures
from mlops_magics.core.monitoring.profiling.samples import NumericSample
from mlops_magics.core.monitoring.reading import features, period_names, periods, tables
from mlops_magics.core.monitoring.reading.periods import Period
from mlops_magics.core.monitoring.reading.row_groups import RowRelations
from mlops_magics.core.monitoring.reading.text_files import Schema
from mlops_magics.core.monitoring.statistics import declarations, kolmogorov
from mlops_magics.core.monitoring.statistics.declarations import JOINT
from mlops_magics.core.monitoring.statistics.floors import SHARE_FLOOR
from mlops_magics.errors import InvalidInput

if TYPE_CHECKING:
    import pandas as pd

PRESETS = ("evidently", "nannyml")
ALL = "(all)"
"""The feature of a row that compares all features at once."""


def drift(
    reference: Any,
    current: Any,
    statistics: Sequence[str] | str | None = None,
    preset: str | None = None,
    categorical: Iterable[str] | None = None,
    by: Any = None,
    *,
    timestamp: str | None = None,
    by_group: str | Sequence[str] | None = None,
    block: Any = None,
    seasonal: str | None = None,
) -> pd.DataFrame:
    """Compare every feature of ``current`` with ``reference``.

    Parameters
    ----------
    reference, current
        Frames ``(n_samples, n_features)`` of any library, paths, tables of an engine, or a `ReferenceProfile`. More
        than 256 MB or five million rows are counted in one pass: about 10 kB per feature and period, and a batch.
    statistics
        Names, by default KS for numbers, total variation for categories. ``reconstruction``, ``domain``, ``centroid``
        and ``mmd`` compare all features at once: one row with the feature ``(all)``.
    preset
        ``"evidently"`` or ``"nannyml"``: those tools' default statistics, numbers and verdicts.
    categorical
        Numeric features that are really categories.
    by, timestamp
        Periods of ``current``, and the column that holds the times (found when there is only one).
    by_group, block, seasonal
        The dependence between rows: within groups (the columns of a user, or ``"duplicates"`` for copies of a row),
        within blocks of time or of rows (``"day"``, 500) and with the block before, or by ``"week"`` or ``"day"``: each
        period is compared with the same weekdays, or hours, of the reference.

    Returns
    -------
    pandas.DataFrame
        One row per feature, statistic and period. ``attrs["notes"]`` describes the dependence between rows, where the
        data show it. ``drifted`` where the p-value survives Benjamini-Hochberg at 5 % over
        all tests of that statistic **and** the score reaches ``threshold``, the practical floor (never for fewer than 5
        rows). A fault that needs no test (a missing column, another type, …) is a drifted row that names it.

    Raises
    ------
    InvalidInput

    Examples
    --------
    >>> drift({"a": range(99)}, {"a": range(50, 149)})[["feature", "statistic", "drifted"]].to_dict("records")
    [{'feature': 'a', 'statistic': 'ks', 'drifted': True}]
    """
    names = (statistics,) if isinstance(statistics, str) else statistics
    chosen = frozenset([categorical] if isinstance(categorical, str) else categorical or ())
    relations = RowRelations.of(by_group, block, seasonal)
    how = DriftOptions(None if names is None else tuple(names), chosen, period_names.named(by), timestamp, relations)
    if preset is not None and relations:
        raise InvalidInput("by_group, block and seasonal are not options of a preset.")
    reference, current = text_sides.typed(reference, current)
    if preset is not None:
        return by_preset(preset, reference, current, how)
    return _by_name(reference, current, how)


def _by_name(reference: Any, current: Any, how: DriftOptions) -> pd.DataFrame:
    """Compare feature by feature, and by the statistics of all features at once."""
    joint = [name for name in how.statistics or () if name in JOINT]
    alone = None if how.statistics is None else tuple(name for name in how.statistics if name not in JOINT)
    compared, notes = _compare(reference, current, replace(how, statistics=alone)) if alone or not joint else ([], ())
    found = findings.to_frame(compared) if alone or not joint else None
    if joint:
        found = with_joint(found, reference, current, joint)
    assert found is not None
    found.attrs["notes"] = list(notes)
    return found


def _compare(reference: Any, current: Any, how: DriftOptions) -> tuple[list[Finding], tuple[str, ...]]:
    """Return the findings, and notes on rows that depend on each other."""
    if isinstance(current, ReferenceProfile):
        if how.by is not None:
            raise InvalidInput("A profile has no rows to cut into periods: pass the data, or profile each period.")
        return univariate.compare_features(_profiled(reference, how), ProfiledRows(current), how.statistics), ()
    large = one_pass.is_large(current)
    if how.relations:
        return _of_related_rows(reference, current, how)
    if large or (not isinstance(reference, ReferenceProfile) and one_pass.is_large(reference)):
        known = _profiled(reference, how)
    else:
        known = features_of(reference, how.categorical)
    if not large:
        table = tables.read(current, _schema(current, known))
        times = _times(table, how)
        windows, unplaced = features.cut(table, how.by, how.timestamp)
        before, pairs = univariate.without(known, times), _dependence(reference, known)
        once = dependence_notes.counted_once(table, windows, before, how.relations)
        observed: Observed = ObservedRows(table, once, known, times)
        notes = dependence_notes.of_rows(table, before, how.relations, how.timestamp)
        return univariate.compare_features(before, observed, how.statistics, pairs), (*unplaced, *notes)
    moment = one_pass.time_column(current, how.by, how.timestamp)
    before = univariate.without(known, frozenset([moment] if moment else ()))
    counted = one_pass.by_period(current, before, how.by, moment)
    found = univariate.compare_features(before, counted, how.statistics)
    if how.by is None:
        return _with_exact_distances(found, (reference, current), before, counted), ()
    facts = counted.times
    return found, facts.notes(moment, counted.rows + facts.far + facts.missing, counted.windows)


def _of_related_rows(reference: Any, current: Any, how: DriftOptions) -> tuple[list[Finding], tuple[str, ...]]:
    """Compare rows that depend on each other."""
    if isinstance(current, ReferenceProfile) or one_pass.is_large(current):
        raise InvalidInput("by_group, block and seasonal need rows in memory: pass a frame, or a sample of the data.")
    known = features_of(reference, how.categorical)
    table = tables.read(current, _schema(current, known))
    moment = related_rows.time_column(table, how.relations, how.by, how.timestamp)
    before = None if isinstance(reference, ReferenceProfile) else tables.read(reference)
    apart = frozenset([*([moment] if moment else ()), *how.relations.by_group])
    windows, unplaced = features.cut(table, how.by, moment)
    observed = ObservedRows(table, windows, known, apart)
    effects, seasons = related_rows.read(table, before, known, how.relations, moment, _seasons(reference))
    compared, pairs = univariate.without(known, apart), _dependence(reference, known)
    notes = (*unplaced, *dependence_notes.of_rows(table, compared, how.relations, moment))
    if pairs is not None and isinstance(seasons, seasonal_profiles.SeasonalProfiles) and how.statistics is None:
        notes = (*notes, seasonal_profiles.PAIRS_LEFT_OUT)
    return univariate.compare_features(compared, observed, how.statistics, pairs, effects, seasons), notes


def _seasons(reference: Any) -> Mapping[str, Any] | None:
    """Return the stored profiles of each season."""
    return reference.facts.get(seasonal_profiles.FACT) if isinstance(reference, ReferenceProfile) else None


def _dependence(reference: Any, known: Features) -> Dependence | None:
    """Return the correlations of the reference, stored or of its rows."""
    if isinstance(known, RowFeatures):
        return known.dependence()
    return reference.dependence if isinstance(reference, ReferenceProfile) else None


def _schema(current: Any, known: Features) -> Schema | None:
    """Return the types of a text file's columns, which other sources know."""
    return row_features.schema_of(known) if isinstance(current, str | Path) else None


def _times(table: tables.Table, how: DriftOptions) -> frozenset[str]:
    name = features.time_column(table, how.by, how.timestamp)
    return frozenset([name] if name else ())


def features_of(reference: Any, categorical: Iterable[str] = ()) -> Features:
    """Return the features of rows, with every value, or those of a stored profile."""
    if isinstance(reference, ReferenceProfile):
        return reference.features
    return row_features.of_table(reference, frozenset(categorical))


def _profiled(reference: Any, how: DriftOptions) -> Features:
    """Return the points at which a stream will be counted."""
    if isinstance(reference, ReferenceProfile):
        return reference.features
    return profiles.profile(reference, categorical=how.categorical).features


def _with_exact_distances(
    found: Sequence[Finding], sides: tuple[Any, Any], before: Features, observed: Observed
) -> list[Finding]:
    """Replace the KS distances of profiles by those of the rows, found in two GROUP BY passes, where both sides are
    tables of an engine."""
    if not all(pushdown.is_table(side) for side in sides):
        return list(found)
    names = [each.feature for each in found if each.statistic == "ks" and before[each.feature].kind == "numeric"]
    origins = {name: before[name].origin for name in names}
    tables_of = [exact_ks.with_origins(pushdown.table_of(side), origins) for side in sides]
    exact = exact_ks.distances(tables_of[0], tables_of[1], names) if names else {}
    now = observed.during([0])
    return [
        _exact(each, exact[each.feature], before, now) if each.statistic == "ks" and each.feature in exact else each
        for each in found
    ]


def _exact(finding: Finding, distance: float, before: Features, now: Features) -> Finding:
    first, second = before[finding.feature].sample, now[finding.feature].sample
    if not isinstance(first, NumericSample) or not isinstance(second, NumericSample):
        return finding
    p = kolmogorov.p_value(first, second, distance, exact=False)
    return replace(finding, score=distance, p_value=p, matters=abs(distance) >= SHARE_FLOOR)


def with_joint(found: pd.DataFrame | None, reference: Any, current: Any, names: Sequence[str]) -> pd.DataFrame:
    """Add the statistics of all features at once, over all of the current rows.

    Parameters
    ----------
    found
        The findings, or None.
    reference, current
        The rows of both sides.
    names
        Statistics of all features at once.
    """
    import pandas as pd

    scores = multivariate.multivariate_drift(reference, current, names)
    sizes = [
        side.rows if isinstance(side, ReferenceProfile) else tables.read(side).rows for side in (reference, current)
    ]
    whole = Period(periods.WHOLE, slice(None), sizes[1])
    rows = findings.to_frame(
        [findings.from_score(ALL, name, whole, (sizes[0], sizes[1]), scores[name]) for name in names]
    )
    return rows if found is None else pd.concat([found, rows], ignore_index=True)


def by_preset(preset: str, reference: Any, current: Any, how: DriftOptions) -> pd.DataFrame:
    """Compare as another tool does.

    Parameters
    ----------
    preset
        The name of the tool.
    reference, current
        The rows of both sides.
    how
        The options of the comparison.

    Raises
    ------
    InvalidInput
        The preset is unknown, or the tool needs rows and not a profile.
    """
    if preset not in PRESETS:
        raise InvalidInput(f"Unknown preset {preset!r}. Known: {', '.join(PRESETS)}.")
    from mlops_magics.core.monitoring.comparing.presets import evidently, nannyml

    found = {"evidently": evidently.drift, "nannyml": nannyml.drift}[preset](reference, current, how)
    found.attrs["described"] = declarations.describe(found["statistic"], preset)
    if periods.are_in_time(how.by):
        found.attrs["notes"] = list(features.cut(tables.read(current), how.by, how.timestamp)[1])
    return found
