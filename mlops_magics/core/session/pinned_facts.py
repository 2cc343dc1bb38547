"""The description of a model for a pin: prototype, reference profile, and whether endpoints can answer with it."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from mlops_magics.core import progress, user_warnings
from mlops_magics.core.answers import Answers
from mlops_magics.core.evaluation import task_of
from mlops_magics.core.monitored_model import Held, reference_profile
from mlops_magics.core.monitoring.scoring.model_task import ModelTask
from mlops_magics.core.versioning import ModelVersion, Prototype
from mlops_magics.core.versioning.describing.prototype import frame_of
from mlops_magics.errors import InvalidInput

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Described:
    """The facts of the data that a pin keeps: columns, profile, and the rows of the round trip's test."""

    prototype: Prototype | None = None
    profile: bytes | None = None
    rows: Any = None
    task: ModelTask | None = None


def describe(
    model: Any,
    name: str,
    training: tuple[Any, Any],
    held_out: Held | None,
    segments: Sequence[str],
    positive: Any = None,
    timestamp: Any = None,
) -> Described:
    """Describe a model by its training data, or by the held-out rows where it has none.

    Parameters
    ----------
    training
        The rows and their truth, each of which may be None.
    held_out
        Held-out rows with the model's answers, and their truth.
    segments
        Columns by whose values drift can be split later.
    positive
        The positive class, where the usual rule does not name it.
    timestamp
        The times of the rows, or their column, by whose weekdays and hours drift can be compared later.

    Raises
    ------
    InvalidInput
        When the data are not rows, or the model cannot predict them.
    """
    rows, truth = training
    if rows is None and held_out is None:
        return Described()
    if rows is None and held_out is not None:
        rows, truth = held_out[0].rows, held_out[1]
        trained = held_out[0]
    else:
        trained = Answers.of(model, rows, "training rows", probabilities=False)
    by_truth = held_out if truth is None and held_out is not None else (trained, truth)
    task = task_of(*by_truth, positive)
    prototype = Prototype.from_data(rows)
    if held_out is not None:
        held_out = (_named(held_out[0], prototype), held_out[1])
    profile = _profile(_named(trained, prototype), truth, task, held_out, segments, timestamp)
    return Described(_checked(prototype, model, name, rows), profile, rows, task)


def _named(answers: Answers, prototype: Prototype) -> Answers:
    """Return answers whose rows have the names of the prototype. Arrays of many axes have no features to profile."""
    if prototype.form.kind in {"frame", "polars"} and all(column.label is None for column in prototype.columns):
        return answers
    frame = frame_of(answers.rows)
    tensors = [column.name for column in prototype.columns if column.kind == "tensor" and column.name in frame]
    return dataclasses.replace(answers, rows=frame.drop(columns=tensors))


def _profile(
    trained: Answers,
    truth: Any,
    task: ModelTask,
    held_out: Held | None,
    segments: Sequence[str],
    timestamp: Any,
) -> bytes | None:
    """Return the reference profile, or ``None`` for rows without a feature."""
    if hasattr(trained.rows, "columns") and not len(trained.rows.columns):
        return None
    return reference_profile(trained, truth, task, held_out, segments, timestamp)


def _checked(prototype: Prototype, model: Any, name: str, rows: Any) -> Prototype:
    """Return the prototype with the reason why endpoints cannot answer, and warn of it now, not at deployment."""
    from mlops_magics.core.deploying.server import serving_check

    progress.report("checking example rows in every request format")
    version = ModelVersion(name, "", datetime.now(UTC), "", "", prototype=prototype)
    try:
        fault = serving_check.fault(version, model, rows)
    except InvalidInput:
        raise
    except Exception:  # a fault of the check itself must not cost the pin
        logger.exception("the example rows of %s could not be checked", name)
        return prototype
    if fault:
        user_warnings.warn(f"{name} is pinned, but endpoints cannot answer with it: {fault}")
    return prototype.with_fault(fault)
