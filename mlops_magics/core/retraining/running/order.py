"""The order of a retraining, as its caller chooses: rows, parameters, held-out rows, rule, limit."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mlops_magics.core.retraining.champion_challenger.promotion_rule import PromotionRule
from mlops_magics.core.retraining.new_rows.hold_out import HoldOut
from mlops_magics.errors import InvalidInput

LIMIT = "2h"
"""Limit of a recipe, where none is given."""
SECONDS = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86_400, "w": 604_800}
_SPAN = re.compile(r"(?P<count>\d+(?:\.\d+)?)\s*(?P<unit>s|min|m|h|d|w)")


@dataclass(frozen=True, slots=True)
class Order:
    """One retraining as it was ordered.

    Attributes
    ----------
    data, truth, database
        The new rows (see `new_rows.row_source.read`).
    bind
        Values for other names of data, by name.
    parameters
        Changed parameters, by name.
    notebook
        A notebook to run in place of the recipe.
    limit
        Seconds that the recipe may take, or None for any time.
    approve
        Whether a person promotes a challenger that won.
    shadow
        Rows that the challenger answers unseen before it is promoted.
    segments
        Columns whose values must not become worse, by default those of the pin.
    trigger
        The reason for the run: ``kind``, ``reason`` and, of a policy, ``policy`` and ``slot``.
    """

    data: Any = None
    truth: Any = None
    database: str | None = None
    bind: Mapping[str, Any] = field(default_factory=dict)
    parameters: Mapping[str, Any] = field(default_factory=dict)
    notebook: str | None = None
    hold_out: HoldOut = field(default_factory=HoldOut)
    rule: PromotionRule = field(default_factory=PromotionRule)
    limit: float | None = 7200.0
    approve: bool = False
    shadow: int = 0
    segments: tuple[str, ...] | None = None
    trigger: Mapping[str, Any] = field(default_factory=lambda: {"kind": "manual", "reason": "by hand"})

    @property
    def policy(self) -> str:
        """The policy that wants it, or empty for a person."""
        return str(self.trigger.get("policy", ""))

    @property
    def slot(self) -> str:
        """The slot that it is for: a due time or a verdict, which is used once, or empty for a person."""
        return str(self.trigger.get("slot", ""))

    @property
    def verdict(self) -> str:
        """The findings of monitoring, and their rows, or empty where no condition was checked."""
        return str(self.trigger.get("verdict", ""))

    def decision_json(self) -> dict[str, Any]:
        """Return the values for the decision of a run that another process continues."""
        return {
            "rule": dataclasses.asdict(self.rule),
            "approve": self.approve,
            "shadow": self.shadow,
            "segments": None if self.segments is None else list(self.segments),
            "group": self.hold_out.group,
        }


def seconds_of(span: str | float | None) -> float | None:
    """Read a span of time such as ``2h``, ``30m`` or ``7d``. A number is seconds, and ``none`` removes the limit.

    >>> seconds_of("2h"), seconds_of("90s"), seconds_of("none")
    (7200.0, 90.0, None)

    Raises
    ------
    InvalidInput
    """
    if span is None or span == "none":
        return None
    if isinstance(span, int | float):
        return float(span)
    found = _SPAN.fullmatch(span.strip().lower())
    if found is None:
        raise InvalidInput(f"{span!r} is not a span of time. Write 30m, 2h or 7d.")
    return float(found["count"]) * SECONDS[found["unit"]]


def limit_of(span: str | float | None) -> float | None:
    """Return the seconds that a recipe may take, or None for any time.

    Raises
    ------
    InvalidInput
        Not a span of time, or one of no length.
    """
    seconds = seconds_of(span)
    if seconds is not None and not seconds > 0:
        raise InvalidInput(f"--limit {span} leaves no time for the recipe. Write 30m, 2h or none.")
    return seconds
