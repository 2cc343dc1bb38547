"""Every verb, in the order of the journey. The module of a verb is imported when the verb is first used."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlops_magics.magics.verb import Verb

NAMES = (
    "board", "pin_model", "models", "versions", "annotate", "promote", "rollback", "protect", "compare", "copy",
    "package", "delete", "restore", "trust", "sign",
    "deploy", "endpoints", "stop", "predict", "use", "monitor", "thresholds", "verdicts", "retrain", "policies",
    "export", "readiness", "model_card", "dashboard", "catalogue", "verify", "gc",
    "mlops",
)  # fmt: skip
"""The name of a verb is that of its module and of the function there."""
OVER_CELL = ("pin_model",)
"""Those that also work over a cell, as their declarations say."""


class VerbTable(Mapping[str, "Verb"]):
    """The verbs by name. ``%load_ext`` needs the names alone, and importing all modules takes 10 ms."""

    def __getitem__(self, name: str) -> Verb:
        if name not in NAMES:
            raise KeyError(name)
        found: Verb = getattr(importlib.import_module(f"mlops_magics.magics.{name}"), name)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(NAMES)

    def __len__(self) -> int:
        return len(NAMES)


VERBS = VerbTable()
