"""A retraining as its view reads it: both models, the decision, the gains on the held-out rows, and the steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Contestant:
    """One of the two models. ``role`` describes it where no alias does."""

    version: str
    number: int
    created: str | None
    aliases: tuple[str, ...]
    description: str | None
    role: str


@dataclass(frozen=True, slots=True)
class GainRow:
    """One metric of both models. A gain above 0 is better, whatever the direction of the metric."""

    metric: str
    better: Literal[-1, 1]
    champion: float | None
    challenger: float | None
    gain: float | None
    lower: float | None
    upper: float | None
    decides: bool
    verdict: Literal["better", "worse", "within chance"]
    method: str


@dataclass(frozen=True, slots=True)
class SegmentGainRow:
    """The gain in one segment. ``held`` is False where the challenger is worse by more than allowed."""

    segment: str
    rows: int
    gain: float | None
    lower: float | None
    upper: float | None
    held: bool


@dataclass(frozen=True, slots=True)
class CheckRow:
    """One condition of the promotion, whether it held, and the figure."""

    name: str
    held: bool
    text: str


@dataclass(frozen=True, slots=True)
class HeldOutResult:
    """Both models on the same held-out rows.

    Attributes
    ----------
    level
        The level of the intervals, such as 0.95.
    asked, margin
        The least gain that was asked for, and the loss that is allowed in a segment; 0 for none.
    """

    metric: str
    rows: int
    level: float
    asked: float
    margin: float
    gains: tuple[GainRow, ...]
    segments: tuple[SegmentGainRow, ...]
    checks: tuple[CheckRow, ...]


@dataclass(frozen=True, slots=True)
class RunStep:
    """One step of the run, in words."""

    words: str
    state: Literal["open", "running", "done", "failed"]
    text: str
    started: str | None
    seconds: float | None


@dataclass(frozen=True, slots=True)
class RetrainingRecord:
    """One run that makes the next version of a model.

    Attributes
    ----------
    status
        ``running``, ``promoted``, ``kept``, ``waiting``, ``failed`` or ``cancelled``.
    meaning, sentence, paragraph
        The decision: its colour, one sentence, and the reason.
    usual_seconds
        The median duration of earlier runs; None where there are none.
    training_rows, champion_rows, held_out_rows
        Rows that the challenger and the champion learned from, and those that no run saw.
    reason
        Why it ran.
    output
        The last lines of the recipe's output.
    can_undo, can_promote
        Whether the promotion can be taken back, and whether a person may promote the challenger.
    can_cancel, can_run_again
        Whether the run can be ended, and whether this session can begin it once more.
    """

    name: str
    label: str
    run: str
    status: str
    meaning: str
    sentence: str
    paragraph: str
    started: str
    seconds: float | None
    usual_seconds: float | None
    champion: Contestant
    challenger: Contestant | None
    steps: tuple[RunStep, ...]
    result: HeldOutResult | None
    training_rows: int
    champion_rows: int | None
    held_out_rows: int
    held_out: str
    reason: str
    notes: tuple[str, ...]
    error: str | None
    output: str
    facts: dict[str, str]
    can_undo: bool
    can_promote: bool
    can_cancel: bool
    can_run_again: bool


EXAMPLES = {"retraining": RetrainingRecord}
"""The records that have an example of their own, by its name."""
