"""What was found of each feature in each period, and the judgement over all of it together."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mlops_magics.core.monitoring.profiling import derived_features
from mlops_magics.core.monitoring.profiling.profiler import FeatureProfile
from mlops_magics.core.monitoring.profiling.samples import CategorySample
from mlops_magics.core.monitoring.reading.column_values import Column
from mlops_magics.core.monitoring.reading.periods import Period
from mlops_magics.core.monitoring.statistics.declarations import STATISTICS
from mlops_magics.core.monitoring.statistics.false_discovery import FALSE_DISCOVERY_RATE, q_values

if TYPE_CHECKING:
    import pandas as pd

DRIFT_COLUMNS = (
    "feature",
    "statistic",
    "score",
    "p_value",
    "threshold",
    "drifted",
    "period",
    "n_reference",
    "n_current",
)
FEWEST_ROWS = 5  # of current data for a verdict; one odd request is no drift
DEFAULTS = {"ks", "tvd", "missing", *derived_features.NAMES}  # judged as one family


@dataclass(frozen=True, slots=True)
class Finding:
    """One row of the answer; ``structural`` trouble is a verdict without a test."""

    feature: str
    statistic: str
    period: str
    n_reference: int
    n_current: int
    score: float = math.nan
    p_value: float = math.nan
    threshold: float = math.nan
    matters: bool = False
    structural: bool = False
    only_if_drifted: bool = False


def missing_column(reference: FeatureProfile, windows: Sequence[Period]) -> list[Finding]:
    """Say in each period that a feature is not there."""
    return [
        Finding(reference.name, "missing_column", window.label, reference.sample.n, window.n, 1.0, structural=True)
        for window in windows
    ]


def trouble_of(reference: FeatureProfile, column: Column, window: Period) -> Finding | None:
    """Name what makes a comparison impossible: a verdict in itself, but for a period without rows, which is a gap."""
    missing = column.missing()
    infinite = 0 if column.coded or not len(column) or np.isfinite(column.values).any() else len(column) - missing
    return _trouble(reference, Seen(column.native, column.coded, len(column), missing, infinite), window)


def trouble_of_profile(reference: FeatureProfile, now: FeatureProfile, window: Period) -> Finding | None:
    """Name the same of what was counted."""
    sample = now.sample
    seen = Seen(now.native, isinstance(sample, CategorySample), sample.total, sample.missing, sample.infinite)
    return _trouble(reference, seen, window)


@dataclass(frozen=True, slots=True)
class Seen:
    """What the current data hold of a feature, and how many of their values are missing or infinite."""

    native: str
    coded: bool
    rows: int
    missing: int
    infinite: int


def _trouble(reference: FeatureProfile, seen: Seen, window: Period) -> Finding | None:
    name = _trouble_in(reference, seen)
    if name is None:
        return None
    gap = name == "no_rows"
    return Finding(
        reference.name, name, window.label, reference.sample.n, 0, math.nan if gap else 1.0, structural=not gap
    )


def _trouble_in(reference: FeatureProfile, seen: Seen) -> str | None:
    if not seen.rows:
        return "no_rows"
    if not reference.sample.n:
        return "empty_reference" if seen.missing < seen.rows else "no_rows"
    if seen.missing == seen.rows:
        return "all_missing"
    if seen.native != reference.native or seen.coded != (reference.kind in ("categorical", "text")):
        return "changed_type"
    return "all_infinite" if seen.missing + seen.infinite == seen.rows else None


def to_frame(found: Sequence[Finding]) -> pd.DataFrame:
    """Judge all findings together and tabulate them; what each statistic is stands in ``attrs["definitions"]``."""
    import pandas as pd

    drifted: dict[int, bool] = {}
    for members in _families(found):
        for finding, q in zip(members, q_values([finding.p_value for finding in members])):
            drifted[id(finding)] = finding.structural or _convincing(finding, float(q))
    rows = [
        (f.feature, f.statistic, f.score, f.p_value, f.threshold, drifted[id(f)], f.period, f.n_reference, f.n_current)
        for f in found
        if drifted[id(f)] or not f.only_if_drifted
    ]
    frame = pd.DataFrame(rows, columns=list(DRIFT_COLUMNS)).astype(
        {"drifted": bool, "score": float, "p_value": float, "threshold": float}
    )
    named = {name: STATISTICS[name].definition for name in sorted({f.statistic for f in found} & set(STATISTICS))}
    frame.attrs["definitions"] = named
    return frame


def _convincing(finding: Finding, q: float) -> bool:
    """Tell whether a test is a verdict: improbable, large enough to matter, and about more than a handful of rows."""
    return q < FALSE_DISCOVERY_RATE and finding.matters and finding.n_current >= FEWEST_ROWS


def _families(found: Sequence[Finding]) -> Iterator[list[Finding]]:
    """Group the tests that are judged together: the default's all, else those of one statistic."""
    if (
        any(finding.only_if_drifted for finding in found)
        or {finding.statistic for finding in found if not math.isnan(finding.p_value)} <= DEFAULTS
    ):
        yield list(found)
        return
    for name in dict.fromkeys(finding.statistic for finding in found):
        yield [finding for finding in found if finding.statistic == name]
