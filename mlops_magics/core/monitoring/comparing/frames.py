"""The verb `drift`: two frames, files, profiles or tables of an engine, made comparable and judged."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mlops_magics.core.monitoring.comparing import definitions, findings, multivariate, univariate
from mlops_magics.core.monitoring.comparing.findings import Finding
from mlops_magics.core.monitoring.counting import one_pass, pushdown
from mlops_magics.core.monitoring.profiling import profiler
from mlops_magics.core.monitoring.profiling.profiler import FeatureProfile, ReferenceProfile
from mlops_magics.core.monitoring.reading import periods, tables
from mlops_magics.core.monitoring.reading.periods import Period
from mlops_magics.errors import InvalidInput

if TYPE_CHECKING:
    import pandas as pd

PRESETS = ("evidently", "nannyml")
ALL = "(all)"  # stands in the column of the feature for what compares all of them at once


def drift(
    reference: Any,
    current: Any,
    statistics: Sequence[str] | str | None = None,
    preset: str | None = None,
    categorical: Iterable[str] | None = None,
    by: Any = None,
    *,
    timestamp: str | None = None,
) -> pd.DataFrame:
    """Compare every feature of ``current`` with ``reference``.

    Parameters
    ----------
    reference, current
        Frames ``(n_samples, n_features)`` of any library, paths, tables of an engine, or a `ReferenceProfile`. More
        than 256 MB or five million rows are counted in one pass: about 10 kB per feature and period, and a batch.
    statistics
        Names; by default KS for numbers, total variation for categories. ``reconstruction``, ``domain``, ``centroid``
        and ``mmd`` compare all features at once: one row with the feature ``(all)``.
    preset
        ``"evidently"`` or ``"nannyml"``: those tools' default statistics, numbers and verdicts.
    categorical
        Numeric features that are really categories.
    by, timestamp
        Periods of ``current``, and the column that holds the times (found when there is only one).

    Returns
    -------
    pandas.DataFrame
        One row per feature, statistic and period. ``drifted`` where the p-value survives Benjamini-Hochberg at 5 % over
        all tests of that statistic **and** the score reaches ``threshold``, the practical floor (never for fewer than 5
        rows); trouble that needs no test (a missing column, another type, …) is a drifted row that names it.

    Examples
    --------
    >>> drift({"a": range(99)}, {"a": range(50, 149)})[["feature", "statistic", "drifted"]].to_dict("records")
    [{'feature': 'a', 'statistic': 'ks', 'drifted': True}]
    """
    chosen = frozenset([categorical] if isinstance(categorical, str) else categorical or ())
    if preset is not None:
        return _by_preset(preset, reference, current, statistics, chosen, by, timestamp)
    names = [statistics] if isinstance(statistics, str) else list(statistics) if statistics is not None else None
    return _by_name(reference, current, names, chosen, by, timestamp)


def _by_name(
    reference: Any,
    current: Any,
    names: list[str] | None,
    categorical: frozenset[str],
    by: Any,
    timestamp: str | None,
) -> pd.DataFrame:
    """Compare feature by feature, and by what looks at all of them at once."""
    together = [name for name in names or () if name in multivariate.NAMES]
    alone = names if names is None else [name for name in names if name not in together]
    if not together:
        return findings.to_frame(_compared(reference, current, alone, categorical, by, timestamp))
    found = findings.to_frame(_compared(reference, current, alone, categorical, by, timestamp)) if alone else None
    return with_all(found, reference, current, together)


def _compared(
    reference: Any,
    current: Any,
    statistics: list[str] | None,
    categorical: frozenset[str],
    by: Any,
    timestamp: str | None,
) -> list[Finding]:
    """Compare rows where both sides fit into memory; else profiles, counted at the same points."""
    if isinstance(current, ReferenceProfile):
        if by is not None:
            raise InvalidInput("A profile has no rows to cut into periods: pass the data, or profile each period.")
        window = Period(periods.WHOLE, slice(None), current.rows)
        return univariate.findings_of_profiles(_profiled(reference, categorical), [(window, current)], statistics)
    if one_pass.is_large(current):
        moment = one_pass.used_as_time(current, by, timestamp)
        before = {name: each for name, each in _profiled(reference, categorical).items() if name != moment}
        found = one_pass.by_period(current, before, by, moment)
        told = univariate.findings_of_profiles(before, found, statistics)
        return told if by is not None else pushdown.with_exact_distances(told, reference, current, before, found[0][1])
    if not isinstance(reference, ReferenceProfile) and one_pass.is_large(reference):
        reference = one_pass.profile_of(reference, categorical)
    references = univariate.references_of(reference, categorical)
    table = tables.read(current)
    windows = univariate.windows_of(table, by, timestamp)
    apart = {univariate.used_as_time(table, by, timestamp) or ""}
    return univariate.compare_features(references, table, windows, statistics, apart)


def _profiled(reference: Any, categorical: frozenset[str]) -> Mapping[str, FeatureProfile]:
    if isinstance(reference, ReferenceProfile):
        return reference.features
    return profiler.profile(reference, categorical=categorical).features


def with_all(found: pd.DataFrame | None, reference: Any, current: Any, names: list[str]) -> pd.DataFrame:
    """Add what compares all features at once, over all of the current rows."""
    import pandas as pd

    scores = multivariate.multivariate_drift(reference, current, names)
    n, m = (
        side.rows if isinstance(side, ReferenceProfile) else tables.read(side).rows for side in (reference, current)
    )
    rows = findings.to_frame(
        [univariate.scored(ALL, name, Period(periods.WHOLE, slice(None), m), n, m, scores[name]) for name in names]
    )
    return rows if found is None else pd.concat([found, rows], ignore_index=True)


def _by_preset(
    preset: str,
    reference: Any,
    current: Any,
    statistics: Any,
    categorical: frozenset[str],
    by: Any,
    timestamp: str | None,
) -> pd.DataFrame:
    if preset not in PRESETS:
        raise InvalidInput(f"Unknown preset {preset!r}. Known: {', '.join(PRESETS)}.")
    import importlib

    module = importlib.import_module(f"mlops_magics.core.monitoring.comparing.presets.{preset}")
    found: pd.DataFrame = module.drift(reference, current, statistics, categorical, by, timestamp)
    found.attrs["described"] = definitions.of_preset(found["statistic"], preset)
    return found
