"""An assessment of a team as its view shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlops_magics.core import phrases
from mlops_magics.core.readiness.pay_off import RULE
from mlops_magics.core.readiness.question import LEVELS, Answered, Checked
from mlops_magics.core.wire import readiness_record as wire

if TYPE_CHECKING:
    from mlops_magics.core.readiness.assessment import Readiness
    from mlops_magics.core.readiness.ml_test_score import Scored
    from mlops_magics.core.readiness.team_evidence import Link

TITLES = {
    "stored": "Versions",
    "shared": "Sharing",
    "used": "Use",
    "retrained": "Retraining",
    "orchestrated": "Orchestration",
    "monitored": "Monitoring",
}
"""Short names of the questions."""
MEANINGS = {"yes": "good", "soon": "info", "not yet": "info"}
ID_LETTERS = 5
"""Letters at the end of an id by which people know a version."""
MOST_PAST = 20
"""Earlier assessments that are shown."""


def of(found: Readiness) -> wire.Assessment:
    """Return the record of a view."""
    questions = tuple(map(_question, found.questions))
    best = min((each for each in questions if each.step), key=lambda each: each.level, default=None)
    return wire.Assessment(
        looked=found.evidence.looked.isoformat(timespec="seconds"),
        about=_about(found),
        meaning=MEANINGS[found.pay_off.verdict],
        sentence=_headline(questions),
        paragraph=_paragraph(found, best),
        best="" if best is None else best.id,
        levels=LEVELS,
        questions=questions,
        rule=RULE,
        score=found.score.score,
        score_meaning=found.score.meaning,
        sections=tuple(wire.SectionScore(name, points) for name, points in found.score.sections.items()),
        tests=tuple(_test(each, found.evidence.answers) for each in found.score.tests),
        history=tuple(_past(each, questions) for each in found.history[:MOST_PAST]),
    )


def _about(found: Readiness) -> str:
    pay = found.pay_off
    counts = (
        (pay.models, "model"),
        (pay.versions, "version"),
        (pay.endpoints, "endpoint"),
        (pay.requests, "request"),
    )
    people = phrases.counted(pay.people, "person who pins", "people who pin")
    return ", ".join([*(phrases.counted(count, noun) for count, noun in counts), people])


def _headline(questions: tuple[wire.QuestionRow, ...]) -> str:
    """Return the strongest and the weakest questions in one sentence."""
    high, low = max(each.level for each in questions), min(each.level for each in questions)
    if high == low:
        return f"All six questions are {_level(low)}"
    strong = phrases.listed([each.title for each in questions if each.level == high])
    weak = phrases.listed([each.title for each in questions if each.level == low])
    return (
        f"{phrases.sentence(strong.lower())} {_are(strong)} {_level(high)}; {weak.lower()} {_are(weak)} {_level(low)}"
    )


def _are(names: str) -> str:
    plural = " and " in names or names == "Versions"
    return "are" if plural else "is"


def _level(level: int) -> str:
    return {0: "not there yet", 1: "by hand"}.get(level, LEVELS[level])


def _paragraph(found: Readiness, best: wire.QuestionRow | None) -> str:
    step = "" if best is None or best.step is None else f" The next step that helps most: {_lower(best.step.words)}"
    unread = "".join(f" Not read: {each}" for each in found.evidence.unread)
    return f"{found.pay_off.sentence}{step}{unread}"


def _lower(words: str) -> str:
    return words if words[:2].isupper() else words[:1].lower() + words[1:]


def _question(each: Answered) -> wire.QuestionRow:
    step = each.next_step
    return wire.QuestionRow(
        each.id,
        TITLES.get(each.id, each.id.capitalize()),
        each.words,
        each.level,
        tuple(map(_condition, each.checked)),
        None if step is None else wire.NextStep(step.condition, step.finding.cell),
    )


def _condition(each: Checked) -> wire.ConditionRow:
    links = tuple(wire.EvidenceLink(link.kind, _shown(link), link.cell, link.href) for link in each.finding.links)
    return wire.ConditionRow(each.level, each.condition, each.finding.holds, each.finding.text, links)


def _shown(link: Link) -> str:
    """Return the name of a piece of evidence: of a version the end of its id, which is a reference too."""
    name, at, version = link.target.partition("@")
    return f"{name}{at}{version[-ID_LETTERS:]}" if link.kind == "version" else link.target


def _test(each: Scored, answers: dict[str, dict[str, Any]]) -> wire.RubricRow:
    answer = answers.get(each.test.id, {})
    return wire.RubricRow(
        each.test.id,
        each.test.section,
        each.test.words,
        each.points,
        each.found,
        each.points is None or bool(answer),
        str(answer.get("answer", "")),
        str(answer.get("note", "")),
    )


def _past(each: dict[str, Any], questions: tuple[wire.QuestionRow, ...]) -> wire.PastLook:
    levels = each["levels"]
    score = each.get("score")
    return wire.PastLook(
        str(each["looked"]),
        tuple(level if isinstance(level := levels.get(question.id), int) else 0 for question in questions),
        float(score) if isinstance(score, int | float) else None,
    )
