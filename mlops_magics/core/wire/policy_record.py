"""The policies of one model as a view lists them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PolicyRow:
    """A policy: its triggers in words, its last outcome, its next time, and why it is not due now."""

    policy: str
    every: str
    when: str
    last: str | None
    outcome: str
    next: str | None
    due: bool
    why_not: str


@dataclass(frozen=True, slots=True)
class Policies:
    """The policies of one model. ``zone`` is this machine's time zone, in which a time is meant by default."""

    name: str
    label: str
    zone: str
    policies: tuple[PolicyRow, ...]
