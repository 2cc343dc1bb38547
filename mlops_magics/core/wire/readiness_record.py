"""An assessment of a team as its view reads it: six questions with their levels, evidence and next steps."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EvidenceLink:
    """A piece of evidence: its name, the magic that shows it, and an address that a browser opens, or no text."""

    kind: str
    target: str
    cell: str
    href: str


@dataclass(frozen=True, slots=True)
class ConditionRow:
    """A condition of a level, and its evidence."""

    level: int
    words: str
    holds: bool
    found: str
    links: tuple[EvidenceLink, ...]


@dataclass(frozen=True, slots=True)
class NextStep:
    """What to work on next, and the cell that does it."""

    words: str
    cell: str


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """One of the six questions. ``title`` is its short name."""

    id: str
    title: str
    words: str
    level: int
    conditions: tuple[ConditionRow, ...]
    step: NextStep | None


@dataclass(frozen=True, slots=True)
class RubricRow:
    """One of the 28 tests of the ML Test Score.

    Attributes
    ----------
    points
        None where the test is open: neither seen nor answered.
    asked
        Whether boards do not show it, so that a person answers.
    answer
        ``yes``, ``partly``, ``no``, or no text.
    """

    id: str
    section: str
    words: str
    points: float | None
    found: str
    asked: bool
    answer: str
    note: str


@dataclass(frozen=True, slots=True)
class SectionScore:
    """The points of a section, of at most seven."""

    name: str
    points: float


@dataclass(frozen=True, slots=True)
class PastLook:
    """An earlier assessment: when it was made, the levels in the order of the questions, and the ML Test Score."""

    looked: str
    levels: tuple[int, ...]
    score: float | None


@dataclass(frozen=True, slots=True)
class Assessment:
    """The levels of a team, with the evidence.

    Attributes
    ----------
    about
        The counts behind the assessment, in words.
    meaning, sentence, paragraph
        Whether the practice pays off, and what helps most.
    best
        The id of the question whose next step helps most; no text where all conditions hold.
    levels
        The names of the levels from 0.
    rule
        From when on the practice pays off.
    """

    looked: str
    about: str
    meaning: str
    sentence: str
    paragraph: str
    best: str
    levels: tuple[str, ...]
    questions: tuple[QuestionRow, ...]
    rule: str
    score: float
    score_meaning: str
    sections: tuple[SectionScore, ...]
    tests: tuple[RubricRow, ...]
    history: tuple[PastLook, ...]


EXAMPLES = {"readiness": Assessment}
"""The records that have an example of their own, by its name."""
