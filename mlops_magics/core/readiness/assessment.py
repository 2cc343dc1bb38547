"""An assessment of a team, as text, Markdown, HTML and JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mlops_magics.core.readiness import assessment_page, assessment_text
from mlops_magics.core.readiness.assessment_facts import AssessmentFacts


@dataclass(frozen=True, slots=True, repr=False)
class Readiness(AssessmentFacts):
    """An assessment that displays recognise."""

    def to_json(self) -> dict[str, Any]:
        """Return the record as JSON values."""
        return {
            **self.summary(),
            "level": self.level,
            "boards": [each.target for each in self.evidence.boards],
            "unread": list(self.evidence.unread),
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
