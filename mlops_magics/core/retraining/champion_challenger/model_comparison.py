"""The comparison of champion and challenger on held-out rows that neither of them was made with."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mlops_magics.core.answers import Answers
from mlops_magics.core.monitoring.reading import tables
from mlops_magics.core.monitoring.scoring import outcome_reader
from mlops_magics.core.monitoring.scoring.metric_rows import MetricRows
from mlops_magics.core.monitoring.scoring.model_task import Task
from mlops_magics.core.monitoring.scoring.outcomes import Asked, Outcomes
from mlops_magics.core.retraining.champion_challenger import gain_metrics, paired_intervals
from mlops_magics.core.retraining.champion_challenger.gain_metrics import greater_is_better
from mlops_magics.core.retraining.champion_challenger.paired_intervals import Interval
from mlops_magics.core.retraining.champion_challenger.promotion_rule import PromotionRule, allowed_loss, checks_of
from mlops_magics.core.retraining.retraining import Check, Comparison, Gain, SegmentGain
from mlops_magics.core.versioning import ModelVersion
from mlops_magics.errors import InvalidInput

TIMED_ROWS = 1000
ROUNDS = 3
SLOWER = 10.0
"""Times slower than the champion from which a challenger is not promoted, where it also costs `SLOW_SECONDS` more."""
SLOW_SECONDS = 0.25
FEWEST_IN_SEGMENT = 30
"""Rows below which a segment is not compared."""
MOST_SEGMENTS = 50


@dataclass(frozen=True, slots=True)
class Contestant:
    """A version with its model."""

    version: ModelVersion
    model: Any

    def rows(self, frame: Any) -> Any:
        """Return the features as the model takes them.

        Raises
        ------
        InvalidInput
            A feature is missing.
        """
        prototype = self.version.prototype
        if prototype is None:
            return frame
        missing = [name for name in prototype.names if name not in frame.columns]
        if missing:
            raise InvalidInput(f"The held-out rows lack {missing[0]!r}, which {self.version.ref} reads.")
        chosen = frame[list(prototype.names)]
        return chosen.to_numpy() if prototype.input_kind == "array" else chosen


@dataclass(frozen=True, slots=True)
class Sides:
    """Truths and the predictions of both models, in one coding.

    Attributes
    ----------
    rows
        Rows whose truth is known, ``(n_known,)``, as places in the held-out rows.
    champion, challenger
        What each predicted.
    """

    task: Task
    truth: Any
    champion: MetricRows
    challenger: MetricRows
    rows: Any

    def reads(self, kind: str) -> tuple[Any, Any] | None:
        """Return what a metric reads of each model; None where one of them has no probabilities."""
        sides = (self.champion, self.challenger)
        if kind != "scores":
            return sides[0].estimate, sides[1].estimate
        if any(each.scores is None for each in sides):
            return None
        both = [each.of_positive() if each.binary else each.scores for each in sides]
        return both[0], both[1]


def compare(
    champion: Contestant, challenger: Contestant, frame: Any, truth: Any, rule: PromotionRule, *,
    segments: Sequence[str] = (), groups: Any = None,
) -> Comparison:  # fmt: skip
    """Compare two models on the same rows.

    Parameters
    ----------
    frame, truth
        Held-out rows ``(n_samples, n_features)`` with at least the features of both, and their truth.
    segments
        Columns whose values are compared one by one.
    groups
        The group of each row, where rows depend on each other.

    Raises
    ------
    InvalidInput
        One of them cannot predict these rows.
    """
    answers = [
        Answers.of(each.model, each.rows(frame), f"held-out rows ({each.version.ref})")
        for each in (champion, challenger)
    ]
    sides = _sides(answers, truth)
    chosen = None if groups is None else np.asarray(groups)[sides.rows]
    names = _names(sides, rule)
    gains = [_gain(name, sides, rule, chosen, decides=place == 0) for place, name in enumerate(names)]
    by_segment = list(_segments(names[0], sides, frame, rule, segments, gains[0]))
    checks = checks_of(rule, gains, by_segment, len(sides.rows))
    checks += [*_same_shape(champion, challenger, answers, truth), _speed(champion, challenger, frame)]
    step = rule.min_gain or allowed_loss(rule.margin, gains[0])
    return Comparison(
        metric=names[0],
        rows=len(sides.rows),
        gains=tuple(gains),
        segments=tuple(by_segment),
        checks=tuple(checks),
        level=rule.level,
        power=_power(sides, gains[0], step, rule.level, grouped=groups is not None),
        power_gain=step,
    )


def _power(sides: Sides, gain: Gain, step: float, level: float, *, grouped: bool) -> float | None:
    """Return how often a gain of one step would be seen with these rows."""
    if gain.metric == "accuracy" and not grouped:
        right = [sides.truth == each.estimate for each in (sides.champion, sides.challenger)]
        return paired_intervals.power_of_accuracy(right[0], right[1], step, level)
    return paired_intervals.power_of(Interval(gain.gain, gain.lower, gain.upper, ""), step, level)


def _sides(answers: Sequence[Answers], truth: Any) -> Sides:
    """Code truths and predictions of both models alike: the outcomes of both, one behind the other, cut in two."""
    count = len(answers[0].predicted)
    found = _outcomes(answers, truth, count)
    known = np.flatnonzero(found.known[:count] & found.known[count:])
    cut = [MetricRows.of(found, known + start) for start in (0, count)]
    return Sides(found.task, cut[0].truth, cut[0], cut[1], known)


def _outcomes(answers: Sequence[Answers], truth: Any, count: int) -> Outcomes:
    import pandas as pd

    both_truth = tables.column_of("truth", pd.concat([pd.Series(truth).reset_index(drop=True)] * 2, ignore_index=True))
    guesses = [pd.Series(np.asarray(each.predicted).reshape(count, -1)[:, 0]) for each in answers]
    both_guess = tables.column_of("prediction", pd.concat(guesses, ignore_index=True))
    chances = [each.by_label for each in answers]
    probabilities = None
    if all(each is not None for each in chances):
        known = [each for each in chances if each is not None]
        labels = dict.fromkeys(label for each in known for label in each)
        probabilities = {
            label: tables.column_of("probability", np.concatenate([each.get(label, np.zeros(count)) for each in known]))
            for label in labels
        }
    regression = all(each.classifies is False for each in answers) and not both_truth.coded
    asked = Asked(kind="regression" if regression else None)
    return outcome_reader.build(both_truth, both_guess, None if regression else probabilities, asked)


def _names(sides: Sides, rule: PromotionRule) -> list[str]:
    """Return the metrics, the deciding one first, then those with a floor."""
    rarest = 1.0
    if sides.task != "regression" and len(sides.truth):
        counts = np.bincount(sides.truth)
        rarest = float(counts[counts > 0].min() / len(sides.truth)) if (counts > 0).sum() > 1 else 0.0
    shown = gain_metrics.defaults(sides.task, sides.reads("scores") is not None, rarest)
    return list(dict.fromkeys([*([rule.metric] if rule.metric else []), *shown, *rule.floors]))


def _gain(name: str, sides: Sides, rule: PromotionRule, groups: Any, *, decides: bool) -> Gain:
    better = greater_is_better(name)
    scores = [_score(name, sides, place) for place in (0, 1)]
    interval = _interval(name, sides, rule.level, groups)
    signed = _signed(interval, better)
    return Gain(name, scores[0], scores[1], *signed, better, decides, interval.method)


def _signed(interval: Interval, better: bool) -> tuple[float | None, float | None, float | None]:
    """Turn a difference into a gain: above 0 is better."""
    if better or interval.difference is None:
        return interval.difference, interval.lower, interval.upper
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


def _interval(name: str, sides: Sides, level: float, groups: Any, rows: Any = None) -> Interval:
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


def _segments(
    name: str, sides: Sides, frame: Any, rule: PromotionRule, columns: Sequence[str], whole: Gain
) -> Iterator[SegmentGain]:
    """Compare each value of each segmenting column that has enough rows; the most frequent ones first."""
    limit = allowed_loss(rule.segment_margin, whole)
    for column in columns:
        if column not in frame.columns:
            continue
        values = frame[column].astype("str").to_numpy()[sides.rows]
        labels, counts = np.unique(values, return_counts=True)
        frequent = sorted(zip(-counts, labels))[:MOST_SEGMENTS]
        for count, label in frequent:
            if -count < FEWEST_IN_SEGMENT:
                continue
            interval = _interval(name, sides, rule.level, None, np.flatnonzero(values == label))
            gain, lower, upper = _signed(interval, greater_is_better(name))
            surely_worse = gain is not None and gain < -limit and (upper is None or upper < 0)
            yield SegmentGain(f"{column} = {label}", int(-count), gain, lower, upper, not surely_worse)


def _same_shape(
    champion: Contestant, challenger: Contestant, answers: Sequence[Answers], truth: Any
) -> Iterator[Check]:
    """Check that the challenger reads the same features and knows every class that the champion knows."""
    before, after = (each.version.prototype for each in (champion, challenger))
    if before is not None and after is not None:
        lost = sorted(set(before.names) ^ set(after.names))
        text = f"{len(after.names)} features" if not lost else f"they differ: {', '.join(lost[:4])}"
        yield Check("reads the same features", not lost, text)
    known = [None if each.classes is None else {str(label) for label in each.classes} for each in answers]
    if known[0] is not None and known[1] is not None:
        gone = sorted(known[0] - known[1])
        text = f"{len(known[1])} classes" if not gone else f"it does not know {', '.join(gone[:4])}"
        yield Check("knows every class", not gone, text)
    finite = _is_finite(answers[1].predicted)
    yield Check(
        "answers every row", finite, "no answer is missing" if finite else "some answers are missing or not finite"
    )


def _is_finite(predicted: Any) -> bool:
    import pandas as pd

    values = pd.Series(np.asarray(predicted).reshape(len(predicted), -1)[:, 0])
    numeric = pd.api.types.is_numeric_dtype(values)
    return bool(values.notna().all() and (not numeric or np.isfinite(values.astype(float)).all()))


def _speed(champion: Contestant, challenger: Contestant, frame: Any) -> Check:
    """Check that predictions are not far slower."""
    seconds = [_seconds(each, frame) for each in (champion, challenger)]
    slow = seconds[1] > SLOWER * seconds[0] and seconds[1] - seconds[0] > SLOW_SECONDS
    text = f"{seconds[1] * 1000:.3g} ms for {min(len(frame), TIMED_ROWS)} rows, the champion {seconds[0] * 1000:.3g} ms"
    return Check("answers as fast", not slow, text)


def _seconds(side: Contestant, frame: Any) -> float:
    rows, times = side.rows(frame.head(TIMED_ROWS)), []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        side.model.predict(rows)
        times.append(time.perf_counter() - started)
    return min(times)
