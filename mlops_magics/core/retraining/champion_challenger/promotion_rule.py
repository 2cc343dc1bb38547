"""The rule of a promotion: conditions on the comparison before the challenger becomes champion."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from mlops_magics.core import phrases
from mlops_magics.core.retraining.champion_challenger.gain_metrics import POINTS
from mlops_magics.core.retraining.retraining import Check, Gain, SegmentGain
from mlops_magics.errors import InvalidInput

RuleName = Literal["better", "no-worse", "never"]
RULES: tuple[RuleName, ...] = ("better", "no-worse", "never")
MARGIN = 0.02
"""Loss that a challenger may have: points of a metric between 0 and 1, else a share of the champion's score."""
LEVEL = 0.95
FEWEST_ROWS = 30
"""Held-out rows below which nothing is promoted."""
_FLOOR = re.compile(r"(?P<metric>[A-Za-z_][\w]*)\s*(?P<side><=|>=|<|>|=)\s*(?P<limit>[-+.\deE]+)")


@dataclass(frozen=True, slots=True)
class PromotionRule:
    """Conditions of a promotion.

    Attributes
    ----------
    promote_if
        ``better``: the lower bound of the gain is above ``min_gain``. ``no-worse``: it is above minus ``margin``.
        ``never``: a person decides.
    metric
        The metric that decides, by default accuracy, AUC for a rare class, or the root mean squared error.
    min_gain
        The gain that is required.
    margin, segment_margin
        The loss that the challenger may have, in all and in a segment.
    floors
        Metric to the worst score that is accepted of the challenger.
    level
        The level of the intervals.
    """

    promote_if: RuleName = "better"
    metric: str | None = None
    min_gain: float = 0.0
    margin: float = MARGIN
    segment_margin: float = MARGIN
    floors: Mapping[str, float] = field(default_factory=dict)
    level: float = LEVEL

    def __post_init__(self) -> None:
        if self.promote_if not in RULES:
            raise InvalidInput(f"promote_if is one of {', '.join(RULES)}, not {self.promote_if!r}.")
        if not 0.5 < self.level < 1:
            raise InvalidInput(f"The level of an interval is between 0.5 and 1, such as 0.95, not {self.level}.")
        for name in ("min_gain", "margin", "segment_margin"):
            if not getattr(self, name) >= 0:
                raise InvalidInput(f"{name} is 0 or more, not {getattr(self, name)}.")


def floors_of(words: Iterable[str]) -> dict[str, float]:
    """Read floors such as ``accuracy>=0.8``, or ``rmse<=3`` for a metric that is better when it is smaller.

    Raises
    ------
    InvalidInput
    """
    found: dict[str, float] = {}
    for word in words:
        match = _FLOOR.fullmatch(word.strip())
        try:
            limit = float(match["limit"]) if match else None
        except ValueError:
            limit = None
        if match is None or limit is None:
            raise InvalidInput(f"{word!r} is not a valid floor. Write accuracy>=0.8, or rmse<=3.")
        found[match["metric"]] = limit
    return found


def allowed_loss(margin: float, gain: Gain) -> float:
    """Return the margin in the unit of the metric."""
    return margin if gain.metric in POINTS or gain.champion is None else margin * abs(gain.champion)


def checks_of(rule: PromotionRule, gains: Iterable[Gain], segments: Iterable[SegmentGain], rows: int) -> list[Check]:
    """Return the conditions on the scores, and whether each held.

    Parameters
    ----------
    rule
        The rule.
    gains, segments
        The gains on all rows and in each segment.
    rows
        The number of held-out rows.
    """
    by_name = {each.metric: each for each in gains}
    deciding = next(each for each in by_name.values() if each.decides)
    checks = [_enough(rows), _of_gain(rule, deciding)]
    checks += [_of_floor(name, limit, by_name.get(name)) for name, limit in rule.floors.items()]
    return [*checks, _of_segments(rule, list(segments))] if segments else checks


def _enough(rows: int) -> Check:
    return Check("enough rows", rows >= FEWEST_ROWS, f"{rows:,} held-out rows, at least {FEWEST_ROWS}")


def _of_gain(rule: PromotionRule, gain: Gain) -> Check:
    name = gain.metric
    if rule.promote_if == "no-worse":
        limit, asked = -allowed_loss(rule.margin, gain), f"no worse on {name} by {allowed_loss(rule.margin, gain):.3g}"
    else:
        limit, asked = rule.min_gain, f"better on {name} by more than {rule.min_gain:.3g}"
    if gain.gain is None or gain.lower is None or gain.upper is None:
        return Check(asked, False, f"{name} is not defined for these rows")
    found = f"the gain is {gain.gain:+.3g} ({gain.lower:+.3g} to {gain.upper:+.3g})"
    return Check(asked, gain.lower > limit, found)


def _of_floor(name: str, limit: float, gain: Gain | None) -> Check:
    if gain is None or gain.challenger is None:
        return Check(f"floor of {name}", False, f"{name} is not known")
    held = gain.challenger >= limit if gain.greater_is_better else gain.challenger <= limit
    sign = "at least" if gain.greater_is_better else "at most"
    return Check(f"floor of {name}", held, f"{gain.challenger:.3g}, {sign} {limit:.3g}")


def _of_segments(rule: PromotionRule, segments: list[SegmentGain]) -> Check:
    worse = [each for each in segments if not each.held]
    asked = f"no segment worse by more than {rule.segment_margin:.3g}"
    if worse:
        named = ", ".join(f"{each.segment} ({each.gain:+.3g})" for each in worse[:3] if each.gain is not None)
        return Check(asked, False, f"worse: {named}")
    return Check(asked, True, f"{phrases.counted(len(segments), 'segment')} compared")
