"""Rows of outcomes, for metrics."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from mlops_magics.core.monitoring.scoring.outcomes import Outcomes

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class MetricRows:
    """Rows whose truth and prediction are known.

    Attributes
    ----------
    truth, estimate
        ``(n_samples,)`` codes or numbers.
    scores
        Probabilities ``(n_samples, n_classes)``, or ``None``.
    values
        The labels as values of their own type, ``(n_classes,)``, empty for numbers.
    classes
        The number of classes that the model knows.
    positive
        The code of the positive class, or ``None`` where no rule names it.
    """

    truth: npt.NDArray[Any]
    estimate: npt.NDArray[Any]
    scores: FloatArray | None
    values: npt.NDArray[Any]
    classes: int
    positive: int | None

    @classmethod
    def of(cls, found: Outcomes, rows: npt.NDArray[np.int64]) -> MetricRows:
        """Return some of the rows."""
        scores = found.scores[rows] if found.scores is not None else None
        values = np.empty(0) if found.task == "regression" else found.values()
        classes = len(found.predictions.task.classes)
        return cls(found.truth[rows], found.estimate[rows], scores, values, classes, found.predictions.positive)

    def __len__(self) -> int:
        return len(self.truth)

    def take(self, rows: Any) -> MetricRows:
        """Return some of these rows."""
        scores = self.scores[rows] if self.scores is not None else None
        return MetricRows(self.truth[rows], self.estimate[rows], scores, self.values, self.classes, self.positive)

    @cached_property
    def confusion(self) -> FloatArray:
        """The counts of truth (rows) and prediction (columns), ``(n_labels, n_labels)``."""
        width = len(self.values)
        cells = np.bincount(self.truth * width + self.estimate, minlength=width * width)
        return cells.reshape(width, width).astype(np.float64)

    @cached_property
    def scored(self) -> MetricRows:
        """The rows that have all probabilities."""
        if self.scores is None:
            return self
        known = np.isfinite(self.scores).all(axis=1)
        return self if known.all() else self.take(known)

    @property
    def binary(self) -> bool:
        """Whether there are two labels at most."""
        return len(self.values) <= 2

    @property
    def positive_code(self) -> int:
        """The code of the positive class, or of two classes without one, of the second."""
        return len(self.values) - 1 if self.positive is None else self.positive

    def of_positive(self) -> FloatArray:
        """Return the probability of the positive class, ``(n_samples,)``."""
        assert self.scores is not None
        return self.scores[:, self.positive_code]

    def labels(self, codes: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Return codes as labels, and numbers as they are."""
        return self.values[codes] if len(self.values) else codes
