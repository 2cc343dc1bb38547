"""A bare function as a model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class CallableModel:
    """Gives a function the ``predict`` that endpoints and reports ask for."""

    def __init__(self, function: Callable[[Any], Any]) -> None:
        self.function = function

    def predict(self, data: Any) -> Any:
        """Return what the function makes of the rows."""
        return self.function(data)

    def __call__(self, data: Any) -> Any:
        """Return what the function makes of the rows."""
        return self.function(data)

    def __repr__(self) -> str:
        return f"CallableModel({getattr(self.function, '__name__', self.function)!s})"
