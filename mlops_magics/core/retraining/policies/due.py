"""The decision whether a policy is due, for what, and why not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlops_magics.core.retraining.policies.policy import Policy
from mlops_magics.core.retraining.running.order import seconds_of
from mlops_magics.core.versioning.history.event_kinds import EventKind
from mlops_magics.core.versioning.history.events import Event
from mlops_magics.core.versioning.names import CHALLENGER
from mlops_magics.errors import MlopsError

if TYPE_CHECKING:
    from mlops_magics.core.monitoring import MonitorReport

MOMENT = "%Y-%m-%dT%H:%M:%SZ"
AHEAD = dt.timedelta(days=1)
"""A time of the log that is later than this is of a clock that was wrong, and holds nothing back."""


@dataclass(frozen=True, slots=True)
class Past:
    """The runs of a policy so far.

    Attributes
    ----------
    last
        The end of its last run, or None where it never ran.
    outcome
        Of that run.
    unchanged
        Runs in a row, up to the last one, that changed nothing.
    slots
        Due times and verdicts of its runs.
    verdicts
        The findings of monitoring before its runs.
    """

    last: dt.datetime | None = None
    outcome: str | None = None
    unchanged: int = 0
    slots: frozenset[str] = frozenset()
    verdicts: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Due:
    """The answer: ``trigger`` is given where the policy is due, else ``why_not``."""

    trigger: dict[str, Any] | None
    why_not: str
    next: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Looks:
    """Readings of a model, each used only where a policy needs it.

    Attributes
    ----------
    report
        Monitors the rows of the policy.
    new_rows
        Counts its rows with truth since its last run.
    """

    report: Callable[[Policy], MonitorReport]
    new_rows: Callable[[Policy], int]


def past_of(events: Sequence[Event], policy: Policy) -> Past:
    """Return the runs of a policy, by the log of the board."""
    claims = {
        str(each.details.get("run")): each
        for each in events
        if each.kind is EventKind.RETRAIN_CLAIM
        and each.name == policy.model
        and each.details.get("policy") == policy.name
    }
    ends = [
        each
        for each in events
        if each.kind is EventKind.RETRAIN_END
        and str(each.details.get("run")) in claims
        and each.details.get("outcome") != "cancelled"
    ]
    unchanged = 0
    for each in reversed(ends):
        # a promotion by a person counts too: the retrainings after it compare with another champion
        if each.details.get("outcome") == "promoted" or _moved_since(events, each):
            break
        unchanged += 1
    last = ends[-1] if ends else None
    return Past(
        None if last is None else dt.datetime.fromisoformat(last.time),
        None if last is None else str(last.details.get("outcome")),
        unchanged,
        *(
            frozenset(str(each.details[key]) for each in claims.values() if each.details.get(key))
            for key in ("slot", "verdict")
        ),
    )


def _moved_since(events: Sequence[Event], end: Event) -> bool:
    """Return whether a person moved an alias of the model after a run: then a person has looked.

    A run that keeps the champion moves the alias of the challenger itself.
    """
    return any(
        each.moves and each.alias != CHALLENGER and each.name == end.name and each.sequence > end.sequence
        for each in events
    )


def due(policy: Policy, past: Past, now: dt.datetime, looks: Looks) -> Due:
    """Return whether a policy is due.

    A cadence makes one run due for each time. Where times were missed, one run makes up for all. Conditions with a
    cadence are checked from each time on until the next one, without a cadence always.

    Parameters
    ----------
    policy, past
        The policy, and its last runs.
    now
        The moment.
    looks
        The report and the row counts, which are read only where a condition needs them.
    """
    schedule = policy.schedule()
    following = None if schedule is None else schedule.next(now)
    if policy.stop_after and past.unchanged >= policy.stop_after:
        why = f"{past.unchanged} retrainings did not help: a person should look, then `%promote` or a new policy"
        return Due(None, why, None)
    slot = ""
    if schedule is not None:
        last = schedule.last(now)
        slot = last.strftime(MOMENT)
        created = dt.datetime.fromisoformat(policy.created)
        # a time before the policy was made is not missed; a clock that was far ahead at that time holds nothing back
        if last < created <= now + AHEAD or slot in past.slots:
            return Due(None, "not due yet", following)
    try:
        trigger, why_not = _trigger(policy, past, now, looks, slot)
    except MlopsError as fault:
        return Due(None, f"it cannot be looked at: {fault}", following)
    return Due(trigger, why_not, following)


def _trigger(
    policy: Policy, past: Past, now: dt.datetime, looks: Looks, slot: str
) -> tuple[dict[str, Any] | None, str]:
    cooldown = seconds_of(policy.cooldown) or 0.0
    recent = past.last is not None and past.last <= now + AHEAD and (now - past.last).total_seconds() < cooldown
    if policy.when and past.last is not None and recent:
        until = past.last + dt.timedelta(seconds=cooldown)
        return None, f"cooling down until {until:%Y-%m-%d %H:%M} UTC"
    rows = looks.new_rows(policy) if policy.min_rows or any(each.kind == "rows" for each in policy.conditions) else 0
    if rows < policy.min_rows:
        return None, f"{rows:,} new rows with truth, and {policy.min_rows:,} are needed"
    if not policy.when:
        return {"kind": "schedule", "reason": f"every {policy.every}", "slot": slot}, ""
    return _condition(policy, past, looks, slot, rows, now)


def _condition(
    policy: Policy, past: Past, looks: Looks, slot: str, rows: int, now: dt.datetime
) -> tuple[dict[str, Any] | None, str]:
    """Return the trigger of the first condition that holds and that no run was made for."""
    report, used = None, ""
    for condition in policy.conditions:
        if condition.kind == "rows":
            if condition.holds_for_rows(rows):
                reason = f"{rows:,} new rows with truth"
                return {"kind": "rows", "reason": reason, "slot": slot or f"rows at {now:{MOMENT}}"}, ""
            continue
        report = report if report is not None else looks.report(policy)
        found = condition.reason(report)
        if found is None:
            continue
        verdict = f"{condition.text} of {report.version}: {report.rows:,} rows, {report.period}"
        if verdict not in past.verdicts:
            return {"kind": condition.kind, "reason": found, "slot": slot or verdict, "verdict": verdict}, ""
        used = f"{found}: a retraining was made for it, and no new rows came"
    if used:
        return None, used
    asked = ", ".join(policy.when)
    return None, f"{asked}: no" + (f" ({report.verdict})" if report is not None else f" ({rows:,} new rows)")
