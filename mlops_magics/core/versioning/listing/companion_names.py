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
"""Map from a kind of companion to the type with which pins reads it, from Python and R."""
TEAM = "team"
"""The name in front of companions of the board as a whole, such as ``team.readiness``, which needs no model."""


def of_models(names: Collection[str]) -> set[str]:
    """Return those pins that are companions of other pins. Listings of models leave them out."""
    bases = {TEAM, *names}
    return {name for name in names if name.rpartition(".")[2] in TYPES and name.rpartition(".")[0] in bases}
