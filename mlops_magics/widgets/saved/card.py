"""A model card as a page: texts of people, performance with intervals, columns, and a rail of facts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mlops_magics.core.wire.card_record import Card, CardColumn, CardScore, CardText
from mlops_magics.widgets.saved import formats, pictures
from mlops_magics.widgets.saved.components import (
    Column,
    alias_chip,
    chip,
    code,
    facts,
    fold,
    head,
    icon,
    note,
    part,
    state,
    table,
    version_chip,
)
from mlops_magics.widgets.saved.markup import Markup, breakable, h
from mlops_magics.widgets.saved.page import page

LEADING = "intended_use"
"""The part that the card begins with."""
SECTIONS = (
    "limits", "factors", "training_data", "evaluation_data", "metric_choice", "ethics", "caveats", "owners", "licence",
)  # fmt: skip


def card(record: Card) -> Markup:
    """Return the card of a version."""
    written = {each.id: each for each in record.texts if each.text}
    mark = record.version
    chips = [*map(alias_chip, record.aliases), version_chip(mark.version, mark.number, mark.created)]
    lead = written.get(LEADING)
    described = h("p", {"class": "mlops-lead"}, record.description) if record.description else None
    text = h(
        "div",
        None,
        _text(lead, record) if lead else described,
        _scores("Performance", record.scores),
        _scores("By segment", record.segments, segments=True) if record.segments else None,
        *(part(written[each].title, None, _text(written[each], record)) for each in SECTIONS if each in written),
        _columns(record),
        _missing(record),
    )
    body = h("div", {"class": "mlops-card"}, text, _rail(record))
    return page(
        "Model card", head([h("h2", None, breakable(record.name)), *chips], "Model card"), body, style="card", asof=True
    )


def _text(each: CardText, record: Card) -> Markup:
    mark = each.written_for
    other = mark if mark and mark.version != record.version.version else None
    return h(
        "div",
        {"class": "mlops-text"},
        *(h("p", {"class": "mlops-lead" if each.id == LEADING else None}, words) for words in each.text.split("\n\n")),
        note("alert", f"This may be stale: {each.stale}.") if each.stale else None,
        h(
            "div",
            {"class": "mlops-line"},
            h("small", None, f"{each.by}, {formats.day(each.when)}"),
            h("small", None, "from ", version_chip(other.version, other.number)) if other else None,
        ),
    )


def _missing(record: Card) -> Markup | None:
    unwritten = sorted((each for each in record.texts if not each.text), key=lambda each: not each.needed)
    if not unwritten:
        return None
    chips = [h("span", {"title": each.asked}, chip(each.title, "is-open")) for each in unwritten]
    words = "`%model_card NAME` shows a card whose texts can be written in place"
    return part("Not stated yet", words, h("div", {"class": "mlops-open"}, *chips))


def _scores(name: str, scores: Sequence[CardScore], *, segments: bool = False) -> Markup:
    if not scores:
        return part(name, None, h("p", {"class": "mlops-2"}, "No metric is known."))
    columns = [
        Column("Segment" if segments else "Metric"),
        *([Column("Metric")] if segments else []),
        Column("Value", "mlops-num"),
        Column("95% interval", "mlops-range", ""),
        Column("", "mlops-2", ""),
        Column("Rows", "mlops-num", "rows"),
    ]
    return part(name, None, table(name, columns, [_row(each, scores, segments) for each in scores]))


def _row(each: CardScore, scores: Sequence[CardScore], segments: bool) -> list[Any]:
    digits = formats.decimals([each.score])
    metric = [breakable(each.metric), " ", h("small", None, {1: "↑", -1: "↓"}.get(each.better, ""))]
    known = each.lower is not None and each.upper is not None
    return [
        *([breakable(each.segment)] if segments else []),
        metric,
        h("b", None, formats.fixed(each.score, digits)),
        _interval(each, scores) if known else None,
        f"{formats.fixed(each.lower, digits)} to {formats.fixed(each.upper, digits)}" if known else each.source,
        formats.count(each.rows),
    ]


def _interval(each: CardScore, scores: Sequence[CardScore]) -> Markup | None:
    if each.score is None or each.lower is None or each.upper is None:
        return None
    ends = [
        end
        for one in scores
        if one.metric == each.metric
        for end in (one.score, one.lower, one.upper)
        if end is not None
    ]
    low, high = min(ends), max(ends)
    margin = (high - low) / 2 or abs(high) / 10 or 1
    x = pictures.scale(low - margin, high + margin, 2, 98)
    thick = "stroke:var(--m-cur);stroke-width:4;stroke-opacity:.45"
    told = f"{each.metric}: {', '.join(map(formats.number, (each.score, each.lower, each.upper)))}"
    line = pictures.rule(x(each.lower), 8, x(each.upper), 8, style=thick)
    return pictures.plot(16, told, pictures.rule(0, 8, 100, 8), line, pictures.dot(x(each.score), 8))


def _columns(record: Card) -> Markup:
    if not record.columns:
        return part(
            "Features", None, h("p", {"class": "mlops-2"}, "The columns are not known: no training data were given.")
        )
    columns = [
        Column("Feature"),
        Column("Training", "mlops-training", ""),
        Column("Values", "mlops-wrap", ""),
        Column("Type", "mlops-2", ""),
        Column("May be missing", "mlops-2", "may be missing"),
    ]
    rows = [
        [
            [icon("feature" if each.kind == "number" else "category"), " ", breakable(each.name)],
            _training(each) if each.bins else None,
            each.values,
            each.dtype,
            "yes" if each.nullable else "no",
        ]
        for each in record.columns
    ]
    counts = [formats.plural(len(record.columns) + record.more_columns, "column")]
    counts += [formats.plural(record.rows, "row")] if record.rows is not None else []
    more = (
        h("small", None, f"and {formats.plural(record.more_columns, 'more column')}") if record.more_columns else None
    )
    return part("Features", ", ".join(counts), table("Features", columns, rows), more)


def _training(each: CardColumn) -> Markup:
    y = pictures.scale(0, max(*each.bins, 1), 22, 1)
    width = 100 / len(each.bins)
    bars = [
        pictures.box(width * at + width / 12, y(count), width * 5 / 6, 22 - y(count))
        for at, count in enumerate(each.bins)
    ]
    return pictures.plot(22, f"Training values of {each.name}", *bars)


def _rail(record: Card) -> Markup:
    endpoint, drift = record.endpoint, record.drift
    drifted = f"{drift.drifted} of {drift.features or formats.NOTHING}" if drift and drift.drifted else None
    checked = state("drifted" if drifted else "stable", drifted or "") if drift and drifted else state("stable")
    now = {
        "Endpoint": state(endpoint.state) if endpoint else h("small", None, "not deployed"),
        "Drift": checked if drift else h("small", None, "not checked yet"),
    }
    events = h("ul", {"class": "mlops-2"}, *(h("li", None, each) for each in record.history))
    return h(
        "aside",
        {"class": "mlops-rail"},
        part("Facts", None, facts("Facts", record.facts)),
        part("Now", None, facts("Now", now)),
        part("Load it", None, code(record.code, "Code that loads it")),
        fold(formats.plural(len(record.history), "event"), events) if record.history else None,
    )
