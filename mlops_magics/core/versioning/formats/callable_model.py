"""What has no ``predict`` but is itself called: functions, networks of PyTorch, pipelines of texts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class CallableModel:
    """Gives what is called the ``predict`` that endpoints and reports ask for."""

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


def answering(model: Any) -> Any:
    """Return the model where it has ``predict``, else what asks it for rows by that name."""
    if hasattr(model, "predict") or not callable(model):
        return model
    if hasattr(model, "pipe"):
        return CallableModel(_documents(model))
    return CallableModel(_tensors(model) if hasattr(model, "state_dict") else model)


def _documents(model: Any) -> Callable[[Any], list[Any]]:
    """Return what asks a pipeline of texts: each text of the first column that holds some becomes a document."""

    def ask(rows: Any) -> list[Any]:
        columns = [rows[name] for name in rows] if hasattr(rows, "columns") else [rows]
        texts = next(column for column in columns if all(isinstance(text, str) for text in column))
        return [document.to_json() for document in model.pipe(texts)]

    return ask


def _tensors(model: Any) -> Callable[[Any], Any]:
    """Return what asks a network of PyTorch, as after its training and without a trace in it."""

    def ask(rows: Any) -> Any:
        import numpy as np
        import torch

        like = next(iter(model.parameters()), torch.empty(0))
        tensor = torch.as_tensor(np.asarray(rows), dtype=like.dtype, device=like.device)
        modes = {part: part.training for part in model.modules()}
        try:
            with torch.no_grad():
                return model.eval()(tensor).cpu().numpy()
        finally:
            for part, training in modes.items():
                part.training = training

    return ask
