"""The names of companion pins: ``penguins.metrics`` holds the metrics of the model ``penguins``."""

from __future__ import annotations

from collections.abc import Collection

TYPES = {
    "card": "json",
    "metrics": "arrow",
    "policies": "json",
    "readiness": "json",
    "thresholds": "json",
    "verdicts": "json",
}
"""Kind of companion to the type under which pins reads it, from Python and R."""
TEAM = "team"
"""The name in front of companions of the board as a whole, such as ``team.readiness``; no model needs to have it."""


def of_models(names: Collection[str]) -> set[str]:
    """Return which of the pins are companions of other pins; no listing of models shows them."""
    bases = {TEAM, *names}
    return {name for name in names if name.rpartition(".")[2] in TYPES and name.rpartition(".")[0] in bases}
