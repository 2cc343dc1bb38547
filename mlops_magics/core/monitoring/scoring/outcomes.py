"""Predictions and outcomes, row by row: codes of classes or numbers, and probabilities in the order of the classes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from mlops_magics.core.monitoring.reading.column_values import Column
from mlops_magics.core.monitoring.scoring import label_text
from mlops_magics.core.monitoring.scoring.model_task import Kind, ModelTask, Task

Chances = Mapping[Any, Column]
"""The probability of each class, by its label."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The facts of the task that are known before the rows are read.

    Attributes
    ----------
    task
        The task that was recorded with the model.
    kind, positive
        Given by the user, in place of it.
    metric_kind
        The only kind that the named metrics are defined for.
    partitions
        Whether all of them compare how rows are grouped, whatever the groups are called.
    """

    task: ModelTask | None = None
    kind: Kind | None = None
    positive: Any = None
    metric_kind: Kind | None = None
    partitions: bool = False


@dataclass(frozen=True, slots=True)
class Predictions:
    """The answers of a model, row by row.

    Attributes
    ----------
    estimate
        ``(n_samples,)``: class codes into ``labels``, -1 for missing, or numbers.
    labels
        The classes in the order of their codes. Of two classes the positive one is 1.
    scores
        Probabilities ``(n_samples, n_classes)`` in the order of ``labels``, or ``None``.
    native
        The type of the labels: number, boolean or string.
    """

    task: ModelTask
    estimate: npt.NDArray[Any]
    labels: tuple[str, ...] = ()
    scores: npt.NDArray[np.float64] | None = None
    native: str = "string"

    @property
    def positive(self) -> int | None:
        """The code of the positive class."""
        named = self.task.positive
        return self.labels.index(named) if named is not None and named in self.labels else None

    def known(self) -> npt.NDArray[np.bool_]:
        """Return the rows with a prediction."""
        return np.isfinite(self.estimate) if self.task.kind == "regression" else np.asarray(self.estimate >= 0)

    def scored(self) -> npt.NDArray[np.bool_]:
        """Return the rows with a prediction and all probabilities."""
        return self.known() & (np.isfinite(self.scores).all(axis=1) if self.scores is not None else False)


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Truths and predictions.

    Attributes
    ----------
    truth
        ``(n_samples,)`` as the predictions: codes or numbers.
    known
        Rows with both.
    notes
        One sentence for each fact about the labels that the numbers do not show.
    """

    predictions: Predictions
    truth: npt.NDArray[Any]
    known: npt.NDArray[np.bool_]
    notes: tuple[str, ...] = field(default=())

    @property
    def task(self) -> Task:
        """The task as metrics distinguish it. A third label with two classes makes it one of many."""
        if self.predictions.task.kind == "regression":
            return "regression"
        return "binary" if len(self.labels) <= 2 else "multiclass"

    @property
    def labels(self) -> tuple[str, ...]:
        """The classes in the order of their codes."""
        return self.predictions.labels

    @property
    def estimate(self) -> npt.NDArray[Any]:
        """The predictions, as codes or numbers."""
        return self.predictions.estimate

    @property
    def scores(self) -> npt.NDArray[np.float64] | None:
        """The probabilities, ``(n_samples, n_classes)``."""
        return self.predictions.scores

    def unscored(self) -> tuple[str, ...]:
        """Return notes on rows with a truth that are not scored, because their prediction is missing, or infinite."""
        regression = self.task == "regression"
        true = np.isfinite(self.truth) if regression else self.truth >= 0
        without, infinite = int((true & ~self.known).sum()), int(np.isinf(self.truth).sum()) if regression else 0
        finite = " finite" if regression else ""
        notes = []
        if without:
            notes.append(f"{without:,} of {int(true.sum()):,} rows with a truth have no{finite} prediction: not scored")
        unsure = int((self.known & ~self.predictions.scored()).sum()) if self.scores is not None else 0
        if unsure:
            notes.append(f"{unsure:,} of {int(self.known.sum()):,} rows have no probability: left out of metrics of it")
        if infinite:
            notes.append(f"{infinite:,} of {len(self.truth):,} truths are infinite: not scored")
        return tuple(notes)

    def values(self) -> npt.NDArray[Any]:
        """Return the labels as values of their own type, ``(n_labels,)``."""
        return np.asarray(label_text.typed(self.labels, self.predictions.native))
