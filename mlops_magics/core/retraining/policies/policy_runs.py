"""Runs of policies: each one that is due once, however many processes run them at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from mlops_magics.core.retraining.policies import policy_pin
from mlops_magics.core.retraining.policies.due import Due, Looks, Past, due, past_of
from mlops_magics.core.retraining.policies.policy import Policy
from mlops_magics.core.retraining.retraining import Retraining
from mlops_magics.core.versioning import Board
from mlops_magics.errors import MlopsError, NothingToDo, RetrainingFailed

Retrain = Callable[[Policy, dict[str, Any]], Retraining]


@dataclass(frozen=True, slots=True)
class PolicyStatus:
    """A policy, its last outcome, and its next time.

    Attributes
    ----------
    trigger
        The reason why it is due now, or None where it is not.
    why_not
        The reason why it is not due.
    """

    policy: Policy
    past: Past
    next: dt.datetime | None
    trigger: dict[str, Any] | None
    why_not: str

    @property
    def due(self) -> bool:
        """Whether it is due now."""
        return self.trigger is not None


@dataclass(frozen=True, slots=True)
class PolicyRun:
    """The outcome of one policy when policies were run.

    Attributes
    ----------
    outcome
        ``promoted``, ``kept``, ``waiting``, ``failed``, or ``not due`` and ``held``, which are nothing to do.
    """

    model: str
    policy: str
    outcome: str
    text: str
    retraining: Retraining | None = None

    @property
    def ran(self) -> bool:
        """Whether anything was done."""
        return self.outcome not in ("not due", "held")

    def __repr__(self) -> str:
        words = self.text if self.text.startswith(self.outcome) else f"{self.outcome}. {self.text}"
        return f"{self.model} ({self.policy}): {words}"

    def to_json(self) -> dict[str, Any]:
        """Return the record as JSON values."""
        run = None if self.retraining is None else self.retraining.to_json()
        return {
            "model": self.model,
            "policy": self.policy,
            "outcome": self.outcome,
            "text": self.text,
            "retraining": run,
        }


def statuses(
    board: Board, looks: Looks, now: dt.datetime, *, model: str | None = None, policy: str | None = None
) -> Iterator[PolicyStatus]:
    """Yield the policies of a board, or of one model, with their next times.

    Parameters
    ----------
    board, looks
        The board, and the report and row counts of its models.
    now
        The moment.
    model, policy
        One model, and one policy, in place of all.
    """
    for name in [model] if model is not None else policy_pin.models(board):
        for each in policy_pin.read(board, name):
            if policy is None or each.name == policy:
                yield status(board, each, looks, now)


def status(board: Board, policy: Policy, looks: Looks, now: dt.datetime) -> PolicyStatus:
    """Return the last outcome of a policy and its next time.

    Parameters
    ----------
    board, policy
        The policy and its board.
    looks
        The report and the row counts of its model.
    now
        The moment.
    """
    past = past_of(board.log.read(), policy)
    found: Due = due(policy, past, now, looks)
    return PolicyStatus(policy, past, found.next, found.trigger, found.why_not)


def carry_out(each: PolicyStatus, retrain: Retrain) -> PolicyRun:
    """Retrain where a policy is due, and return the outcome. A failure is an outcome, not an error."""
    policy = each.policy
    if each.trigger is None:
        return PolicyRun(policy.model, policy.name, "not due", each.why_not)
    try:
        run = retrain(policy, each.trigger)
    except NothingToDo as nothing:
        outcome = "held" if nothing.reason == "held" else "not due"
        return PolicyRun(policy.model, policy.name, outcome, str(nothing))
    except RetrainingFailed as fault:
        record = fault.retraining if isinstance(fault.retraining, Retraining) else None
        return PolicyRun(policy.model, policy.name, "failed", str(fault), record)
    except MlopsError as fault:
        return PolicyRun(policy.model, policy.name, "failed", str(fault))
    return PolicyRun(policy.model, policy.name, run.status, run.why, run)
