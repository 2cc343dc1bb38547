"""An assessment of a team: six questions with their levels, whether the practice pays off, and the ML Test Score."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mlops_magics.core.readiness import assessment_page, assessment_text
from mlops_magics.core.readiness.ml_test_score import RubricScore
from mlops_magics.core.readiness.pay_off import PayOff
from mlops_magics.core.readiness.question import VERSION, Answered
from mlops_magics.core.readiness.six_questions import QUESTIONS
from mlops_magics.core.readiness.team_evidence import TeamEvidence


@dataclass(frozen=True, slots=True, repr=False)
class Readiness:
    """What was found of a team.

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
    def of(cls, evidence: TeamEvidence, history: tuple[dict[str, Any], ...] = ()) -> Readiness:
        """Assess a team."""
        questions = tuple(Answered.of(each, evidence) for each in QUESTIONS)
        return cls(evidence, questions, PayOff.of(evidence), RubricScore.of(evidence), history)

    @property
    def level(self) -> int:
        """The lowest level of a question: what ``--fail-under`` compares."""
        return min(each.level for each in self.questions)

    @property
    def levels(self) -> dict[str, int]:
        """The level of each question, by its id."""
        return {each.id: each.level for each in self.questions}

    def summary(self) -> dict[str, Any]:
        """Return what the history keeps of this assessment."""
        return {
            "looked": self.evidence.looked.isoformat(timespec="seconds"),
            "version": VERSION,
            "levels": self.levels,
            "score": self.score.score,
            "pay_off": self.pay_off.verdict,
        }

    def to_json(self) -> dict[str, Any]:
        """Return the record as JSON values."""
        return {
            **self.summary(),
            "level": self.level,
            "boards": [each.target for each in self.evidence.boards],
            "questions": [each.to_json() for each in self.questions],
            "pay_off": self.pay_off.to_json(),
            "ml_test_score": self.score.to_json(),
            "answers": self.evidence.answers,
            "history": list(self.history),
        }

    def to_markdown(self) -> str:
        """Return the assessment as Markdown."""
        return assessment_text.markdown(self)

    def to_html(self) -> str:
        """Return the assessment as one HTML page without scripts."""
        return assessment_page.page(self)

    def __repr__(self) -> str:
        return assessment_text.plain(self)

    def _repr_html_(self) -> str:
        return assessment_page.view(self)
