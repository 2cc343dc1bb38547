"""Models without a ``predict`` method, such as functions and neural networks, wrapped so that they have one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any


class CallableModel:
    """A function of rows with the ``predict`` method that endpoints and reports call."""

    def __init__(self, function: Callable[[Any], Any]) -> None:
        self.function = function

    def predict(self, data: Any) -> Any:
        """Return the function's result for the rows."""
        return self.function(data)

    def __call__(self, data: Any) -> Any:
        """Return the function's result for the rows."""
        return self.function(data)

    def __repr__(self) -> str:
        return f"CallableModel({getattr(self.function, '__name__', self.function)!s})"


class OneByOneModel:
    """A model that answers one row at a time, as those of river do, with the methods of tables.

    It has ``predict`` for ``predict_one`` (or ``score_one`` of a detector), ``predict_proba`` for ``predict_proba_one``
    and ``transform`` for ``transform_one``. The model gets each row as a mapping.
    """

    def __init__(self, model: Any) -> None:
        self.model = model

    def __getattr__(self, name: str) -> Callable[[Any], list[Any]]:
        """Return the method of tables that corresponds to one of the model's."""
        # not self.model: copy and pickle look for methods before it is set, and would come back here without end
        steps = getattr(self.__dict__.get("model"), "steps", None)
        # river's pipelines have the methods of every kind of model, so the last step decides
        last = list(steps.values())[-1] if isinstance(steps, Mapping) and steps else self.__dict__.get("model")
        for single in _OF_TABLES.get(name, ()):
            if hasattr(last, single):
                return lambda data: [getattr(self.model, single)(row) for row in _rows(data)]
        raise AttributeError(f"{type(self).__name__} has no attribute {name!r}.")

    def __repr__(self) -> str:
        return f"OneByOneModel({type(self.model).__name__})"


_OF_TABLES = {
    "predict": ("predict_one", "score_one"),
    "predict_proba": ("predict_proba_one",),
    "transform": ("transform_one",),
}
"""The methods of tables, and those of single rows, the first of which a model has."""


def _rows(data: Any) -> list[Any]:
    """Return rows as mappings, single values as they are."""
    if hasattr(data, "columns"):
        rows: list[Any] = data.to_dict("records")
        return rows
    return data.tolist() if hasattr(data, "tolist") else list(data)


def wrapped(model: Any) -> Any:
    """Return a model that has ``predict`` as it is, one of single rows or a bare callable in a class that has it."""
    if hasattr(model, "predict"):
        return model
    if any(hasattr(model, single) for singles in _OF_TABLES.values() for single in singles):
        return OneByOneModel(model)
    return CallableModel(model) if callable(model) else model
