"""The record of a retraining: its steps, the comparison of both models, and the decision."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

import msgspec

from mlops_magics.errors import InvalidInput

StepName = Literal["prepared", "trained", "pinned", "evaluated", "decided"]
STEPS: tuple[StepName, ...] = ("prepared", "trained", "pinned", "evaluated", "decided")
"""The steps of a run, in order. Each is done once, and a killed run continues after the last one that was done."""
WORDS: Mapping[StepName, str] = {
    "prepared": "read the new rows and hold some out",
    "trained": "run the recipe",
    "pinned": "pin the new version",
    "evaluated": "compare on the held-out rows",
    "decided": "decide",
}
PROGRESS: Mapping[StepName, str] = {
    "prepared": "reading the new rows",
    "trained": "running the recipe",
    "pinned": "pinning the new version",
    "evaluated": "comparing on the held-out rows",
    "decided": "deciding",
}
"""The steps in the words of a line of progress, as in *Interrupted after 3 s, while running the recipe*."""
Status = Literal["running", "promoted", "kept", "waiting", "failed", "cancelled"]
Verdict = Literal["better", "worse", "within chance"]


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a run."""

    name: StepName
    state: Literal["open", "running", "done", "failed"] = "open"
    started: str | None = None
    """In ISO 8601, UTC."""
    seconds: float | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Gain:
    """One metric of both models on the same held-out rows.

    Attributes
    ----------
    gain, lower, upper
        The gain of the challenger, and its interval. Above 0 is better, whatever the direction of the metric.
    method
        The method of the interval.
    decides
        Whether the rule uses this metric.
    """

    metric: str
    champion: float | None
    challenger: float | None
    gain: float | None
    lower: float | None
    upper: float | None
    greater_is_better: bool = True
    decides: bool = False
    method: str = ""

    @property
    def verdict(self) -> Verdict:
        """The gain in words."""
        if self.lower is not None and self.lower > 0:
            return "better"
        return "worse" if self.upper is not None and self.upper < 0 else "within chance"


@dataclass(frozen=True, slots=True)
class SegmentGain:
    """The deciding metric in one segment. ``held`` is False where the challenger is worse by more than allowed."""

    segment: str
    rows: int
    gain: float | None
    lower: float | None
    upper: float | None
    held: bool = True


@dataclass(frozen=True, slots=True)
class Check:
    """One condition of the promotion, whether it held, and the reason."""

    name: str
    held: bool
    text: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """Champion and challenger on the same held-out rows.

    Attributes
    ----------
    rows
        Held-out rows that both models answered and whose truth is known.
    level
        The level of the intervals, such as 0.95.
    power, power_gain
        The share of times a gain of ``power_gain`` would be seen with these rows.
    overlap
        The estimated share of held-out rows among the champion's training rows, or None where it is not known.
    asked, segment_margin
        The gain that the rule needs (below 0: the loss that it allows), and the loss that it allows in a segment, in
        the unit of the deciding metric. 0 in records of version 0.2.0.
    """

    metric: str
    rows: int
    gains: tuple[Gain, ...]
    segments: tuple[SegmentGain, ...] = ()
    checks: tuple[Check, ...] = ()
    level: float = 0.95
    power: float | None = None
    power_gain: float | None = None
    overlap: float | None = None
    notes: tuple[str, ...] = ()
    asked: float = 0.0
    segment_margin: float = 0.0

    @property
    def deciding(self) -> Gain:
        """The metric that decides."""
        return next(each for each in self.gains if each.decides)


class Versions(NamedTuple):
    """The versions of both models. The challenger is None until it is pinned."""

    champion: str
    challenger: str | None


@dataclass(frozen=True, slots=True, repr=False)
class Retraining:
    """One run that makes the next version of a model.

    Attributes
    ----------
    run
        Its id, which the new version carries too.
    parent
        The version that is made again, and that is champion meanwhile.
    version
        The new version, or None until it is pinned.
    trigger
        The reason for the run: ``kind`` (``manual``, ``schedule``, ``drift``, …), ``reason``, ``policy``, ``slot``.
    held_out
        The method of holding rows out, in one sentence, and their number.
    log
        The file that holds the output of the recipe, on the host that ran it.
    why
        The decision in one sentence.
    """

    run: str
    name: str
    board: str
    parent: str
    status: Status = "running"
    version: str | None = None
    started: str = ""
    ended: str | None = None
    trigger: dict[str, Any] = field(default_factory=dict)
    steps: tuple[Step, ...] = tuple(Step(name) for name in STEPS)
    rows: int = 0
    training_rows: int = 0
    held_out_rows: int = 0
    held_out: str = ""
    comparison: Comparison | None = None
    why: str = ""
    error: str | None = None
    by: str | None = None
    host: str = ""
    pid: int = 0
    log: str = ""
    notes: tuple[str, ...] = ()

    @property
    def versions(self) -> Versions:
        """The versions of champion and challenger."""
        return Versions(self.parent, self.version)

    @property
    def decision(self) -> Status | None:
        """``promoted``, ``kept`` or ``waiting``, or None for a run that has not decided."""
        return self.status if self.status in ("promoted", "kept", "waiting") else None

    @property
    def promoted(self) -> bool:
        """Whether the new version is champion now."""
        return self.status == "promoted"

    @property
    def interval(self) -> tuple[float, float] | None:
        """The interval of the gain on the deciding metric. Above 0 is better."""
        gain = self.comparison.deciding if self.comparison is not None else None
        return None if gain is None or gain.lower is None or gain.upper is None else (gain.lower, gain.upper)

    @property
    def seconds(self) -> float | None:
        """The duration of the run, or None while it runs."""
        if self.ended is None:
            return None
        return (dt.datetime.fromisoformat(self.ended) - dt.datetime.fromisoformat(self.started)).total_seconds()

    @property
    def step(self) -> StepName:
        """The step that runs, or the last one that was begun."""
        begun = [each.name for each in self.steps if each.state != "open"]
        return begun[-1] if begun else STEPS[0]

    def __repr__(self) -> str:
        if self.status == "running":
            place = STEPS.index(self.step) + 1
            return f"{self.name}: retraining {self.run} runs, step {place} of {len(STEPS)}: {WORDS[self.step]}"
        return f"{self.name}: {self.why or self.error or self.status}"

    def to_json(self) -> dict[str, Any]:
        """Return the record as JSON values."""
        from mlops_magics.core.versioning.describing.json_values import json_safe

        found: dict[str, Any] = json_safe(dataclasses.asdict(self))
        derived = {"decision": self.decision, "promoted": self.promoted, "interval": self.interval}
        return {**found, **json_safe(derived)}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Retraining:
        """Read the result of `to_json`, without fields of a newer writer.

        Raises
        ------
        InvalidInput
            Not a record of a retraining.
        """
        try:
            return msgspec.convert(dict(document), cls)
        except (msgspec.ValidationError, TypeError) as fault:
            raise InvalidInput(f"Not a record of a retraining: {fault}.") from None
