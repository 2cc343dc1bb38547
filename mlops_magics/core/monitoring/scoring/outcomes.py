"""Outcomes: truths and predictions, row by row, and the task that they show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mlops_magics.core.log_columns import PROBABILITY
from mlops_magics.core.monitoring.reading import tables
from mlops_magics.core.monitoring.reading.column_values import Column, as_categorical
from mlops_magics.core.monitoring.scoring.metrics import Metric, Task
from mlops_magics.errors import InvalidInput

OPPOSITES = (frozenset({"0", "1"}), frozenset({"False", "True"}))
FEW_CLASSES = 20
"""Distinct whole numbers, in truth and prediction, up to which they are classes."""


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Truths beside predictions, row by row.

    Attributes
    ----------
    truth, estimate
        ``(n_samples,)``: class codes into ``labels``, or numbers. Rows where either is missing are not ``known``.
    scores
        Probabilities ``(n_samples, n_classes)``, or of the second class ``(n_samples,)`` for two; ``None`` without.
    """

    task: Task
    truth: npt.NDArray[Any]
    estimate: npt.NDArray[Any]
    known: npt.NDArray[np.bool_]
    labels: tuple[str, ...] = ()
    scores: npt.NDArray[np.float64] | None = None

    def response(self, metric: Metric) -> npt.NDArray[Any] | None:
        """Return what the metric reads: probabilities or predictions."""
        return self.scores if metric.response == "scores" else self.estimate


def outcomes_of(truth: Column, estimate: Column, probabilities: Mapping[str, Column] | None = None) -> Outcomes:
    """Set truths beside predictions, and tell which task this is."""
    if len(truth) != len(estimate):
        raise InvalidInput(
            f"There are {len(truth)} truths for {len(estimate)} predictions; give one per row, or join them by "
            f"request id."
        )
    if probabilities is None and _are_probabilities(truth, estimate):
        return _of_probabilities(truth, estimate)
    if truth.coded or estimate.coded or probabilities or (_few_whole(truth) and _few_whole(estimate)):
        return _of_classes(truth, estimate, probabilities or {})
    known = np.isfinite(truth.values) & np.isfinite(estimate.values)
    return Outcomes("regression", truth.values, estimate.values, known)


def _of_classes(truth: Column, estimate: Column, probabilities: Mapping[str, Column]) -> Outcomes:
    columns = [as_categorical(truth), as_categorical(estimate)]
    labels = tuple(sorted({*columns[0].labels, *columns[1].labels, *probabilities}, key=_natural))
    place = {label: code for code, label in enumerate(labels)}
    codes = []
    for column in columns:
        lookup = np.array([*(place[label] for label in column.labels), -1], dtype=np.int64)
        codes.append(lookup[column.values])
    known = (codes[0] >= 0) & (codes[1] >= 0)
    scores = _scores(labels, probabilities)
    return Outcomes("binary" if len(labels) <= 2 else "multiclass", codes[0], codes[1], known, labels, scores)


def _classes(answers: Sequence[Column | None]) -> list[str]:
    """Return the labels of truths and predictions in their order; 0 comes with 1, and false with true."""
    found = {label for column in answers if column is not None for label in as_categorical(column).labels}
    pair = next((pair for pair in OPPOSITES if found and found <= pair), found)
    return sorted(pair, key=_natural)


def _of_second(chance: Column, labels: list[str]) -> dict[str, Column]:
    if len(labels) > 2:
        raise InvalidInput(
            f"{chance.name!r} is the probability of one class of two, and there are {len(labels)} "
            f"({', '.join(labels[:5])}): name a column for each, probabilities={{{labels[0]!r}: …}}."
        )
    if len(labels) < 2:
        return {labels[0] if labels else "1": chance}
    return {labels[0]: Column(chance.name, chance.kind, chance.native, 1.0 - chance.values), labels[1]: chance}


def _scores(labels: Sequence[str], probabilities: Mapping[str, Column]) -> npt.NDArray[np.float64] | None:
    if not probabilities:
        return None
    if len(labels) == 2 and labels[1] in probabilities:
        return np.asarray(probabilities[labels[1]].values)
    if any(label not in probabilities for label in labels):
        return None
    return np.column_stack([probabilities[label].values for label in labels])


def _of_probabilities(truth: Column, estimate: Column) -> Outcomes:
    """Read a probability as both: the score, and the class at one half."""
    rounded = Column(
        estimate.name,
        "numeric",
        "number",
        np.where(np.isnan(estimate.values), np.nan, (estimate.values >= 0.5).astype(float)),
    )
    return _of_classes(truth, rounded, {"1": estimate})


def _are_probabilities(truth: Column, estimate: Column) -> bool:
    if truth.coded or estimate.coded:
        return False
    guesses = estimate.values[np.isfinite(estimate.values)]
    truths = truth.values[np.isfinite(truth.values)]
    between = (
        len(guesses) > 0
        and bool(((guesses >= 0) & (guesses <= 1)).all())
        and bool((guesses != np.round(guesses)).any())
    )
    return between and bool(np.isin(truths, (0.0, 1.0)).all())


def _few_whole(column: Column) -> bool:
    present = column.values[np.isfinite(column.values)]
    return bool((present == np.round(present)).all()) and len(np.unique(present)) <= FEW_CLASSES


def _natural(label: str) -> tuple[int, float, str]:
    """Order numbers by value, before words."""
    try:
        return 0, float(label), label
    except ValueError:
        return 1, 0.0, label


def column_named(table: tables.Table, given: Any, role: str) -> Column:
    """Return a column by name, or values as a column."""
    if not isinstance(given, str):
        return tables.column_of(role, given)
    if given not in table.names:
        raise InvalidInput(f"There is no column {given!r} for the {role}. Columns: {', '.join(table.names[:12])}.")
    return table.column(given)


def probability_columns(
    table: tables.Table, given: Mapping[str, str] | str | None, *answers: Column | None
) -> dict[str, Column] | None:
    """Return the probability of each label: the named columns, else those of the prediction log.

    One name is the probability of the second class; the classes are those of the ``answers``, truths and predictions.
    """
    if isinstance(given, str):
        return _of_second(column_named(table, given, "probability"), _classes(answers))
    if given is None:
        given = {name.removeprefix(PROBABILITY): name for name in table.names if name.startswith(PROBABILITY)}
    return {str(label): column_named(table, name, "probability") for label, name in given.items()} or None
