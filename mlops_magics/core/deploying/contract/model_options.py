"""The serving options of a version: the options of an endpoint that belong to the model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Extras = Literal["ignore", "refuse"]
Engine = Literal["native", "onnx"]


@dataclass(frozen=True, slots=True)
class ServingOptions:
    """Chosen when an endpoint starts, and kept for every version that it is swapped to."""

    extras: Extras = "ignore"
    """The handling of columns that the model does not read."""
    exact: bool = False
    """Neither batch requests nor take a fast path."""
    engine: Engine = "native"
    """``onnx`` converts the model (see `backends.onnx`)."""
    privacy: Mapping[str, str] = field(default_factory=dict)
    """By column (or ``mlops.prediction``): ``drop`` or ``hash`` values in the prediction log."""
