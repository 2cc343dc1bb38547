"""Findings: one per feature, statistic and period, and the verdicts over all of them together."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlops_magics.core.monitoring.profiling import derived_features
from mlops_magics.core.monitoring.profiling.feature_profile import FeatureProfile
from mlops_magics.core.monitoring.reading.periods import Period
from mlops_magics.core.monitoring.statistics import declarations
from mlops_magics.core.monitoring.statistics.declarations import PAIRS, STATISTICS
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
PAIRS_SHARE = 0.2
"""The part of the rate of false discoveries at which pairs are decided."""
TRIFLE = 1e-9
"""Weight of a test that is certain to be below its floor."""
DEFAULTS = {"ks", "tvd", "missing", *derived_features.NAMES}
"""Statistics whose tests form one family."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One row of the result.

    Attributes
    ----------
    matters
        The score reaches its practical floor.
    structural
        A verdict that needs no test.
    only_if_drifted
        The row is shown where it is a verdict, and counts as a test anyway.
    detail
        The subject of the score, where the statistic alone does not show it.
    partner
        The other feature of a pair.
    p_at_floor
        As in `Score`.
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
    detail: str = ""
    partner: str = ""
    p_at_floor: float = 1.0


def from_score(
    feature: str, statistic: str, window: Period, rows: tuple[int, int], score: Score, only_if_drifted: bool = False
) -> Finding:
    """Return the finding of a test.

    Parameters
    ----------
    feature, statistic, window
        The feature, the statistic and the period of the comparison.
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
        p_at_floor=score.p_at_floor,
    )


def missing_column(reference: FeatureProfile, window: Period) -> Finding:
    """Return the finding of a feature that is not among the current columns."""
    return Finding(reference.name, "missing_column", window.label, reference.sample.n, window.n, 1.0, structural=True)


def extra_column(name: str, window: Period) -> Finding:
    """Return the finding of a column that the reference does not have, which makes no verdict."""
    return Finding(name, "extra_column", window.label, 0, window.n, 1.0)


def structural_issue(reference: FeatureProfile, now: FeatureProfile, window: Period) -> Finding | None:
    """Return the finding that prevents a test, which counts as drift except in a period without rows."""
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
    """Decide on all findings together and tabulate them.

    ``attrs["definitions"]`` defines each statistic, ``attrs["details"]`` names the subject of a score, by feature,
    statistic and period.
    """
    import pandas as pd

    kept = list(decide(found))
    rows = [
        (f.feature, f.statistic, f.score, f.p_value, f.threshold, drifted, f.period, f.n_reference, f.n_current)
        for f, drifted, _ in kept
    ]
    frame = pd.DataFrame(rows, columns=list(DRIFT_COLUMNS)).astype(
        {"drifted": bool, "score": float, "p_value": float, "threshold": float}
    )
    known = sorted({finding.statistic for finding in found} & {*STATISTICS, *PAIRS})
    frame.attrs["definitions"] = {name: entry["definition"] for name, entry in declarations.describe(known).items()}
    frame.attrs["details"] = {(f.feature, f.statistic, f.period): f.detail for f, *_ in kept if f.detail}
    return frame


def decide(found: Sequence[Finding]) -> Iterator[tuple[Finding, bool, float]]:
    """Yield each finding that is shown, whether it is drift, and its adjusted p-value."""
    adjusted: dict[int, float] = {}
    drifted: dict[int, bool] = {}
    seen: set[tuple[str, str]] = set()
    for members, weights in _families(found):
        p_values = [1.0 if each.only_if_drifted and _of_moved(each, seen) else each.p_value for each in members]
        for finding, q in zip(members, q_values(p_values, weights)):
            # by identity: two findings may be equal in all their fields
            adjusted[id(finding)] = float(q)
            drifted[id(finding)] = finding.structural or _is_verdict(finding, float(q))
        seen |= {(f.feature, f.period) for f in members if drifted[id(f)] and f.statistic in declarations.MAIN}
    for finding in found:
        if not finding.only_if_drifted or (drifted[id(finding)] and not _repeats(finding, seen)):
            yield finding, drifted[id(finding)], adjusted[id(finding)]


def _repeats(finding: Finding, seen: Collection[tuple[str, str]]) -> bool:
    """Return whether the main statistic of the feature found drift in that period."""
    return finding.statistic in declarations.BESIDE and (finding.feature, finding.period) in seen


def _of_moved(finding: Finding, seen: Collection[tuple[str, str]]) -> bool:
    """Return whether a finding is about a pair of which one feature has moved: then their correlation may follow."""
    return bool(finding.partner) and any((name, finding.period) in seen for name in (finding.feature, finding.partner))


def _is_verdict(finding: Finding, q: float) -> bool:
    """Return whether a test is a verdict: improbable, large enough to matter, and about more than a few rows."""
    return q < FALSE_DISCOVERY_RATE and finding.matters and finding.n_current >= FEWEST_ROWS


def _families(found: Sequence[Finding]) -> Iterator[tuple[list[Finding], list[float] | None]]:
    """Group the tests that are decided together: all tests of the default, else those of one statistic.

    In the default family the tests of one feature in one period share its false alarms by their weights. Those of pairs
    are a family of their own: features that moved, and there may be many, would lend them their share.
    """
    if (
        any(finding.only_if_drifted for finding in found)
        or {finding.statistic for finding in found if not math.isnan(finding.p_value)} <= DEFAULTS
    ):
        alone = [finding for finding in found if not finding.partner]
        pairs = [finding for finding in found if finding.partner]
        yield alone, _weights(alone)
        yield pairs, [PAIRS_SHARE] * len(pairs)
        return
    for name in dict.fromkeys(finding.statistic for finding in found):
        yield [finding for finding in found if finding.statistic == name], None


def _weights(found: Sequence[Finding]) -> list[float]:
    """Return the weight of each test, with a mean of at most 1 over the tests.

    The tests of a feature in a period share its rate of false alarms. One whose score must reach a floor takes no more
    than the p-value that it has there, and leaves the rest to the others.
    """
    groups: dict[tuple[str, str], list[int]] = {}
    for place, finding in enumerate(found):
        if not math.isnan(finding.p_value):
            groups.setdefault((finding.feature, finding.period), []).append(place)
    tests = sum(map(len, groups.values()))
    weights = [1.0] * len(found)
    for places in groups.values():
        own = [declarations.weight_of(found[place].statistic) for place in places]
        most = [found[place].p_at_floor * tests / FALSE_DISCOVERY_RATE for place in places]
        for place, weight in zip(places, _shared(tests / len(groups), own, most)):
            weights[place] = weight
    return weights


def _shared(total: float, own: Sequence[float], most: Sequence[float]) -> list[float]:
    """Divide a total by weights, with each part at most its limit and at least `TRIFLE`."""
    parts = [0.0] * len(own)
    left, open_places = total, list(range(len(own)))
    while open_places:
        each = left / sum(own[place] for place in open_places)
        # parts that reach their limit first: what they leave is divided among the others again
        full = [place for place in open_places if own[place] * each >= most[place]]
        for place in full or open_places:
            parts[place] = max(min(own[place] * each, most[place]), TRIFLE)
            left -= parts[place]
        if not full:
            break
        open_places = [place for place in open_places if place not in full]
        left = max(left, 0.0)
    return parts
