"""Findings: one per feature, statistic and period, and the verdicts over all of them together."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlops_magics.core.monitoring.profiling import derived_features
from mlops_magics.core.monitoring.profiling.feature_profile import FeatureProfile
from mlops_magics.core.monitoring.reading.periods import Period
from mlops_magics.core.monitoring.statistics import declarations
from mlops_magics.core.monitoring.statistics.declarations import STATISTICS
from mlops_magics.core.monitoring.statistics.false_discovery import FALSE_DISCOVERY_RATE, q_values
from mlops_magics.core.monitoring.statistics.score import Score

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
FEWEST_ROWS = 5
"""Current rows for a verdict: one odd request is not drift."""
DEFAULTS = {"ks", "tvd", "missing", *derived_features.NAMES}
"""Statistics whose tests form one family."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One row of the answer.

    Attributes
    ----------
    matters
        The score reaches its practical floor.
    structural
        A verdict that needs no test.
    only_if_drifted
        The row is shown where it is a verdict, and counts as a test anyway.
    """

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


def from_score(
    feature: str, statistic: str, window: Period, rows: tuple[int, int], score: Score, only_if_drifted: bool = False
) -> Finding:
    """Return the finding of a test.

    Parameters
    ----------
    feature, statistic, window
        What was compared, how and when.
    rows
        The number of reference and of current rows.
    only_if_drifted
        As in `Finding`.
    """
    return Finding(
        feature,
        statistic,
        window.label,
        *rows,
        score.value,
        score.p_value,
        score.threshold,
        score.matters,
        only_if_drifted=only_if_drifted,
    )


def missing_column(reference: FeatureProfile, window: Period) -> Finding:
    """Return the finding of a feature that is not among the current columns."""
    return Finding(reference.name, "missing_column", window.label, reference.sample.n, window.n, 1.0, structural=True)


def extra_column(name: str, window: Period) -> Finding:
    """Return the finding of a column that the reference does not have; it makes no verdict."""
    return Finding(name, "extra_column", window.label, 0, window.n, 1.0)


def structural_issue(reference: FeatureProfile, now: FeatureProfile, window: Period) -> Finding | None:
    """Return the finding that prevents a test; it counts as drift, except in a period without rows."""
    name = _issue(reference, now)
    if name is None:
        return None
    gap = name == "no_rows"
    return Finding(
        reference.name, name, window.label, reference.sample.n, 0, math.nan if gap else 1.0, structural=not gap
    )


def _issue(reference: FeatureProfile, now: FeatureProfile) -> str | None:
    sample = now.sample
    if not sample.total:
        return "no_rows"
    if not reference.sample.n:
        return "empty_reference" if sample.missing < sample.total else "no_rows"
    if sample.missing == sample.total:
        return "all_missing"
    if now.native != reference.native or now.coded != (reference.kind in ("categorical", "text")):
        return "changed_type"
    return "all_infinite" if not sample.n else None


def to_frame(found: Sequence[Finding]) -> pd.DataFrame:
    """Decide on all findings together and tabulate them; ``attrs["definitions"]`` defines each statistic."""
    import pandas as pd

    drifted: dict[int, bool] = {}
    for members in _families(found):
        for finding, q in zip(members, q_values([finding.p_value for finding in members])):
            drifted[id(finding)] = finding.structural or _is_verdict(finding, float(q))
    rows = [
        (f.feature, f.statistic, f.score, f.p_value, f.threshold, drifted[id(f)], f.period, f.n_reference, f.n_current)
        for f in found
        if drifted[id(f)] or not f.only_if_drifted
    ]
    frame = pd.DataFrame(rows, columns=list(DRIFT_COLUMNS)).astype(
        {"drifted": bool, "score": float, "p_value": float, "threshold": float}
    )
    known = sorted({finding.statistic for finding in found} & set(STATISTICS))
    frame.attrs["definitions"] = {name: entry["definition"] for name, entry in declarations.describe(known).items()}
    return frame


def _is_verdict(finding: Finding, q: float) -> bool:
    """Return whether a test is a verdict: improbable, large enough to matter, and about more than a few rows."""
    return q < FALSE_DISCOVERY_RATE and finding.matters and finding.n_current >= FEWEST_ROWS


def _families(found: Sequence[Finding]) -> Iterator[list[Finding]]:
    """Group the tests that are decided together: all tests of the default, else those of one statistic."""
    if (
        any(finding.only_if_drifted for finding in found)
        or {finding.statistic for finding in found if not math.isnan(finding.p_value)} <= DEFAULTS
    ):
        yield list(found)
        return
    for name in dict.fromkeys(finding.statistic for finding in found):
        yield [finding for finding in found if finding.statistic == name]
