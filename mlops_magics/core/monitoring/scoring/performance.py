"""Performance over time: metrics where the truth is known, period by period, with confidence bands."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from mlops_magics.core.monitoring.reading import features, tables
from mlops_magics.core.monitoring.reading.periods import Period
from mlops_magics.core.monitoring.scoring import confidence, metrics, outcomes
from mlops_magics.core.monitoring.scoring.metrics import Metric
from mlops_magics.core.monitoring.scoring.outcomes import Outcomes
from mlops_magics.errors import InvalidInput

if TYPE_CHECKING:
    import pandas as pd

PERFORMANCE_COLUMNS = ("period", "metric", "score", "n", "kind", "lower", "upper")


@dataclass(frozen=True, slots=True)
class MetricScore:
    """One metric in one period: a row of `mlops_magics.performance`.

    Attributes
    ----------
    n
        Rows whose truth is known, or rows that were estimated.
    lower, upper
        The 95 % confidence band.
    """

    period: str
    metric: str
    score: float
    n: int
    kind: Literal["measured", "estimated"]
    lower: float = math.nan
    upper: float = math.nan


def performance(
    frame: Any,
    truth: Any = None,
    estimate: Any = None,
    metrics: Sequence[str | Callable[..., Any]] | str | Callable[..., Any] | None = None,
    by: Any = None,
    timestamp: str | None = None,
    *,
    probabilities: Mapping[str, Any] | str | None = None,
) -> pd.DataFrame:
    """Score predictions against truth, period by period.

    Parameters
    ----------
    frame
        Rows with truths, predictions and, for periods, times.
    truth, estimate
        Column names, or values in the order of the rows. Rows without truth are not scored.
    metrics
        scikit-learn's names (``"accuracy"``, ``"neg_mean_absolute_error"``, ``"f1_macro"``), short ones (``"rmse"``),
        or callables of (truth, estimate). By default accuracy, macro F1 and AUC, or RMSE, MAE and R².
    by, timestamp
        Periods, and the column that holds the times.
    probabilities
        The column with the probability of the second class, or a mapping of labels to columns.

    Returns
    -------
    pandas.DataFrame
        One row per period and metric: ``period, metric, score, n, kind, lower, upper``; ``n`` rows with known truth, a
        95 % band. A period without known truth is a row without a score.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"y": [1, 0, 1, 1], "guess": [1, 0, 0, 1]})
    >>> performance(frame, truth="y", estimate="guess", metrics="accuracy")["score"].tolist()
    [0.75]
    """
    table = tables.read(frame)
    if truth is None or estimate is None:
        raise InvalidInput("Performance needs the truth and the estimate: performance(frame, truth='…', estimate='…').")
    known, guessed = (
        outcomes.column_named(table, given, role) for given, role in ((truth, "truth"), (estimate, "estimate"))
    )
    chances = outcomes.probability_columns(table, probabilities, known, guessed)
    found = outcomes.outcomes_of(known, guessed, chances)
    return to_frame(measure(found, features.windows_of(table, by, timestamp), metrics))


def measure(found: Outcomes, windows: Sequence[Period], wanted: Any = None) -> list[MetricScore]:
    """Return the score of each metric in each period.

    Raises
    ------
    InvalidInput
        A metric needs probabilities, and there are none.
    """
    chosen = [wanted] if isinstance(wanted, str) or callable(wanted) else wanted
    names = chosen or metrics.defaults(found.task, found.scores is not None)
    asked = [metrics.find(name, found.task) for name in names]
    for metric in asked:
        if found.response(metric) is None:
            raise InvalidInput(
                f"The metric {metric.name!r} needs probabilities: name their columns with probabilities=…."
            )
    positions = np.arange(len(found.truth))
    scores = []
    for window in windows:
        rows = positions[window.rows]
        rows = rows[found.known[rows]]
        scores += [_score(found, metric, rows, window.label) for metric in asked]
    return scores


def _score(found: Outcomes, metric: Metric, rows: npt.NDArray[np.int64], period: str) -> MetricScore:
    response = found.response(metric)
    assert response is not None

    def compute(part: npt.NDArray[np.int64]) -> float:
        chosen = rows[part]
        return metrics.safely(metric, found.truth[chosen], response[chosen])

    score = metrics.safely(metric, found.truth[rows], response[rows])
    error = confidence.standard_error(compute, len(rows)) if math.isfinite(score) else math.nan
    return MetricScore(period, metric.name, score, len(rows), "measured", *confidence.band(score, error))


def to_frame(scores: Iterable[MetricScore]) -> pd.DataFrame:
    """Tabulate scores."""
    import pandas as pd

    return pd.DataFrame(
        [[getattr(each, name) for name in PERFORMANCE_COLUMNS] for each in scores], columns=list(PERFORMANCE_COLUMNS)
    ).astype({"score": float, "lower": float, "upper": float})
