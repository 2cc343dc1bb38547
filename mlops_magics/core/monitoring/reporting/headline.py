"""The headline of a report: a sentence and a paragraph made by rules, from numbers only."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

from mlops_magics.core import phrases
from mlops_magics.core.metric_directions import direction
from mlops_magics.core.monitoring.reporting import feature_summary
from mlops_magics.core.monitoring.reporting.alert import Alert
from mlops_magics.core.monitoring.reporting.feature_summary import Compared, FeatureSummary
from mlops_magics.core.monitoring.reporting.period_words import in_words, spans_years

if TYPE_CHECKING:
    import pandas as pd

NOT_OF_THE_MODEL = ("extra_column",)
"""Findings about columns that the model does not read."""
NAMED = 3
"""Features that the paragraph names."""
ENOUGH_ROWS, FEWEST_ROWS = 30, 10
"""Rows from which a period is compared with others, or half of the largest period, if that is between the two."""
Meaning = Literal["alert", "good", "info"]


class Summarised(Compared, Protocol):
    """The parts of a report that a headline reads."""

    @property
    def rows(self) -> int: ...

    @property
    def performance(self) -> pd.DataFrame: ...

    @property
    def segment_drift(self) -> pd.DataFrame | None: ...

    @property
    def segmented_by(self) -> str: ...

    @property
    def alerts(self) -> tuple[Alert, ...]: ...

    @property
    def limits(self) -> Mapping[str, tuple[float | None, float | None]]: ...

    @property
    def smaller_is_better(self) -> tuple[str, ...]: ...

    @property
    def rows_needed(self) -> int: ...

    @property
    def too_few(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Headline:
    """The most important facts of a report. ``meaning`` decides which sign is shown with them.

    Attributes
    ----------
    alarms
        The alerts on performance, which views list by themselves.
    """

    meaning: Meaning
    sentence: str
    paragraph: str
    alarms: str = ""

    @property
    def line(self) -> str:
        """The headline in one line, with the alerts before their explanation."""
        return " ".join(part for part in (self.sentence, self.alarms, self.paragraph) if part)


@dataclass(frozen=True, slots=True)
class Course:
    """The first metric of a report, from its first to its last period of enough rows. ``periods`` counts those."""

    metric: str
    kind: str
    first: float
    last: float
    period: str
    periods: int
    outside: str
    worse: bool


def of_report(report: Summarised) -> Headline:
    """Return the headline of a report."""
    if not report.rows:
        return Headline("info", "There is nothing to compare yet: no rows came.", "")
    features = [each for each in feature_summary.summaries(report) if each.worst["statistic"] not in NOT_OF_THE_MODEL]
    drifted = [each for each in features if each.verdict == "drifted"]
    course = course_of(report)
    alarms = [alert for alert in report.alerts if alert.subject == "performance"]
    worse = bool(alarms) or (course is not None and course.worse)
    performance = [] if alarms else _performance(course)
    dated = spans_years([each.label for each in report.periods])
    words = " ".join([*_changes(drifted, dated=dated), *_within_segments(report), *performance])
    if not drifted and not worse and report.too_few:
        return Headline("info", _too_few(report, len(features)), words)
    meaning: Meaning = "alert" if drifted or report.alerts or worse else "good"
    return Headline(meaning, _sentence(features, drifted, course, worse), words, " ".join(_alarms(alarms)))


def _too_few(report: Summarised, count: int) -> str:
    rows = phrases.counted(max(period.n for period in report.periods), "row")
    rows += " in the largest period" if len(report.periods) > 1 else ""
    features = f"{phrases.in_words(count)} features changed" if count != 1 else "the only feature changed"
    return (
        f"Too few rows to say whether {features}: {rows}, and a shift of one standard deviation is found from "
        f"{report.rows_needed:,} on."
    )


def _sentence(
    features: Sequence[FeatureSummary], drifted: Sequence[FeatureSummary], course: Course | None, worse: bool
) -> str:
    how_many = phrases.in_words(len(drifted)) if drifted else "no"
    of = f"{how_many} of {phrases.in_words(len(features))} features" if drifted else "no feature"
    if len(features) == 1:
        of = "the only feature" if drifted else "the only feature has not"
    words = f"{of} changed enough to matter" if features else "no feature was compared"
    if worse:
        tail = ", and the model got worse" if drifted else ", but the model got worse"
    elif course is None or course.periods < 2:
        tail = f", and {course.metric} is {course.outside}" if course is not None and course.outside else ""
    else:
        tail = ", but the model holds" if drifted else ", and the model holds"
    return f"{phrases.sentence(words)}{tail}."


def _alarms(alarms: Sequence[Alert]) -> Iterator[str]:
    """Yield the alerts on performance, each with its segment, value, limit and former value."""
    for alert in alarms[:NAMED]:
        yield f"{alert.message}."
    if len(alarms) > NAMED:
        yield f"{phrases.sentence(phrases.counted(len(alarms) - NAMED, 'more alert'))}."


def _changes(drifted: Sequence[FeatureSummary], *, dated: bool) -> Iterator[str]:
    """Yield one sentence: the features with the largest effects, those with the same change together."""
    together: dict[tuple[str | None, str], list[str]] = {}
    for each in drifted[:NAMED]:
        together.setdefault((each.since, each.change), []).append(each.feature)
    parts = [
        _clause(names, change, since and in_words(since, dated=dated)) for (since, change), names in together.items()
    ]
    more = len(drifted) - NAMED
    parts += [f"{phrases.in_words(more)} more changed"] if more > 0 else []
    if parts:
        yield f"{phrases.sentence(parts[0]) if parts[0].startswith('since ') else parts[0]}{_rest(parts[1:])}."


def _clause(names: Sequence[str], change: str, since: str | None) -> str:
    begin = f"since {since} " if since is not None else ""
    return f"{begin}{phrases.listed(names)} {_of_several(change) if len(names) > 1 else change}"


def _of_several(change: str) -> str:
    verb, _, rest = change.partition(" ")
    return f"{ {'is': 'are', 'has': 'have'}.get(verb, verb) } {rest}".strip()


def _rest(parts: Sequence[str]) -> str:
    if not parts:
        return ""
    return "".join(f", {part}" for part in parts[:-1]) + f", and {parts[-1]}"


def _within_segments(report: Summarised) -> Iterator[str]:
    drift = report.segment_drift
    if drift is None or drift.empty:
        return
    found = drift[drift["drifted"]]
    places = list(dict.fromkeys(f"{feature} in {part}" for part, feature in zip(found["segment"], found["feature"])))
    within = f"By {report.segmented_by}" if report.segmented_by else "Within segments"
    if len(places) > NAMED:
        part, most = Counter(found.drop_duplicates(["segment", "feature"])["segment"]).most_common(1)[0]
        yield f"{within}: {len(places)} changes, of which {most} in {part}."
    elif places:
        yield f"{within}: {', '.join(places)}."


def _performance(course: Course | None) -> Iterator[str]:
    if course is None:
        return
    how = " (estimated)" if course.kind == "estimated" else ""
    tail = f", {course.outside}" if course.outside else ""
    if not course.periods:
        yield f"{course.metric}{how} has too few rows in each period to say whether it changed{tail}."
        return
    if course.periods < 2:
        yield f"{course.metric} is {_metric(course.last)}{how}{tail}."
        return
    verb = "stayed near" if _metric(course.first) == _metric(course.last) else ""
    if verb:
        yield f"{course.metric}{how} {verb} {_metric(course.last)}{tail}."
        return
    verb = "rose" if course.last > course.first else "fell"
    yield f"{course.metric}{how} {verb} from {_metric(course.first)} to {_metric(course.last)}{tail}."


def _metric(value: float) -> str:
    return f"{value:.3g}".replace("-", "−")


def course_of(report: Summarised) -> Course | None:
    """Return the first metric with its first and last score. Measured scores precede estimates, which must be valid."""
    performance = report.performance
    known = performance[performance["score"].notna() & ~doubted(report)]
    if known.empty:
        return None
    kind = "measured" if (known["kind"] == "measured").any() else "estimated"
    known = known[known["kind"] == kind]
    rows: list[dict[Any, Any]] = known[known["metric"] == known["metric"].iloc[0]].to_dict("records")
    large = _large(rows) if len(rows) > 1 else rows
    first, last = (large or rows)[0], rows[-1]
    metric = str(last["metric"])
    outside = _outside(last["score"], report.limits.get(metric, (None, None)))
    worse = _is_worse(first, last, -1 if metric in report.smaller_is_better else direction(metric))
    end = last if worse or not large else large[-1]
    return Course(
        metric=metric,
        kind=kind,
        first=first["score"],
        last=end["score"],
        period=str(end["period"]),
        periods=max(len(large), 2 * worse),
        outside=outside,
        worse=bool(outside) or worse,
    )


def _large(rows: Sequence[dict[Any, Any]]) -> list[dict[Any, Any]]:
    """Return the periods that are large enough to be compared: a part of a day may have one row."""
    enough = max(FEWEST_ROWS, min(ENOUGH_ROWS, max(row["n"] for row in rows) / 2))
    return [row for row in rows if row["n"] >= enough]


def _outside(score: float, limits: tuple[float | None, float | None]) -> str:
    low, high = limits
    if low is not None and score < low:
        return f"below the limit of {low:g}"
    return f"above the limit of {high:g}" if high is not None and score > high else ""


def _is_worse(first: dict[Any, Any], last: dict[Any, Any], better: int) -> bool:
    """Return whether the bands of two scores are apart, on the wrong side."""
    ends = [first["lower"], first["upper"], last["lower"], last["upper"]]
    if better == 0 or first is last or not all(math.isfinite(end) for end in ends):
        return False
    # bands that overlap may be chance, so the model does not count as worse
    return bool(last["upper"] < first["lower"] if better > 0 else last["lower"] > first["upper"])


def doubted(report: Summarised) -> pd.Series:
    """Return the mask of the performance's rows that are estimates and not valid."""
    invalid = {period.label for period in report.periods if not period.estimate_valid}
    performance = report.performance
    return (performance["kind"] == "estimated") & performance["period"].isin(invalid)
