"""How a version is to be served; the part of an endpoint's options that belongs to the model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Extras = Literal["ignore", "refuse"]
Engine = Literal["native", "onnx"]


@dataclass(frozen=True, slots=True)
class ServingOptions:
    """Chosen when an endpoint starts, and kept by every version that it is swapped to."""

    extras: Extras = "ignore"
    """What happens to columns that the model does not read."""
    exact: bool = False
    """Neither batch requests together nor take a faster lane."""
    engine: Engine = "native"
    """``onnx`` converts the model; see `lanes.onnx`."""
    privacy: Mapping[str, str] = field(default_factory=dict)
    """By column (or ``mlops.prediction``): ``drop`` or ``hash`` what the prediction log would keep."""
