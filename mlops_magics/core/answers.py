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
        The labels of a classifier (``classes_``), whether it has probabilities or not, of an outlier detector 1 and -1,
        and of a clustering its clusters.
    classifies
        Whether the model is a classifier by its own tags, or None where they name neither classifier nor regressor.
    positive
        The class that an outlier detector looks for, else None.
    """

    rows: Any
    predicted: Any
    probabilities: Any = None
    classes: tuple[Any, ...] | None = None
    classifies: bool | None = None
    labels: tuple[Any, ...] | None = None
    positive: Any = None

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
        detects = _is(model, "outlier_detector")
        labels = OF_DETECTORS if detects else _clusters(model) if _is(model, "clusterer") else labels_of(model)
        classifies = True if labels is not None and (detects or _is(model, "clusterer")) else _classifies(model)
        return cls(rows, predicted, chances, classes, classifies, labels, OF_DETECTORS[1] if detects else None)

    @property
    def by_label(self) -> dict[str, Any] | None:
        """The probability of each class, ``(n_samples,)`` each, by the label's text, or None without any."""
        return by_label(self.classes, self.probabilities)


OF_DETECTORS = (1, -1)
"""The answers of scikit-learn's outlier detectors: an inlier, and an outlier."""


def _is(model: Any, kind: str) -> bool:
    """Return whether the model's tags name a kind of estimator."""
    if not hasattr(model, "__sklearn_tags__"):
        return False
    from sklearn.utils import get_tags

    return bool(get_tags(model).estimator_type == kind)


def _clusters(model: Any) -> tuple[Any, ...] | None:
    """Return the clusters of a fitted clustering, the last step of a pipeline, or None where it does not keep them."""
    import numpy as np

    last = model[-1] if hasattr(model, "steps") else model
    labels = getattr(last, "labels_", None)
    return None if labels is None else tuple(np.unique(labels).tolist())


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
    """Read the model's tags. A model whose tags name neither is a classifier if it has ``predict_proba``."""
    if _is(model, "classifier") or _is(model, "regressor"):
        return _is(model, "classifier")
    return True if hasattr(model, "predict_proba") else None
