"""The comparison of champion and challenger on held-out rows that neither of them was made with."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from mlops_magics.core import phrases
from mlops_magics.core.answers import Answers
from mlops_magics.core.retraining.champion_challenger import gain_metrics, paired_intervals
from mlops_magics.core.retraining.champion_challenger.contestants import Contestant, Sides, sides_of
from mlops_magics.core.retraining.champion_challenger.gain_metrics import greater_is_better
from mlops_magics.core.retraining.champion_challenger.paired_gains import gain_of, interval_of, signed
from mlops_magics.core.retraining.champion_challenger.paired_intervals import Interval
from mlops_magics.core.retraining.champion_challenger.promotion_rule import PromotionRule, allowed_loss, checks_of
from mlops_magics.core.retraining.retraining import Check, Comparison, Gain, SegmentGain

TIMED_ROWS = 1000
ROUNDS = 3
SLOWER = 10.0
"""Times slower than the champion from which a challenger is not promoted, where it also costs `SLOW_SECONDS` more."""
SLOW_SECONDS = 0.25
FEWEST_IN_SEGMENT = 30
"""Rows below which a segment is not compared."""
MOST_SEGMENTS = 50


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
    sides = sides_of(answers, truth)
    chosen = None if groups is None else np.asarray(groups)[sides.rows]
    names = _names(sides, rule)
    gains = [gain_of(name, sides, rule, chosen, decides=place == 0) for place, name in enumerate(names)]
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
        asked=-allowed_loss(rule.margin, gains[0]) if rule.promote_if == "no-worse" else rule.min_gain,
        segment_margin=allowed_loss(rule.segment_margin, gains[0]),
    )


def _power(sides: Sides, gain: Gain, step: float, level: float, *, grouped: bool) -> float | None:
    """Return the power: the share of times a gain of one step would be seen with these rows."""
    if gain.metric == "accuracy" and not grouped:
        right = [sides.truth == each.estimate for each in (sides.champion, sides.challenger)]
        return paired_intervals.power_of_accuracy(right[0], right[1], step, level)
    return paired_intervals.power_of(Interval(gain.gain, gain.lower, gain.upper, ""), step, level)


def _names(sides: Sides, rule: PromotionRule) -> list[str]:
    """Return the metrics, the deciding one first, then those with a floor."""
    rarest = 1.0
    if sides.task != "regression" and len(sides.truth):
        counts = np.bincount(sides.truth)
        rarest = float(counts[counts > 0].min() / len(sides.truth)) if (counts > 0).sum() > 1 else 0.0
    shown = gain_metrics.defaults(sides.task, sides.reads("scores") is not None, rarest)
    return list(dict.fromkeys([*([rule.metric] if rule.metric else []), *shown, *rule.floors]))


def _segments(
    name: str, sides: Sides, frame: Any, rule: PromotionRule, columns: Sequence[str], whole: Gain
) -> Iterator[SegmentGain]:
    """Compare each value of each segmenting column that has enough rows, the most frequent ones first."""
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
            interval = interval_of(name, sides, rule.level, None, np.flatnonzero(values == label))
            gain, lower, upper = signed(interval, greater_is_better(name))
            # many small segments are compared: one that is worse by chance must not hold a better model back
            surely_worse = gain is not None and gain < -limit and (upper is None or upper < 0)
            yield SegmentGain(f"{column} = {label}", int(-count), gain, lower, upper, not surely_worse)


def _same_shape(
    champion: Contestant, challenger: Contestant, answers: Sequence[Answers], truth: Any
) -> Iterator[Check]:
    """Check that the challenger reads the same features and has every class of the champion."""
    before, after = (each.version.prototype for each in (champion, challenger))
    if before is not None and after is not None:
        lost = sorted(set(before.names) ^ set(after.names))
        text = phrases.counted(len(after.names), "feature") if not lost else f"they differ: {', '.join(lost[:4])}"
        yield Check("reads the same features", not lost, text)
    known = [None if each.classes is None else {str(label) for label in each.classes} for each in answers]
    if known[0] is not None and known[1] is not None:
        gone = sorted(known[0] - known[1])
        text = f"{len(known[1])} classes" if not gone else f"it does not know {', '.join(gone[:4])}"
        yield Check("knows every class", not gone, text)
    chances = (answers[1].by_label or {}).values()
    finite = _is_finite(answers[1].predicted) and all(map(_is_finite, chances))
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
    # both: tenfold of a microsecond is noise, and a quarter of a second more may be little of a slow model
    slow = seconds[1] > SLOWER * seconds[0] and seconds[1] - seconds[0] > SLOW_SECONDS
    text = f"{seconds[1] * 1000:.3g} ms for {min(len(frame), TIMED_ROWS)} rows, the champion {seconds[0] * 1000:.3g} ms"
    return Check("answers as fast", not slow, text)


def _seconds(side: Contestant, frame: Any) -> float:
    rows, times = side.rows(frame.head(TIMED_ROWS)), []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        side.model.predict(rows)
        times.append(time.perf_counter() - started)
    # the smallest: whatever else the machine does makes a time longer, and none shorter
    return min(times)
