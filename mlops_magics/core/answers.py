"""A model's predictions for some rows, computed once for metrics, profile and calibration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mlops_magics.core.versioning.formats import registry
from mlops_magics.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Answers:
    """A model's predictions for some rows.

    Attributes
    ----------
    rows
        The rows, ``(n_samples, n_features)``.
    predicted
        One prediction per row, ``(n_samples,)``, or None for a model without ``predict``.
    probabilities
        Those of a classifier, ``(n_samples, n_classes)`` in the order of ``classes``.
    classes
        The labels of a classifier whose probabilities are known, in the order of their columns.
    labels
        The labels of a classifier (``classes_``), whether it has probabilities or not.
    classifies
        Whether the model is a classifier by its own tags, or None where they name neither classifier nor regressor.
    """

    rows: Any
    predicted: Any
    probabilities: Any = None
    classes: tuple[Any, ...] | None = None
    classifies: bool | None = None
    labels: tuple[Any, ...] | None = None

    @classmethod
    def of(cls, model: Any, rows: Any, what: str, *, probabilities: bool = True) -> Answers:
        """Compute the predictions.

        Parameters
        ----------
        what
            The name of the rows in an error: ``test rows``.
        probabilities
            Whether the probabilities of a classifier are computed too.

        Raises
        ------
        InvalidInput
            The model cannot predict these rows.
        """
        try:
            known = callable(getattr(model, "predict", None))
            predicted = registry.with_predict(model).predict(rows) if known else None
        except Exception as fault:
            raise InvalidInput(f"The model cannot predict the {what}: {type(fault).__name__}: {fault}") from fault
        classes, chances = probabilities_of(model, rows) if probabilities else (None, None)
        return cls(rows, predicted, chances, classes, _classifies(model), labels_of(model))

    @property
    def by_label(self) -> dict[str, Any] | None:
        """The probability of each class, ``(n_samples,)`` each, by the label's text, or None without any."""
        return by_label(self.classes, self.probabilities)


def labels_of(model: Any) -> tuple[Any, ...] | None:
    """Return the classes of a classifier of one output."""
    import numpy as np

    classes = getattr(model, "classes_", None)
    if classes is None or isinstance(classes, list) or np.ndim(classes) != 1:  # a list of arrays: several outputs
        return None
    return tuple(classes)


def probabilities_of(model: Any, rows: Any) -> tuple[tuple[Any, ...] | None, Any]:
    """Return the classes of a classifier and their probabilities, where it has both in one shape."""
    classes = getattr(model, "classes_", None)
    if not hasattr(model, "predict_proba") or classes is None:
        return None, None
    try:
        probabilities = model.predict_proba(rows)
    except Exception:  # the model's own code: its predictions stay, its probabilities are left out
        return None, None
    labels = tuple(classes)
    if getattr(probabilities, "ndim", 0) != 2 or probabilities.shape[1] != len(labels):
        return None, None
    return labels, probabilities


def by_label(classes: tuple[Any, ...] | None, probabilities: Any) -> dict[str, Any] | None:
    """Return the probability of each class, ``(n_samples,)`` each, by the label's text, or None without any."""
    if classes is None:
        return None
    from mlops_magics.core.monitoring.reading.column_values import label_of

    return {label_of(label): probabilities[:, place] for place, label in enumerate(classes)}


def _classifies(model: Any) -> bool | None:
    """Read the model's tags. A model without tags that has ``predict_proba`` is a classifier."""
    if not hasattr(model, "__sklearn_tags__"):
        return True if hasattr(model, "predict_proba") else None
    from sklearn.base import is_classifier, is_regressor

    return bool(is_classifier(model)) if is_classifier(model) or is_regressor(model) else None
