"""The record of a policy: cadence, conditions, rows, rule, and limits on how often it runs."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from mlops_magics.core.retraining.champion_challenger.promotion_rule import LEVEL, MARGIN, PromotionRule, RuleName
from mlops_magics.core.retraining.new_rows.hold_out import SHARE, HoldOut
from mlops_magics.core.retraining.new_rows.row_source import LOG, QUERY
from mlops_magics.core.retraining.policies.condition import Condition
from mlops_magics.core.retraining.policies.schedule import Schedule, local_zone, schedule_of
from mlops_magics.core.retraining.running.order import LIMIT, Order, limit_of, seconds_of
from mlops_magics.core.versioning.history.events import author
from mlops_magics.core.versioning.names import ModelName
from mlops_magics.errors import InvalidInput, nearest

if TYPE_CHECKING:
    from mlops_magics.core.monitoring.scoring.model_task import ModelTask

DEFAULT = "default"
COOLDOWN = "1d"
"""Time between two retrainings by conditions: a drift stays true until its window has passed."""
STOP_AFTER = 3
"""Retrainings in a row that changed nothing, after which a person should decide."""


@dataclass(frozen=True, slots=True, repr=False)
class Policy:
    """The times and the method of a model's retraining.

    Attributes
    ----------
    model, name
        The model, and the name of the policy among its policies.
    every, at, zone
        The cadence, or None for a policy that conditions alone make due.
    when
        Conditions, of which one must hold, or none for a policy that a cadence alone makes due.
    data, truth, database
        The source of new rows: None for the prediction log.
    cooldown
        The shortest time between two runs by conditions.
    min_rows
        New rows with truth that are needed.
    stop_after
        Runs in a row that changed nothing, after which the policy waits for a person, or 0 for never.
    created
        In ISO 8601, UTC. Earlier times are not made up for.
    removed
        Whether it was removed from the board.
    """

    model: str
    name: str = DEFAULT
    every: str | None = None
    at: str | None = None
    zone: str | None = None
    when: tuple[str, ...] = ()
    data: str | None = None
    truth: str | None = None
    database: str | None = None
    parameters: dict[str, str] = field(default_factory=dict)
    notebook: str | None = None
    promote_if: RuleName | None = None
    metric: str | None = None
    min_gain: float = 0.0
    margin: float = MARGIN
    level: float = LEVEL
    floors: dict[str, float] = field(default_factory=dict)
    hold_out: float = SHARE
    time: str | None = None
    group: str | None = None
    seed: int = 0
    limit: str = LIMIT
    approve: bool = False
    shadow: int = 0
    cooldown: str = COOLDOWN
    min_rows: int = 0
    stop_after: int = STOP_AFTER
    created: str = ""
    by: str | None = None
    removed: bool = False

    def __post_init__(self) -> None:
        if not self.every and not self.when:
            raise InvalidInput("A policy needs a cadence or a condition: --every week, or --when drift.")
        for word in self.when:
            Condition.parse(word)
        self.schedule()
        self.rule("")
        limit_of(self.limit)
        seconds_of(self.cooldown)

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """The conditions, parsed."""
        return tuple(map(Condition.parse, self.when))

    def schedule(self) -> Schedule | None:
        """Return the due times, or None without a cadence."""
        return schedule_of(self.every, self.at, self.zone, self.model) if self.every else None

    def rule(self, kind: str) -> PromotionRule:
        """Return the rule of a promotion for a kind of trigger: after a loss, no worse is enough."""
        usual: RuleName = "no-worse" if kind in ("drift", "performance", "metric") else "better"
        return PromotionRule(
            self.promote_if or usual,
            self.metric,
            self.min_gain,
            self.margin,
            self.margin,
            dict(self.floors),
            self.level,
        )

    def order(self, trigger: Mapping[str, Any]) -> Order:
        """Return the retraining that the policy orders."""
        return Order(
            data=self.data,
            truth=self.truth,
            database=self.database,
            parameters=dict(self.parameters),
            notebook=self.notebook,
            hold_out=HoldOut(self.hold_out, self.time, self.group, self.seed),
            rule=self.rule(str(trigger.get("kind", ""))),
            limit=limit_of(self.limit),
            approve=self.approve,
            shadow=self.shadow,
            trigger={**trigger, "policy": self.name},
        )

    def to_json(self) -> dict[str, Any]:
        """Return the record as JSON values."""
        return {**dataclasses.asdict(self), "when": list(self.when)}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Policy:
        """Read the result of `to_json`, without fields of a newer writer.

        Raises
        ------
        InvalidInput
        """
        try:
            return msgspec.convert(dict(document), cls)
        except (msgspec.ValidationError, TypeError) as fault:
            raise InvalidInput(f"Not a valid policy: {fault}.") from None

    def __str__(self) -> str:
        return f"{self.model}: {', '.join(self._reasons())}"

    def __repr__(self) -> str:
        if self.removed:
            return f"Policy {self.name} of {self.model} was removed."
        rows = f", with at least {self.min_rows:,} new rows" if self.min_rows else ""
        return (
            f"Policy {self.name} of {self.model}: retrained {', '.join(self._reasons())}{rows}, from "
            f"{self.data or 'the prediction log'}. `mlops-magics run-policies` or an exported file (`%export "
            f"{self.model} --to cron`) carries it out."
        )

    def _reasons(self) -> list[str]:
        """Return the cadence and the conditions in words."""
        at = f" at {self.at}" if self.at else ""
        cadence = f"every {self.every}{at}{f' ({self.zone})' if self.zone else ''}"
        return [*([cadence] if self.every else []), *(f"when {word}" for word in self.when)]


def check_metrics(policy: Policy, known: Collection[str], task: ModelTask | None = None) -> None:
    """Check the names of metrics in a new policy: one with an unknown name would never be due, or fail each time.

    Parameters
    ----------
    known
        The metrics of the pin, the user's own included. A condition may name one.
    task
        The task of the model, where it is known.

    Raises
    ------
    NotFound, InvalidInput
        A metric does not exist, or is not defined for the task.
    """
    from mlops_magics.core.retraining.champion_challenger import gain_metrics

    named = [each.metric for each in policy.conditions if each.kind == "metric" and each.metric not in known]
    gain_metrics.check([*named, policy.metric, *policy.floors], task)


def made(model: str, name: str, given: Mapping[str, Any]) -> Policy:
    """Return a policy from a caller's values, with defaults for those that are None.

    Raises
    ------
    InvalidInput
        An unknown option, or a value that is not valid.
    """
    ModelName(name)  # the files of orchestrators hold it, as they do the model's name
    known = {entry.name for entry in dataclasses.fields(Policy)} - {"model", "name", "created", "by", "removed"}
    unknown = sorted(given.keys() - known)
    if unknown:
        close = nearest(unknown[0], known, 1)
        hint = f"Did you mean {close[0]!r}?" if close else f"It takes {', '.join(sorted(known))}."
        raise InvalidInput(f"A policy has no option {unknown[0]!r}. {hint}")
    present = {key: value for key, value in given.items() if value is not None}
    if present.get("data") is not None:
        present["data"] = _source(present["data"])
    for key in ("database", "notebook"):
        if key in present:
            # the runs of a scheduler have another working directory
            present[key] = str(Path(present[key]).resolve())
    if present.get("parameters"):
        present["parameters"] = {str(key): _text(value) for key, value in dict(present["parameters"]).items()}
    words = {key: str(present[key]) for key in ("limit", "cooldown") if key in present}
    zone = present.get("zone") or (local_zone() if present.get("every") else None)
    created = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    return Policy(model, name, **(present | words | {"zone": zone, "created": created, "by": author()}))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else repr(value)


def _source(data: Any) -> str:
    """Return the source of a policy's rows: another process must find them there.

    Raises
    ------
    InvalidInput
        The rows are in this process alone.
    """
    if not isinstance(data, str | Path):
        raise InvalidInput(
            f"A policy runs without this notebook, so that its rows are a file, a URL, a query or the log, not a "
            f"{type(data).__name__} in memory."
        )
    text = str(data)
    return text if text == LOG or "://" in text or QUERY.match(text) else str(Path(text).resolve())
