"""The gain of the challenger by one metric, with its interval."""

from __future__ import annotations

from typing import Any

import numpy as np

from mlops_magics.core.retraining.champion_challenger import gain_metrics, paired_intervals
from mlops_magics.core.retraining.champion_challenger.contestants import Sides
from mlops_magics.core.retraining.champion_challenger.gain_metrics import greater_is_better
from mlops_magics.core.retraining.champion_challenger.paired_intervals import Interval
from mlops_magics.core.retraining.champion_challenger.promotion_rule import PromotionRule
from mlops_magics.core.retraining.retraining import Gain


def gain_of(name: str, sides: Sides, rule: PromotionRule, groups: Any, *, decides: bool) -> Gain:
    """Return both scores by a metric, and the gain with its interval: above 0 the challenger is better.

    Parameters
    ----------
    name
        The metric.
    sides
        The answers of both models to the held-out rows.
    rule
        The rule, with the level of the interval.
    groups
        The group of each row, or None.
    decides
        Whether it is the metric that decides.
    """
    better = greater_is_better(name)
    scores = [_score(name, sides, place) for place in (0, 1)]
    known = None not in scores
    interval = interval_of(name, sides, rule.level, groups) if known else paired_intervals.UNDEFINED
    return Gain(name, scores[0], scores[1], *signed(interval, better), better, decides, interval.method)


def signed(interval: Interval, better: bool) -> tuple[float | None, float | None, float | None]:
    """Turn a difference into a gain: above 0 is better."""
    if better or interval.difference is None:
        return interval.difference, interval.lower, interval.upper
    # a sign turned round also exchanges the ends of an interval
    turned = [None if each is None else -each for each in (interval.difference, interval.upper, interval.lower)]
    return turned[0], turned[1], turned[2]


def _score(name: str, sides: Sides, place: int, rows: Any = None) -> float | None:
    metric = gain_metrics.row_metric(name, sides.task)
    chosen = slice(None) if rows is None else rows
    if metric is None:
        whole = gain_metrics.any_metric(name)
        missing = whole.needs_scores and sides.reads("scores") is None
        value = None if missing else whole((sides.champion, sides.challenger)[place].take(chosen))[0]
    else:
        both = sides.reads(metric.reads)
        if both is None:
            return None
        statistics = metric.rows(sides.truth[chosen], both[place][chosen])
        value = float(metric.value(statistics.sum(axis=0))) if len(statistics) else None
    return value if value is not None and np.isfinite(value) else None


def interval_of(name: str, sides: Sides, level: float, groups: Any, rows: Any = None) -> Interval:
    """Return the interval of the challenger's score minus the champion's, by the method that fits the metric.

    Parameters
    ----------
    groups
        The group of each row, where rows depend on each other.
    rows
        The places of the rows to read, ``(n_chosen,)``. All by default.
    """
    chosen = np.arange(len(sides.truth)) if rows is None else rows
    truth = sides.truth[chosen]
    if name == "roc_auc" and sides.task == "binary" and groups is None:
        both = sides.reads("scores")
        return (
            paired_intervals.UNDEFINED
            if both is None
            else paired_intervals.of_auc(truth, both[0][chosen], both[1][chosen], level)
        )
    metric = gain_metrics.row_metric(name, sides.task)
    if metric is None:
        return _of_any(name, sides, level, groups, chosen)
    both = sides.reads(metric.reads)
    if both is None or not len(truth):
        return paired_intervals.UNDEFINED
    if name == "accuracy" and groups is None:
        return paired_intervals.of_accuracy(truth == both[0][chosen], truth == both[1][chosen], level)
    statistics = _same_width([metric.rows(truth, each[chosen]) for each in both])
    if metric.is_mean and groups is None:
        return paired_intervals.of_means(statistics[1][:, 0] - statistics[0][:, 0], level)
    return paired_intervals.of_row_metric(metric, statistics[0], statistics[1], level, groups)


def _same_width(statistics: list[Any]) -> list[Any]:
    """Pad counts of classes, which one model may answer and the other not."""
    widths = {each.shape[1] for each in statistics}
    if len(widths) == 1:
        return statistics
    most = max(widths) // 3
    return [
        np.hstack([np.pad(part, ((0, 0), (0, most - part.shape[1]))) for part in np.hsplit(each, 3)])
        for each in statistics
    ]


def _of_any(name: str, sides: Sides, level: float, groups: Any, chosen: Any) -> Interval:
    def measure(part: Any) -> float | None:
        both = [_score(name, sides, place, chosen[part]) for place in (0, 1)]
        return None if both[0] is None or both[1] is None else both[1] - both[0]

    return paired_intervals.of_any_metric(measure, len(chosen), level, groups)
