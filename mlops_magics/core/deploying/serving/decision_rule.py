"""The decision rule of a classifier: if it predicts the class of the largest probability, one call gives both."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

OWN_RULE = ("Threshold", "SVC", "OneVsRest", "OutputCode")
"""Parts of the names of estimators whose prediction follows another rule than their probabilities."""


def predicts_argmax(model: Any, classes: Sequence[Any] | None, answers: Any, chances: Any) -> bool:
    """Return whether the prediction is the class of the largest probability.

    Parameters
    ----------
    answers, chances
        Predictions ``(n_samples,)`` and probabilities ``(n_samples, n_classes)`` of example rows, None where it gives
        none.
    """
    import numpy as np

    if classes is None or answers is None or chances is None:
        return False
    if any(part in name for name in _names(model) for part in OWN_RULE):
        return False
    shares = np.asarray(chances)
    if shares.ndim != 2 or shares.shape[1] != len(classes):
        return False
    return bool([classes[place] for place in shares.argmax(axis=1)] == np.asarray(answers).tolist())


def _names(model: Any) -> list[str]:
    """Return the class of a model and of the last step of a pipeline."""
    steps = getattr(model, "steps", None)
    last = steps[-1][1] if isinstance(steps, list) and steps and isinstance(steps[-1], tuple) else None
    return [type(each).__name__ for each in (model, last) if each is not None]
