"""The names of companion pins: ``penguins.metrics`` holds the metrics of the model ``penguins``."""

from __future__ import annotations

from collections.abc import Callable, Collection

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


def of_models(names: Collection[str], gone: Callable[[], Collection[str]] = tuple) -> set[str]:
    """Return those pins that are companions of other pins. Listings of models leave them out.

    Parameters
    ----------
    gone
        A function that returns the models of earlier versions, which leave their companions behind. It is called where
        a pin with the name of a companion has no model beside it.
    """
    named = {name: name.rpartition(".")[0] for name in names if name.rpartition(".")[2] in TYPES}
    bases = {TEAM, *names}
    if not bases.issuperset(named.values()):
        bases.update(gone())
    return {name for name, base in named.items() if base in bases}
