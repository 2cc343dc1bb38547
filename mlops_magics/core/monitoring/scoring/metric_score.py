"""The score of a metric in a period, the table of scores, and the notes on scores and bands that are missing."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from mlops_magics.core.monitoring.reading import periods

if TYPE_CHECKING:
    import pandas as pd

_END = re.compile(r", up to [^:]+")
"""The end of one band, in the reason for its width."""
PERFORMANCE_COLUMNS = ("period", "metric", "score", "n", "kind", "lower", "upper")


@dataclass(frozen=True, slots=True)
class MetricScore:
    """One metric in one period: a row of `mlops_magics.performance`.

    Attributes
    ----------
    n
        Rows whose truth is known, or rows that were estimated.
    lower, upper
        The 95 % confidence band: of a measured metric for all rows like these, of an estimated one for these rows when
        their truth is known.
    reason
        The reason why the score is missing.
    doubt
        The reason why the band is missing, or much wider than the score.
    """

    period: str
    metric: str
    score: float
    n: int
    kind: Literal["measured", "estimated"]
    lower: float = math.nan
    upper: float = math.nan
    reason: str = field(default="", compare=False)
    doubt: str = field(default="", compare=False)


def to_frame(scores: Iterable[MetricScore]) -> pd.DataFrame:
    """Tabulate scores."""
    import pandas as pd

    rows = [[getattr(each, name) for name in PERFORMANCE_COLUMNS] for each in scores]
    return pd.DataFrame(rows, columns=list(PERFORMANCE_COLUMNS)).astype(
        {"score": float, "lower": float, "upper": float}
    )


def remarks(scores: Sequence[MetricScore]) -> list[str]:
    """Return notes on missing scores and on bands that are missing or wide, one for each reason and its periods."""
    periods_of: dict[tuple[str, str], list[MetricScore]] = {}
    for each in scores:
        if each.doubt:
            periods_of.setdefault((_name(each), _END.sub("", each.doubt)), []).append(each)
    metrics_of: dict[tuple[str, str], list[str]] = {}
    for (metric, doubt), found in periods_of.items():
        words = found[0].doubt if len(found) == 1 else doubt
        metrics_of.setdefault((words, _where([each.period for each in found])), []).append(metric)
    bands = [f"the band of {', '.join(names)}{where} {words}" for (words, where), names in metrics_of.items()]
    return [*undefined(scores), *bands]


def _name(score: MetricScore) -> str:
    return f"estimated {score.metric}" if score.kind == "estimated" else score.metric


def undefined(scores: Iterable[MetricScore]) -> list[str]:
    """Return notes on missing scores, one for each metric and reason."""
    found: dict[tuple[str, str], list[str]] = {}
    for each in scores:
        if each.reason:
            found.setdefault((each.metric, each.reason), []).append(each.period)
    return [f"{metric}{_where(labels)} is not defined: {reason}" for (metric, reason), labels in found.items()]


def _where(labels: Sequence[str]) -> str:
    if len(labels) > 1:
        return f" in {len(labels)} periods ({labels[0]} to {labels[-1]})"
    return "" if labels[0] == periods.WHOLE else f" in {labels[0]}"
