"""What every lane is, and the one that is always right."""

from __future__ import annotations

import time
from typing import Any, Protocol

import numpy as np

from mlops_magics.core.deploying.layout import Table


class Lane(Protocol):
    """One way to ask one method of a model."""

    name: str

    def __call__(self, table: Table) -> Any:
        """Return the model's own answer for these rows: an array, a frame, or a list of ``n_rows`` values."""
        ...


class OwnLane:
    """Asks the model with what it was trained on: a DataFrame, or an array."""

    def __init__(self, model: Any, method: str) -> None:
        self.name = "frame"
        self._ask = getattr(model, method)

    def __call__(self, table: Table) -> Any:
        return self._ask(table.array() if table.layout.as_array else table.frame())


def values_of(answer: Any) -> Any:
    """Return an answer as an array or list whose first axis is the rows, whatever the library returned."""
    if isinstance(answer, np.ndarray | list):
        return answer
    if hasattr(answer, "to_dict") and hasattr(answer, "columns"):
        return answer.to_dict(orient="records")
    if hasattr(answer, "toarray"):
        return answer.toarray()
    return np.asarray(answer)


def seconds_for(lane: Lane, table: Table, *, repeats: int = 3) -> float:
    """Return the shortest of a few times that the lane takes for this table."""
    taken = []
    for _ in range(repeats):
        started = time.perf_counter()
        lane(table)
        taken.append(time.perf_counter() - started)
    return min(taken)
