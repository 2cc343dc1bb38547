"""Performance over time: metrics where the truth is known, period by period, with confidence bands."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mlops_magics.core.monitoring.reading import features, period_names, tables
from mlops_magics.core.monitoring.reading.column_values import Column
from mlops_magics.core.monitoring.reading.periods import Period
from mlops_magics.core.monitoring.reading.tables import Table
from mlops_magics.core.monitoring.scoring import (
    intervals,
    metric_score,
    metrics,
    number_metrics,
    outcome_reader,
    outputs,
    probabilities,
)
from mlops_magics.core.monitoring.scoring.intervals import Interval
from mlops_magics.core.monitoring.scoring.metric import Metric
from mlops_magics.core.monitoring.scoring.metric_rows import MetricRows
from mlops_magics.core.monitoring.scoring.metric_score import MetricScore
from mlops_magics.core.monitoring.scoring.model_task import KINDS, Kind
from mlops_magics.core.monitoring.scoring.outcomes import Asked, Outcomes
from mlops_magics.core.monitoring.scoring.outputs import Outputs
from mlops_magics.errors import InvalidInput, MlopsError

if TYPE_CHECKING:
    import pandas as pd

WIDE = 3.0
"""The upper end of a band over the score of an error, from which a note has the reason."""
MEDIAN = 6
"""Rows from which a median has a band."""
Metrics = Sequence[str | Callable[..., Any]] | str | Callable[..., Any] | None


def performance(
    frame: Any,
    truth: Any = None,
    estimate: Any = None,
    metrics: Metrics = None,
    by: Any = None,
    timestamp: str | None = None,
    *,
    probabilities: Any = None,
    positive: Any = None,
    kind: Kind | None = None,
) -> pd.DataFrame:
    """Score predictions against truth, period by period.

    Parameters
    ----------
    frame
        Rows with truths, predictions and, for periods, times.
    truth, estimate
        Column names, or values in the order of the rows. For several outputs, a list of names, or
        ``(n_samples, n_outputs)``, scored each (``rmse[height]``) and together. Rows without truth are not scored.
    metrics
        scikit-learn's names (``"accuracy"``, ``"neg_mean_absolute_error"``, ``"f1_macro"``), short ones (``"rmse"``),
        or callables of (truth, estimate), which get labels. By default accuracy, macro F1 and AUC, or RMSE, MAE and R².
    by, timestamp
        Periods, and the column that holds the times.
    probabilities
        The column with the probability of the positive class, a mapping of labels to columns, a frame with a column
        for each class, or an array ``(n_samples,)`` or ``(n_samples, n_classes)``.
    positive
        The positive class. By default, of two labels, the one whose word is positive (``fraud`` against ``ok``), or the
        larger number.
    kind
        ``"classification"`` or ``"regression"``. By default classes are words, booleans, categories, values with
        probabilities, and whole numbers of an integer type with at most 20 values. A metric that is defined for one
        kind only decides too.

    Returns
    -------
    pandas.DataFrame
        One row per period and metric: ``period, metric, score, n, kind, lower, upper``, with ``n`` rows of known truth,
        and a 95 % band. A period without known truth is a row without a score. ``attrs["task"]`` names kind, classes
        and positive class, ``attrs["notes"]`` explains missing scores.

    Raises
    ------
    InvalidInput
        Truth and predictions share no label, an option makes no sense for them, or a metric needs probabilities or the
        positive class.
    NotFound
        The metric is unknown.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"y": [1, 0, 1, 1], "guess": [1, 0, 0, 1]})
    >>> performance(frame, truth="y", estimate="guess", metrics="accuracy")["score"].tolist()
    [0.75]
    """
    if truth is None or estimate is None:
        raise InvalidInput("Performance needs the truth and the estimate: performance(frame, truth='…', estimate='…').")
    if kind is not None and kind not in KINDS:
        raise InvalidInput(f"kind is {' or '.join(map(repr, KINDS))}, not {kind!r}.")
    table, chosen = tables.read(frame), listed(metrics)
    timestamp = tables.name_of(table, timestamp)
    pairs = outputs.paired(outputs.columns_of(table, truth, "truth"), outputs.columns_of(table, estimate, "estimate"))
    _check_rows(table, pairs)
    found = read(table, pairs, probabilities, _known_facts(kind, positive, chosen))
    windows, unplaced = features.cut(table, period_names.named(by), timestamp)
    scores = measure(found, windows, chosen)
    answer = metric_score.to_frame(scores)
    notes = [*unplaced, *notes_of(found), *metric_score.remarks(scores)]
    answer.attrs |= {"task": task_of(found).to_json(), "notes": notes}
    return answer


def _check_rows(table: Table, pairs: Sequence[tuple[str, Column, Column]]) -> None:
    for _, *both in pairs:
        for what, column in zip(("truths", "predictions"), both):
            if table.names and len(column) != table.rows:
                raise InvalidInput(f"There are {len(column)} {what} for {table.rows} rows. Give one per row.")


def listed(wanted: Metrics) -> list[Any] | None:
    """Return the metrics as a list, named as they are known, or ``None`` for those by default."""
    if wanted is None:
        return None
    several = [wanted] if isinstance(wanted, str) or callable(wanted) else list(wanted)
    return [metrics.spelled(each) if isinstance(each, str) else each for each in several]


def _known_facts(kind: Kind | None, positive: Any, chosen: Sequence[Any] | None) -> Asked:
    partitions = metrics.are_of_partitions(chosen)
    return Asked(kind=kind, positive=positive, metric_kind=metrics.kind_of(chosen), partitions=partitions)


def read(table: Table, pairs: Sequence[tuple[str, Any, Any]], chances: Any, asked: Asked) -> Outcomes | Outputs:
    """Return the outcomes of one output, or of several.

    Parameters
    ----------
    pairs
        Name, truth and prediction of each output.
    chances
        As `performance` takes ``probabilities``.
    """
    if len(pairs) > 1:
        parts = tuple(outcome_reader.build(truth, estimate, None, asked) for _, truth, estimate in pairs)
        return Outputs(tuple(name for name, _, _ in pairs), parts)
    _, truth, estimate = pairs[0]
    if outcome_reader.kind_of(truth, estimate, None, asked) == "regression" and chances is None:
        return outcome_reader.build(truth, estimate, None, asked)
    answers = [column for column in (truth, estimate) if column is not None]
    return outcome_reader.build(truth, estimate, probabilities.chances_of(table, chances, asked, answers), asked)


def task_of(found: Outcomes | Outputs) -> Any:
    """Return the task that was scored."""
    return found.parts[0].predictions.task if isinstance(found, Outputs) else found.predictions.task


def notes_of(found: Outcomes | Outputs) -> tuple[str, ...]:
    """Return the notes on the labels, and on the rows that cannot be scored."""
    parts = found.parts if isinstance(found, Outputs) else (found,)
    unscored = [note for part in parts for note in part.unscored()]
    if len(found.known) and not found.known.any():
        unscored = ["no row has both a truth and a prediction, so that nothing is scored"]
    return tuple(dict.fromkeys([*(note for part in parts for note in part.notes), *unscored]))


def measure(
    found: Outcomes | Outputs, windows: Sequence[Period], wanted: Sequence[Any] | None = None,
    smaller_is_better: Iterable[str] = (), also: Iterable[str] = (),
) -> list[MetricScore]:  # fmt: skip
    """Return the score of each metric in each period.

    Parameters
    ----------
    found
        The outcomes.
    windows
        The periods.
    wanted
        Names of metrics, or callables.
    smaller_is_better
        Metrics of the user for which a lower value is better.
    also
        Names of further metrics, left out where they cannot be computed.

    Raises
    ------
    InvalidInput
        A metric needs probabilities or the positive class, and they are not known, or it is not defined for this kind
        of task.
    """
    first = found.parts[0] if isinstance(found, Outputs) else found
    scored = first.scores is not None and not isinstance(found, Outputs)
    names = wanted or metrics.defaults(first.task, scored)
    asked = [metrics.find(name, smaller_is_better) for name in names]
    for metric in asked:
        _check(metric, found)
    held = {metrics.identity(metric.name) for metric in asked}
    asked += [metrics.find(name) for name in also if metrics.identity(name) not in held and not refusal(found, name)]
    positions, known = np.arange(len(first.truth)), found.known
    scores = []
    for window in windows:
        rows = positions[window.rows]
        rows = rows[known[rows]]
        scores += [score for metric in asked for score in _scores(found, metric, rows, window.label)]
    return scores


def refusal(found: Outcomes | Outputs, name: str) -> str:
    """Return the reason why a metric cannot be computed, empty where it can."""
    try:
        _check(metrics.find(name), found)
    except MlopsError as fault:
        return str(fault)
    return ""


def _check(metric: Metric, whole: Outcomes | Outputs) -> None:
    if isinstance(whole, Outputs):
        outputs.check(whole.names, [metric])
    found = whole.parts[0] if isinstance(whole, Outputs) else whole
    scored = found.scores is not None
    kind = found.predictions.task.kind
    if metric.kind is not None and metric.kind != kind and not _has_numbers(metric, found):
        raise InvalidInput(
            f"The metric {metric.name!r} is defined for a {metric.kind}, and this is a {kind}. To read the rows as "
            f"one: kind={metric.kind!r}."
        )
    if metric.needs_scores and not scored:
        raise InvalidInput(
            f"The metric {metric.name!r} needs probabilities of all classes: name their columns with probabilities=…."
        )
    if metric.needs_positive and len(found.labels) == 2 and found.predictions.positive is None:
        first, second = found.labels
        raise InvalidInput(
            f"The metric {metric.name!r} is about the positive class, and neither {first!r} nor {second!r} is known to "
            f"be it: give positive={second!r}."
        )


def _has_numbers(metric: Metric, found: Outcomes) -> bool:
    """Return whether a metric of numbers is requested for classes that are numbers."""
    return metric.kind == "regression" and np.issubdtype(found.values().dtype, np.number)


def _scores(
    found: Outcomes | Outputs, metric: Metric, rows: npt.NDArray[np.int64], period: str
) -> Iterable[MetricScore]:
    if isinstance(found, Outcomes):
        yield _score(found, metric, rows, period)
        return
    for name, part in zip(found.names, found.parts):
        yield _score(part, metric, rows, period, outputs.named(metric.name, name))
    score, reason = found.together(metric, rows)
    bounds = intervals.jackknife(
        lambda part: found.together(metric, rows[part])[0],
        len(rows),
        score,
        metric.scale_of(found.parts[0].task == "regression"),
    )
    doubt = _doubt(metric, len(rows), None, score, bounds)
    yield MetricScore(period, metric.name, score, len(rows), "measured", *bounds, reason, doubt)


def _score(
    found: Outcomes, metric: Metric, rows: npt.NDArray[np.int64], period: str, name: str | None = None
) -> MetricScore:
    held = MetricRows.of(found, rows)
    if metric.kind == "regression" and found.task != "regression":
        held = MetricRows(held.labels(held.truth), held.labels(held.estimate), None, np.empty(0), 0, None)
    score, reason = metric(held)
    bounds = metric.interval(held, score)
    errors = None if len(held.values) else np.abs(held.truth - held.estimate)
    doubt = _doubt(metric, len(rows), errors, score, bounds)
    return MetricScore(period, name or metric.name, score, len(rows), "measured", *bounds, reason, doubt)


def _doubt(metric: Metric, rows: int, errors: npt.NDArray[Any] | None, score: float, bounds: Interval) -> str:
    """Return the reason why a band is missing, or that of an error useless.

    Parameters
    ----------
    rows
        The number of rows.
    errors
        The absolute errors of numbers.
    """
    if not math.isfinite(score):
        return ""
    if math.isnan(bounds[0]) or math.isnan(bounds[1]):
        return f"is not known: {_unknown(metric, rows, errors)}"
    if metric.kind == "regression" and metric.smaller_is_better and bounds[1] > WIDE * score > 0:
        return f"is wide, up to {bounds[1]:.3g}: a few rows make up most of it, and larger ones can come"
    return ""


def _unknown(metric: Metric, rows: int, errors: npt.NDArray[Any] | None) -> str:
    if metrics.identity(metric.name).removeprefix("neg_") == "max_error":
        return "a larger error than those of these rows can come"
    if rows < 2:
        return "one row does not show how much rows differ"
    if errors is not None and np.ptp(errors) == 0:
        return "all rows have the same error"
    if rows < intervals.FEWEST:
        return "it takes three rows or more"
    if rows < MEDIAN and number_metrics.BOUNDS.get(metrics.identity(metric.name)) is number_metrics.median_interval:
        return "it takes six rows or more"
    if metric.kind == "regression":
        return "too few rows have an error"
    return "without some of the rows the metric is the same, or not defined"
