"""An assessment as plain text and as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from mlops_magics.core import phrases
from mlops_magics.core.readiness.ml_test_score import SECTIONS
from mlops_magics.core.readiness.pay_off import RULE
from mlops_magics.core.readiness.question import LEVELS, VERSION, Answered

if TYPE_CHECKING:
    from mlops_magics.core.readiness.assessment_facts import AssessmentFacts

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|#])")


def plain(record: AssessmentFacts) -> str:
    """Return the assessment in some lines."""
    lines = [*record.evidence.unread, record.pay_off.sentence]
    lines += [f"  {each.level} {each.level_name:<10}  {each.words}" for each in record.questions]
    lines.append(
        f"ML Test Score {record.score.score:g}: {record.score.meaning}. Open: "
        f"{phrases.counted(len(record.score.open), 'test')}."
    )
    step = next_step(record)
    if step is not None:
        cell = step[1].replace("\n", "\n      ")
        lines.append(f"Next: {step[0]}  {cell}")
    return "\n".join(lines)


def next_step(record: AssessmentFacts) -> tuple[str, str] | None:
    """Return the condition that helps most, of the question with the lowest level, and its cell."""
    waiting = [each for each in record.questions if each.next_step is not None]
    lowest = min(waiting, key=lambda each: each.level, default=None)
    if lowest is None or lowest.next_step is None:
        return None
    return lowest.next_step.condition, lowest.next_step.finding.cell


def markdown(record: AssessmentFacts) -> str:
    """Return the assessment as Markdown, with texts of the boards escaped."""
    return "\n".join(_lines(record)) + "\n"


def _lines(record: AssessmentFacts) -> Iterator[str]:
    looked = record.evidence.looked
    yield "# Readiness"
    yield ""
    yield f"Looked at on {looked:%Y-%m-%d %H:%M} UTC, by version {VERSION} of the conditions."
    yield ""
    yield f"**{escaped(record.pay_off.sentence)}** {RULE}"
    yield ""
    yield from [each for line in record.evidence.unread for each in (f"Not read: {escaped(line)}", "")]
    yield "| question | level |"
    yield "|---|---|"
    for each in record.questions:
        yield f"| {each.words} | {each.level} of {len(LEVELS) - 1}: {each.level_name} |"
    for each in record.questions:
        yield from _question(each)
    yield from _score(record)
    if record.history:
        yield from ("", "## History", "", "| looked | levels | ML Test Score |", "|---|---|---|")
        for past in record.history:
            levels = " ".join(str(level) for level in past["levels"].values())
            yield f"| {escaped(str(past['looked'])[:16])} | {escaped(levels)} | {escaped(str(past.get('score', '')))} |"


def _question(each: Answered) -> Iterator[str]:
    yield from ("", f"## {each.words}", "", f"Level {each.level}: {each.level_name}.", "")
    for found in each.checked:
        mark = "x" if found.finding.holds else " "
        yield f"- [{mark}] level {found.level}: {found.condition} Found: {escaped(found.finding.text)}."
        links = ", ".join(
            f"[{escaped(link.target)}]({link.href})" if link.href else escaped(link.cell or link.target)
            for link in found.finding.links
        )
        if links:
            yield f"  {links}"
    step = each.next_step
    if step is not None:
        yield from ("", f"Next: {step.condition}", "", "```python", step.finding.cell, "```")


def _score(record: AssessmentFacts) -> Iterator[str]:
    score = record.score
    sums = ", ".join(f"{section} {score.sections[section]:g}" for section in SECTIONS)
    yield from ("", "## ML Test Score", "", f"{score.score:g} ({score.meaning}), the least of {sums}.", "")
    yield from ("| test | points | found |", "|---|---|---|")
    for each in score.tests:
        points = "open" if each.points is None else f"{each.points:g}"
        yield f"| {each.test.id} {each.test.words} | {points} | {escaped(each.found)} |"


def escaped(text: str) -> str:
    """Return a text that Markdown shows as it is."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))
