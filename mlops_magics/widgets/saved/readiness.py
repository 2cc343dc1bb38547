"""A team's readiness as a page: the sentence, the six levels, a question a row, and the ML Test Score."""

from __future__ import annotations

from typing import Any

from mlops_magics.core.wire.readiness_record import Assessment, ConditionRow, EvidenceLink, QuestionRow
from mlops_magics.widgets.saved import formats
from mlops_magics.widgets.saved.components import Column, fold, head, icon, table, verdict
from mlops_magics.widgets.saved.markup import Markup, h
from mlops_magics.widgets.saved.page import page

ADDRESSES = ("http://", "https://", "file://")
SECTION_POINTS = 7


def readiness(record: Assessment) -> Markup:
    """Return an assessment."""
    levels = record.levels
    meaning = f"{', '.join(f'{at} {name}' for at, name in enumerate(levels))}. A level is reached when its conditions"
    return page(
        "Readiness",
        head([h("h2", None, "Readiness")], f"{record.about}; looked at {formats.day(record.looked)} UTC"),
        verdict(record.meaning, record.sentence, record.paragraph),
        h("div", {"class": "mlops-six"}, *(_summary(each, levels) for each in record.questions)),
        h("ol", {"class": "mlops-quiz"}, *(_question(at, each, levels) for at, each in enumerate(record.questions, 1))),
        _rubric(record),
        _past(record) if record.history else None,
        fold(
            "What the levels mean",
            h("p", {"class": "mlops-2"}, f"{meaning} and those of the levels below it hold. {record.rule}"),
        ),
        style="readiness",
    )


def _bar(level: int, levels: tuple[str, ...], label: str) -> Markup:
    most = len(levels) - 1
    told = {"class": "mlops-level", "role": "img", "aria-label": f"{label}: {levels[level]}, {level} of {most}"}
    return h("span", told, *(h("i", {"class": "is-on" if at < level else None}) for at in range(most)))


def _summary(each: QuestionRow, levels: tuple[str, ...]) -> Markup:
    name = h("small", None, levels[each.level].capitalize())
    return h("div", None, h("b", None, each.title), _bar(each.level, levels, each.title), name)


def _question(place: int, each: QuestionRow, levels: tuple[str, ...]) -> Markup:
    return h(
        "li",
        None,
        h(
            "div",
            None,
            h("small", None, f"{place}. {each.title}"),
            h("h3", None, each.words),
            _bar(each.level, levels, each.title),
            h("small", None, levels[each.level].capitalize()),
        ),
        h("ul", {"class": "mlops-proof"}, *(_proof(one, each.level) for one in each.conditions)),
        _next(each),
    )


def _proof(each: ConditionRow, level: int) -> Markup:
    name, label = (
        ("good", "holds")
        if each.holds
        else ("near", "does not hold")
        if each.level <= level + 1
        else ("stopped", "does not hold yet")
    )
    needed = None if each.holds else h("small", None, f" Needed: {each.words}")
    links = h("span", {"class": "mlops-links"}, *map(_link, each.links)) if each.links else None
    words = h("span", None, formats.sentence(each.found), needed, links)
    return h("li", {"class": None if each.holds else "is-no"}, icon(name, 16, label), words)


def _link(link: EvidenceLink) -> Markup:
    if not link.href.startswith(ADDRESSES):
        return h("code", None, link.cell or link.target)
    return h("a", {"href": link.href, "rel": "noreferrer", "title": link.cell or None}, link.target)


def _next(each: QuestionRow) -> Markup:
    if each.step is None:
        return h("div", {"class": "mlops-next"}, h("small", None, "Nothing to do here"))
    cell = h("code", None, each.step.cell) if each.step.cell else None
    return h("div", {"class": "mlops-next"}, h("small", None, "Next step"), h("span", None, each.step.words), cell)


def _rubric(record: Assessment) -> Markup:
    columns = [Column("Test", "mlops-wrap"), Column("Points", "mlops-num", "points"), Column("Found", "mlops-wrap", "")]
    rows: list[list[Any]] = [
        [
            [h("code", None, each.id), " ", each.words],
            "open" if each.points is None else formats.number(each.points),
            each.found or " ".join(filter(None, (each.answer, each.note))),
        ]
        for each in record.tests
    ]
    unseen = sum(each.points is None for each in record.tests)
    sums = ", ".join(f"{each.name} {formats.number(each.points)} of {SECTION_POINTS}" for each in record.sections)
    asked = "An open test is answered by `%readiness --answer D5=yes` (by itself), `partly` (by hand) or `no`."
    return fold(
        f"ML Test Score {formats.number(record.score)}: {record.score_meaning}; "
        f"{formats.plural(unseen, 'test')} {'is' if unseen == 1 else 'are'} open",
        h("p", {"class": "mlops-2"}, f"The score is the least of {sums}. {asked}"),
        table("ML Test Score", columns, rows),
    )


def _past(record: Assessment) -> Markup:
    names = [each.title for each in record.questions]
    columns = [
        Column("Looked"),
        *(Column(name, "mlops-num", name) for name in names),
        Column("Score", "mlops-num", "score"),
    ]
    rows = [
        [formats.day(each.looked), *map(formats.number, each.levels), formats.number(each.score)]
        for each in record.history
    ]
    return fold(formats.plural(len(rows), "earlier assessment"), table("Earlier assessments", columns, rows))
