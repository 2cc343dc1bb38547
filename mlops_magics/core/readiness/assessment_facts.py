"""The facts of an assessment: six questions with their levels, whether the practice pays off, and the ML Test Score."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from mlops_magics.core.readiness.ml_test_score import RubricScore
from mlops_magics.core.readiness.pay_off import PayOff
from mlops_magics.core.readiness.question import VERSION, Answered
from mlops_magics.core.readiness.six_questions import QUESTIONS
from mlops_magics.core.readiness.team_evidence import TeamEvidence


@dataclass(frozen=True, slots=True, repr=False)
class AssessmentFacts:
    """The levels of a team, with the evidence.

    Attributes
    ----------
    questions
        The six questions, in order.
    pay_off
        Whether quantity and velocity make the practice pay off.
    score
        The ML Test Score.
    history
        Earlier assessments, newest first: ``looked``, ``levels`` by question, ``score`` and ``version``.
    """

    evidence: TeamEvidence
    questions: tuple[Answered, ...]
    pay_off: PayOff
    score: RubricScore
    history: tuple[dict[str, Any], ...] = ()

    @classmethod
    def of(cls, evidence: TeamEvidence, history: tuple[dict[str, Any], ...] = ()) -> Self:
        """Assess a team."""
        questions = tuple(Answered.of(each, evidence) for each in QUESTIONS)
        return cls(evidence, questions, PayOff.of(evidence), RubricScore.of(evidence), history)

    @property
    def level(self) -> int:
        """The lowest level of a question, which ``--fail-under`` compares."""
        return min(each.level for each in self.questions)

    @property
    def levels(self) -> dict[str, int]:
        """The level of each question, by its id."""
        return {each.id: each.level for each in self.questions}

    def summary(self) -> dict[str, Any]:
        """Return the part of this assessment that the history keeps."""
        return {
            "looked": self.evidence.looked.isoformat(timespec="seconds"),
            "version": VERSION,
            "levels": self.levels,
            "score": self.score.score,
            "pay_off": self.pay_off.verdict,
        }
