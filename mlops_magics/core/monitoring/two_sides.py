"""The verb `drift`: two frames, files, profiles or tables of an engine, made comparable and judged."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from mlops_magics.core.monitoring import comparison, findings, multivariate, periods, reference_profile, tables
from mlops_magics.core.monitoring.engines import batches, in_place
from mlops_magics.core.monitoring.periods import Period
from mlops_magics.core.monitoring.reference_profile import ReferenceProfile
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
    reference
        A frame ``(n_reference, n_features)``, or a `ReferenceProfile`.
    current
        A frame ``(n_current, n_features)`` of any library, a path, or a `ReferenceProfile`. Files above 256 MB are
        read in batches.
    statistics
        Names; by default the calibrated choice: KS for numbers, total variation for categories. ``reconstruction``,
        ``domain``, ``centroid`` and ``mmd`` compare all features at once: one row with the feature ``(all)``.
    preset
        ``"evidently"`` or ``"nannyml"``: those tools' default statistics, numbers and verdicts.
    categorical
        Numeric features that are really categories.
    by, timestamp
        Periods of ``current``, and the column that holds the times (found when there is only one).

    Returns
    -------
    pandas.DataFrame
        One row per feature, statistic and period. ``drifted`` where the p-value survives Benjamini-Hochberg at 5 %
        over all
        tests of that statistic **and** the score reaches ``threshold``, the practical floor (never for fewer than 5
        rows). Trouble that needs no test (a missing column, another type, …) is a drifted row whose statistic names it.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> numbers = np.random.default_rng(0)
    >>> before = pd.DataFrame({"a": numbers.normal(size=500), "b": numbers.normal(size=500)})
    >>> after = pd.DataFrame({"a": numbers.normal(size=200), "b": numbers.normal(size=200) + 1})
    >>> drift(before, after)[["feature", "statistic", "drifted"]].to_dict("records")
    [{'feature': 'a', 'statistic': 'ks', 'drifted': False}, {'feature': 'b', 'statistic': 'ks', 'drifted': True}]
    """
    chosen = frozenset([categorical] if isinstance(categorical, str) else categorical or ())
    if preset is not None:
        return _by_preset(preset, reference, current, statistics, chosen, by, timestamp)
    names = [statistics] if isinstance(statistics, str) else list(statistics) if statistics is not None else None
    together = [name for name in names or () if name in multivariate.NAMES]
    if together:
        alone = [name for name in names or () if name not in together]
        found = drift(reference, current, alone, None, chosen, by, timestamp=timestamp) if alone else None
        return with_all(found, reference, current, together)
    if in_place.is_large(reference) or in_place.is_large(current):
        return _in_place(reference, current, names, by)
    if batches.is_large(reference):
        reference = batches.profile_of(batches.batches_of(reference))
    if batches.is_large(current) or isinstance(current, ReferenceProfile):
        return _of_profiles(reference, current, names, by)
    references = comparison.references_of(reference, chosen)
    table = tables.read(current)
    windows = comparison.windows_of(table, by, timestamp)
    return findings.to_frame(
        comparison.compare_features(
            references, table, windows, names, {comparison.used_as_time(table, by, timestamp) or ""}
        )
    )


def with_all(found: pd.DataFrame | None, reference: Any, current: Any, names: list[str]) -> pd.DataFrame:
    """Add what compares all features at once, over all of the current rows."""
    import pandas as pd

    scores = multivariate.multivariate_drift(reference, current, names)
    n, m = (
        side.rows if isinstance(side, ReferenceProfile) else tables.read(side).rows for side in (reference, current)
    )
    rows = findings.to_frame(
        [comparison.scored(ALL, name, Period(periods.WHOLE, slice(None), m), n, m, scores[name]) for name in names]
    )
    return rows if found is None else pd.concat([found, rows], ignore_index=True)


def _of_profiles(reference: Any, current: Any, statistics: list[str] | None, by: Any) -> pd.DataFrame:
    """Compare two profiles; a file that is too large for memory is profiled at the edges of the reference."""
    if by is not None:
        raise InvalidInput(
            "Periods need rows in memory: pass the frame of a part of the data, or profile each period by itself."
        )
    before = reference if isinstance(reference, ReferenceProfile) else reference_profile.profile(reference)
    now = current if isinstance(current, ReferenceProfile) else batches.profile_of(batches.batches_of(current), before)
    return findings.to_frame(comparison.findings_of_profiles(before, now, statistics))


def _in_place(reference: Any, current: Any, statistics: list[str] | None, by: Any) -> pd.DataFrame:
    """Compare tables of an engine by what it counts; KS is exact where both sides are such tables."""
    if by is not None:
        raise InvalidInput(
            f"Periods of a table with more than {in_place.ROWS_IN_MEMORY:,} rows: filter the table, and compare each "
            f"period by itself."
        )
    stay = [in_place.is_large(side) for side in (reference, current)]
    if isinstance(reference, ReferenceProfile):
        before = reference
    else:
        before = in_place.profile_of(reference) if stay[0] else reference_profile.profile(reference)
    now = in_place.profile_of(current, before) if stay[1] else reference_profile.profile(current)
    found = comparison.findings_of_profiles(before, now, statistics)
    return findings.to_frame(
        in_place.with_exact_distances(found, reference, current, (before, now)) if all(stay) else found
    )


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

    module = importlib.import_module(f"mlops_magics.core.monitoring.presets.{preset}")
    return module.drift(reference, current, statistics, categorical, by, timestamp)  # type: ignore[no-any-return]
