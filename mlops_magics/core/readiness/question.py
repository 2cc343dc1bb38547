"""A question to a team: the conditions of its levels, and the findings of an assessment on each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mlops_magics.core.readiness.team_evidence import Link, TeamEvidence

LEVELS = ("not yet", "by hand", "repeatable", "automatic", "proven")
"""The levels from 0 to 4. A level is reached when its conditions and those of all levels below it hold."""
VERSION = 2
"""Version of the conditions and of the points of the ML Test Score. It is kept with each assessment."""
MOST_LINKS = 12
"""Links of one finding."""


@dataclass(frozen=True, slots=True)
class Finding:
    """The evidence on one condition.

    Attributes
    ----------
    text
        The fact, with its counts.
    cell
        A cell that would help where the condition does not hold.
    """

    holds: bool
    text: str
    links: tuple[Link, ...] = ()
    cell: str = ""


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition of a level.

    Attributes
    ----------
    text
        The condition in words.
    """

    level: int
    text: str
    look: Callable[[TeamEvidence], Finding]


@dataclass(frozen=True, slots=True)
class Question:
    """One of the six questions, in the words of a team."""

    id: str
    words: str
    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Checked:
    """A condition with its finding."""

    level: int
    condition: str
    finding: Finding


@dataclass(frozen=True, slots=True)
class Answered:
    """A question with its level and its evidence."""

    id: str
    words: str
    level: int
    checked: tuple[Checked, ...]

    @classmethod
    def of(cls, question: Question, evidence: TeamEvidence) -> Answered:
        """Check every condition of a question."""
        checked = tuple(Checked(each.level, each.text, each.look(evidence)) for each in question.conditions)
        missed = [each.level for each in checked if not each.finding.holds]
        return cls(question.id, question.words, min(missed) - 1 if missed else len(LEVELS) - 1, checked)

    @property
    def level_name(self) -> str:
        """The level in words."""
        return LEVELS[self.level]

    @property
    def missing(self) -> tuple[Checked, ...]:
        """The conditions that do not hold, those of the next level first."""
        return tuple(each for each in self.checked if not each.finding.holds)

    @property
    def next_step(self) -> Checked | None:
        """The one condition to work on next, or None where all hold."""
        return self.missing[0] if self.missing else None

    def to_json(self) -> dict[str, Any]:
        """Return the record as JSON values."""
        step = self.next_step
        return {
            "id": self.id,
            "question": self.words,
            "level": self.level,
            "level_name": self.level_name,
            "conditions": [
                {
                    "level": each.level,
                    "condition": each.condition,
                    "holds": each.finding.holds,
                    "found": each.finding.text,
                    "links": [
                        {"kind": link.kind, "target": link.target, "cell": link.cell, "href": link.href}
                        for link in each.finding.links
                    ],
                }
                for each in self.checked
            ],
            "next_step": None if step is None else {"condition": step.condition, "cell": step.finding.cell},
        }
