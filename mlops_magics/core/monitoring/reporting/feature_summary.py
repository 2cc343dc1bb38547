"""The summary of one feature over all periods: its verdict, its beginning, and its change in words."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

from mlops_magics.core.monitoring.reporting.histograms import Distribution
from mlops_magics.core.monitoring.reporting.period_words import share, spelled
from mlops_magics.core.monitoring.statistics.declarations import STRUCTURAL
from mlops_magics.core.monitoring.statistics.false_discovery import FALSE_DISCOVERY_RATE

if TYPE_CHECKING:
    import pandas as pd

    from mlops_magics.core.monitoring.reporting.report_period import ReportPeriod

FeatureVerdict = Literal["drifted", "small", "unsure", "stable"]
MOVED = 0.1
"""Standard deviations of the reference by which a mean is higher or lower than before."""
NOTED_MISSING = 0.02
"""Share of rows by which more or fewer values are missing."""
HIGHEST_SEVERITY = 99.0
TROUBLE = {
    "missing_column": "is not among the current columns",
    "all_missing": "has no value any more",
    "all_infinite": "has infinite values only",
    "changed_type": "has values of another type",
    "empty_reference": "has values, and had none at training",
}


class Compared(Protocol):
    """The parts of a report that a summary reads."""

    @property
    def drift(self) -> pd.DataFrame: ...

    @property
    def q_values(self) -> tuple[float, ...]: ...

    @property
    def distributions(self) -> tuple[Distribution, ...]: ...

    @property
    def periods(self) -> tuple[ReportPeriod, ...]: ...


@dataclass(frozen=True, slots=True)
class FeatureSummary:
    """A feature over all periods.

    Attributes
    ----------
    worst
        The row of the drift table with the largest effect, a drifted one before others.
    verdict
        ``drifted``: improbable and large. ``small``: improbable, below the floor. ``unsure``: large, and may be
        chance, else ``stable``.
    since
        The label of the first period of a drift that still lasts, or None where it is over or there is one period.
    change
        The present state, after the name: ``is higher``, ``has the new value ZX``.
    sentence
        The same with its numbers.
    """

    feature: str
    worst: Mapping[Any, Any]
    q_value: float
    verdict: FeatureVerdict
    since: str | None
    change: str
    sentence: str
    rows: Sequence[Mapping[Any, Any]]


def severity(row: Mapping[Any, Any]) -> float:
    """Return the ratio of a score to its threshold. Faults without a score count most."""
    # a lost column or a new type has no threshold
    if row["drifted"] and not (math.isfinite(row["threshold"]) and row["threshold"] > 0):
        return HIGHEST_SEVERITY
    effect = abs(row["score"]) / row["threshold"] if row["threshold"] > 0 else 0.0
    return min(effect, HIGHEST_SEVERITY) if math.isfinite(effect) else 0.0


def summaries(report: Compared) -> list[FeatureSummary]:
    """Return the features: the drifted ones first, then by the largest effect over its threshold."""
    rows: list[dict[Any, Any]] = report.drift.to_dict("records")
    known, details = len(report.q_values) == len(rows), report.drift.attrs.get("details", {})
    groups: dict[str, list[dict[Any, Any]]] = {}
    for place, row in enumerate(rows):
        row["q_value"] = report.q_values[place] if known else math.nan
        row["detail"] = details.get((row["feature"], row["statistic"], row["period"]), "")
        groups.setdefault(row["feature"], []).append(row)
    shapes = {entry.feature: entry for entry in report.distributions}
    labels = [period.label for period in report.periods]
    found = [_summary(name, group, shapes.get(name), labels) for name, group in groups.items()]
    return sorted(found, key=lambda each: (each.verdict != "drifted", -severity(each.worst)))


def _summary(
    name: str, rows: Sequence[Mapping[Any, Any]], shape: Distribution | None, labels: Sequence[str]
) -> FeatureSummary:
    worst = max(rows, key=lambda row: (row["drifted"], severity(row)))
    drifted = {row["period"] for row in rows if row["drifted"]}
    change, sentence = _in_words(worst, shape)
    verdict = _verdict(rows, worst)
    return FeatureSummary(
        feature=name,
        worst=worst,
        q_value=worst["q_value"],
        verdict=verdict,
        since=_since(drifted, labels),
        change=change,
        sentence="" if verdict == "stable" else sentence,
        rows=rows,
    )


def _verdict(rows: Sequence[Mapping[Any, Any]], worst: Mapping[Any, Any]) -> FeatureVerdict:
    if any(row["drifted"] for row in rows):
        return "drifted"
    if severity(worst) >= 1:
        return "unsure"
    improbable = [row["p_value"] if math.isnan(row["q_value"]) else row["q_value"] for row in rows]
    return "small" if any(q < FALSE_DISCOVERY_RATE for q in improbable) else "stable"


def _since(drifted: set[Any], labels: Sequence[str]) -> str | None:
    """Return the first period of the run of drifted ones that reaches the last period."""
    if len(labels) < 2 or labels[-1] not in drifted:
        return None
    before = next((place for place in range(len(labels) - 1, -1, -1) if labels[place] not in drifted), -1)
    return labels[before + 1]


def _in_words(worst: Mapping[Any, Any], shape: Distribution | None) -> tuple[str, str]:
    """Return the change, in short and with numbers."""
    statistic = str(worst["statistic"])
    if statistic in STRUCTURAL:
        words = TROUBLE.get(statistic, statistic.replace("_", " "))
        return words, f"It {words}."
    if shape is None:
        return "changed", ""
    if statistic == "missing":
        return _of_missing(shape)
    if statistic == "correlation":
        return _of_correlation(str(worst["detail"]))
    if statistic == "clipped":
        return "is cut off at a limit", f"{share(worst['score'])} more of the rows than at training are at one end."
    if len(shape.facts) == 2:
        return _of_numbers(shape)
    return _of_categories(shape) if not shape.edges else ("changed", "")


def _of_missing(shape: Distribution) -> tuple[str, str]:
    then, now = missing_shares(shape)
    more = "more" if now > then else "less"
    return f"is missing {more} often", f"It is missing in {share(now)} of the rows, and in {share(then)} at training."


def _of_correlation(detail: str) -> tuple[str, str]:
    """Return the change of a pair, of which the detail has the partner and both correlations."""
    partner, _, values = detail.removeprefix("with ").rpartition(": ")
    return f"goes with {partner} differently than at training", f"Its correlation with {partner}: {values}."


def _of_numbers(shape: Distribution) -> tuple[str, str]:
    then, now = shape.facts
    apart = now.mean - then.mean
    beyond = f" {share(now.outside)} of the rows are outside the range of training." if now.outside > 0 else ""
    if math.isfinite(then.std) and abs(apart) > MOVED * then.std:
        way, verb = ("higher", "rose") if apart > 0 else ("lower", "fell")
        words = f"The mean {verb} from {spelled(then.mean)} to {spelled(now.mean)}.{beyond}"
        return f"is {way} than at training", words
    # as they are shown, because a difference in later digits would read as none
    if spelled(then.std) == spelled(now.std):
        return "is distributed differently", f"Mean and standard deviation hold. The shape is another one.{beyond}"
    wider = "more widely" if now.std > then.std else "less widely"
    spread = f"The standard deviation went from {spelled(then.std)} to {spelled(now.std)}.{beyond}"
    return f"is spread {wider}", spread


def _of_categories(shape: Distribution) -> tuple[str, str]:
    then, now = category_shares(shape)
    fresh = [label for label in shape.bars if label in shape.new]
    places = sorted(range(len(shape.bars)), key=lambda place: abs(now[place] - then[place]), reverse=True)
    if fresh:
        first = max(fresh, key=lambda label: now[shape.bars.index(label)])
        more = f" and {len(fresh) - 1} more" if len(fresh) > 1 else ""
        part = share(sum(now[shape.bars.index(label)] for label in fresh))
        words = f"{first}{more} did not occur at training, and now in {part} of the rows."
        return f"has the new value {first}{more}", words
    if not places:
        return "is mixed differently", ""
    top = places[0]
    verb = "rose" if now[top] > then[top] else "fell"
    return (
        "is mixed differently",
        f"The share of {shape.bars[top]} {verb} from {share(then[top])} to {share(now[top])}.",
    )


def missing_shares(shape: Distribution) -> tuple[float, float]:
    """Return the share of missing values in the reference and in all current rows."""
    first, *rest = shape.missing
    then, now = first + sum(shape.reference), sum(rest) + sum(map(sum, shape.current))
    return first / (then or 1), sum(rest) / (now or 1)


def category_shares(shape: Distribution) -> tuple[list[float], list[float]]:
    """Return the share of each bar in the reference and in all current rows."""
    now = [sum(counts) for counts in zip(*shape.current)] or [0] * len(shape.bars)
    before, after = sum(shape.reference) or 1, sum(now) or 1
    return [count / before for count in shape.reference], [count / after for count in now]
