"""Models that were trained with many jobs: for a few rows, starting them takes longer than the work itself."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

FEW_ROWS = 10_000
"""Below about so many, starting threads costs more than they save: on two cores, one job took 0.1 to 0.5 of the time of
all for a single row, 0.5 to 1.3 for 10,000, 0.6 to 1.7 for 30,000 (bench/README.md). More cores would cross earlier."""
MOST_PARTS = 64
"""Longer lists are trees of a forest, which have no jobs of their own."""


def with_single_job(model: Any, method: str) -> Callable[[Any], Any]:
    """Return a model's method that uses one job for a few rows, and for many as many as the model was given."""
    ask: Callable[[Any], Any] = getattr(model, method)
    twin = single_job(model)
    if twin is model:
        return ask
    ask_alone: Callable[[Any], Any] = getattr(twin, method)
    return lambda rows: ask_alone(rows) if len(rows) < FEW_ROWS else ask(rows)


def single_job(model: Any) -> Any:
    """Return a shallow copy of a scikit-learn estimator in which every part has one job, or itself where all have."""
    if type(model).__module__.split(".")[0] != "sklearn" or not hasattr(model, "get_params"):
        return model
    changed = {name: _single(name, value) for name, value in vars(model).items()}
    if all(changed[name] is value for name, value in vars(model).items()):
        return model
    twin = copy.copy(model)
    vars(twin).update(changed)
    return twin


def _single(name: str, value: Any) -> Any:
    if name == "n_jobs":
        return value if value in (None, 1) else 1
    if isinstance(value, list | tuple) and len(value) <= MOST_PARTS:
        parts = [_single("", part) for part in value]
        return value if all(part is before for part, before in zip(parts, value)) else type(value)(parts)
    return single_job(value)
