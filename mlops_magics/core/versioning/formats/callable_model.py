"""Models without a ``predict`` method, such as functions and neural networks, wrapped so that they have one."""

from __future__ import annotations

from collections.abc import Callable
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


def wrapped(model: Any) -> Any:
    """Return a model that has ``predict`` as it is, and a bare callable as a `CallableModel`."""
    return model if hasattr(model, "predict") or not callable(model) else CallableModel(model)
