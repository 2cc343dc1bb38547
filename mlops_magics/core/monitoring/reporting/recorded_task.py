"""The task of a pinned model, as its reference profile records it."""

from __future__ import annotations

import numpy as np

from mlops_magics.core.monitoring.estimation.learning import CALIBRATION, LOSS
from mlops_magics.core.monitoring.profiling.reference_profile import ReferenceProfile
from mlops_magics.core.monitoring.profiling.samples import CategorySample, NumericSample
from mlops_magics.core.monitoring.scoring import model_task
from mlops_magics.core.monitoring.scoring.model_task import FACT, ModelTask
from mlops_magics.core.monitoring.scoring.outcome_reader import FEW_CLASSES


def of_profile(profile: ReferenceProfile) -> ModelTask | None:
    """Return the task, or ``None`` where neither the record nor the training data show it.

    Version 0.1 did not record the task. It follows from a calibration, a model of the errors, and the target and the
    answers on the training data.
    """
    recorded = ModelTask.from_json(profile.facts.get(FACT))
    if recorded is not None:
        return recorded
    if LOSS in profile.facts:
        return ModelTask("regression")
    if profile.facts.get(CALIBRATION):
        return model_task.of_classes(list(profile.facts[CALIBRATION]))
    held = [each.sample for each in (profile.target, profile.prediction) if each is not None]
    if any(isinstance(sample, CategorySample) for sample in held):
        labels = dict.fromkeys(
            label for sample in held if isinstance(sample, CategorySample) for label in sample.labels
        )
        return model_task.of_classes(list(labels))
    if any(_continuous(sample) for sample in held if isinstance(sample, NumericSample)):
        return ModelTask("regression")
    return None


def _continuous(sample: NumericSample) -> bool:
    # whole numbers of few values may be classes, fractions are not
    whole = bool((sample.values == np.round(sample.values)).all())
    return sample.n > 0 and (not whole or len(np.unique(sample.values)) > FEW_CLASSES)
