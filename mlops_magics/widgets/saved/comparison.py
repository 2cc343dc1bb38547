"""Two versions side by side: the differences first, and equal facts folded."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from mlops_magics.core.sizes import readable_size
from mlops_magics.core.wire.comparison_record import (
    AnswersCompared,
    ChangeRow,
    CodeRow,
    ComparedSide,
    Comparison,
    FactSection,
    FeatureChange,
    MetricChange,
)
from mlops_magics.widgets.saved import formats, pictures
from mlops_magics.widgets.saved.components import (
    Column,
    alias_chip,
    chip,
    delta,
    direction,
    fold,
    head,
    icon,
    key,
    note,
    part,
    table,
    verdict,
    version_chip,
)
from mlops_magics.widgets.saved.markup import Markup, breakable, h
from mlops_magics.widgets.saved.page import page

MOST_RELATIVE = 0.5
"""Share of a metric's value. Bars are cut beyond it."""
KINDS = {"better": "is-good", "worse": "is-alert", "same": "is-ref", "changed": "is-ref"}
MEANINGS = {"better": "good", "worse": "alert", "same": "", "changed": ""}
LARGE = 1000
"""Size of a metric from which it has no decimals as a rule."""
ROWS_UNFOLDED = 5
"""Rows that are answered differently."""
FEATURES_NAMED = 4
"""Features of a row that is answered differently."""


def comparison(record: Comparison) -> Markup:
    """Return the differences between two versions."""
    a, b = _called(record)
    same_model = record.a.name == record.b.name
    title = record.a.name if same_model else f"{record.a.name} and {record.b.name}"
    arrow = h("span", {"class": "mlops-2", "aria-hidden": "true"}, icon("arrow"))
    sides = h("div", {"class": "mlops-sides"}, _side(record.a, "ref"), arrow, _side(record.b, "cur"))
    return page(
        "Comparison",
        head([h("h2", None, breakable(title))], "Two versions compared"),
        sides,
        verdict(record.meaning, record.sentence, record.paragraph),
        _metrics(record.metrics, a, b),
        _answers(record.answers, a, b) if record.answers else None,
        _facts("Parameters", record.parameters, a, b),
        _features(record, a, b),
        _code(record.code, a, b),
        _facts("Packages", record.packages, a, b),
        _facts("Facts", record.facts, a, b, record.hashes),
        *(h("div", {"class": "mlops-part"}, note("info", words)) for words in record.notes),
        style="compare",
    )


def _called(record: Comparison) -> tuple[str, str]:
    """Return the names of the versions in the heads of columns."""
    a, b = (f"v{each.number}" if each.number else formats.short_id(each.version) for each in (record.a, record.b))
    return (f"{record.a.name} {a}", f"{record.b.name} {b}") if a == b else (a, b)


def _side(found: ComparedSide, hue: str) -> Markup:
    chip_of = version_chip(found.version, found.number, found.created)
    line = h(
        "div",
        {"class": "mlops-line"},
        chip_of,
        found.author and h("small", None, found.author),
        [alias_chip(each) for each in found.aliases],
    )
    words = found.description and h("small", None, found.description)
    return h("div", {"class": "mlops-side", "style": f"--side:var(--m-{hue})"}, line, words)


def _metrics(metrics: Sequence[MetricChange], a: str, b: str) -> Markup | None:
    shown = [each for each in metrics if each.verdict != "same"]
    same = len(metrics) - len(shown)
    if not metrics:
        return None
    most = min(MOST_RELATIVE, max([0.01, *(abs(_relative(each) or 0) for each in shown)]))
    ends = h("span", {"class": "mlops-ends"}, h("span", None, "◂ worse"), h("span", None, "better ▸"))
    columns = [
        Column("Metric"),
        Column(a, "mlops-num", a),
        Column(b, "mlops-num", b),
        Column("Change", "mlops-num", ""),
        Column(ends, "mlops-change", ""),
        Column("", "", ""),
    ]
    rows = [_metric(each, most) for each in shown]
    about = f"{formats.plural(same, 'metric')} {'is' if same == 1 else 'are'} the same" if same else None
    return part("Metrics", about, table("Metrics", columns, rows) if rows else None)


def _relative(each: MetricChange) -> float | None:
    if each.a is None or each.b is None or not math.isfinite(each.b - each.a):
        return None
    return (each.b - each.a) / (abs(each.a) or 1)


def _digits(a: float | None, b: float | None) -> int:
    """Return the decimals of both values: three as a rule, fewer from a thousand on."""
    found = formats.decimals([a, b])
    large = any(value is not None and abs(value) >= LARGE for value in (a, b))
    return found if large else max(3, found)


def _metric(each: MetricChange, most: float) -> list[Any]:
    digits = _digits(each.a, each.b)
    share = _relative(each)
    bar = change = None
    if share is not None and each.a is not None and each.b is not None:
        change = delta(each.b - each.a, digits, each.better)
        words = f"{each.verdict} by {formats.percent(abs(share))}"
        cut = max(-most, min(most, each.better * share))
        bar = pictures.diverging(cut, most, KINDS[each.verdict], words) if each.better else None
    known_a = each.a is not None and math.isfinite(each.a)
    word = each.verdict if share is not None else "gone" if known_a else "new"
    return [
        [each.name, " ", h("small", None, direction(each.better))],
        formats.fixed(each.a, digits),
        h("b", None, formats.fixed(each.b, digits)),
        change,
        bar,
        h("span", {"class": "mlops-delta", "data-s": MEANINGS[each.verdict]}, word),
    ]


def _answers(found: AnswersCompared, a: str, b: str) -> Markup:
    same = found.rows - found.differing
    verb = "is" if found.differing == 1 else "are"
    about = f"{formats.count(found.differing)} of {formats.plural(found.rows, 'row')} {verb} answered differently"
    sides = [(same, "the same", "ref"), (found.differing, "different", "cur")]
    bars = [
        h(
            "span",
            {"style": f"--c:var(--m-{hue});flex:{rows} 1 0"},
            formats.count(rows) if rows > 0.15 * found.rows else "",
        )
        for rows, _, hue in sides
        if rows
    ]
    swatches = [
        (h("i", {"class": "mlops-swatch", "style": f"background:var(--m-{hue})"}), f"{words} {formats.count(rows)}")
        for rows, words, hue in sides
    ]
    columns = [Column("Row"), Column(a, "", a), Column(b, "", b), Column("Features", "mlops-wrap", "")]
    rows = [
        [f"row {formats.count(each.row)}", formats.readable(each.a), formats.readable(each.b), _row(each.features)]
        for each in found.examples
    ]
    most = f", by {formats.number(found.largest)} at most" if found.largest is not None else ""
    shown = table("Rows that differ most", columns, rows[:ROWS_UNFOLDED])
    rest = rows[ROWS_UNFOLDED:]
    more = fold(formats.plural(len(rest), "more row"), table("More rows", columns, rest)) if rest else None
    examples = fold(f"The rows that differ most{most}", shown, more, opened=True)
    share = f", {formats.percent(found.differing / found.rows)}" if found.rows else ""
    picture = h("div", {"class": "mlops-split", "role": "img", "aria-label": about}, *bars)
    return part("Answers", about + share, picture, key(*swatches), examples if rows else None)


def _row(features: dict[str, Any]) -> Markup:
    chips = [chip(f"{name} {formats.readable(value)}") for name, value in list(features.items())[:FEATURES_NAMED]]
    more = len(features) - FEATURES_NAMED
    return h("span", {"class": "mlops-line"}, *chips, h("small", None, f"+{more}") if more > 0 else None)


def _facts(title: str, section: FactSection, a: str, b: str, hashes: FactSection | None = None) -> Markup | None:
    identity = hashes.differ if hashes else ()
    if not section.differ and not identity:
        return None
    outer, inner = ([row for row in section.differ if bool(row.step) is within] for within in (False, True))
    body = [_pairs(title, outer, a, b) if outer else None]
    if inner:
        steps = " and ".join(dict.fromkeys(row.step for row in inner))
        words = f"{formats.plural(len(inner), 'parameter')} of {steps}, in one version only"
        body.append(fold(words, _pairs(words, inner, a, b)))
    if section.same:
        rows = [(row.name, _readable(row.name, row.value)) for row in section.same]
        columns = [Column("Name", "mlops-mono"), Column("Both", "mlops-mono mlops-wrap", "")]
        body.append(fold(_same(len(rows)), table(f"{title} that are the same", columns, rows, "mlops-diff")))
    if identity:
        body.append(fold("Hashes and fingerprints", _pairs("Hashes and fingerprints", identity, a, b)))
    count = len(section.differ)
    return part(title, f"{count} {'differs' if count == 1 else 'differ'}" if count else None, *body)


def _same(count: int) -> str:
    return f"{formats.plural(count, 'other')} {'is' if count == 1 else 'are'} the same"


def _pairs(title: str, rows: Sequence[ChangeRow], a: str, b: str) -> Markup:
    columns = [
        Column("Name", "mlops-mono"),
        Column(a, "is-was", ""),
        Column(b, "is-now", ""),
        Column("", "mlops-2", ""),
    ]
    lines = [(breakable(row.name), _side_of(row.name, row.a), _side_of(row.name, row.b), row.note) for row in rows]
    return table(title, columns, lines, "mlops-diff")


def _side_of(name: str, value: Any) -> Markup:
    return h("small", None, "–") if value is None else h("span", None, _readable(name, value))


def _readable(name: str, value: Any) -> str:
    return readable_size(value) if name == "size" and isinstance(value, int) else formats.readable(value)


def _features(record: Comparison, a: str, b: str) -> Markup | None:
    rows, same = record.features, record.same_features
    if not rows:
        return None
    columns = [
        Column("Feature"),
        Column("What changed", "", ""),
        Column("Training data", "", ""),
        Column("", "mlops-wrap mlops-2", ""),
    ]
    drawn = any(each.reference and each.current for each in rows)
    legend = key((h("i", {"class": "mlops-key-ref"}), a), (h("i", {"class": "mlops-key-cur"}), b)) if drawn else None
    unchanged = fold(_same(len(same)), h("p", {"class": "mlops-2"}, ", ".join(same))) if same else None
    about = f"{len(rows)} of {len(rows) + len(same)} {'differs' if len(rows) == 1 else 'differ'}"
    lines = [_feature(each, a, b) for each in rows]
    return part("Features", about, table("Features", columns, lines, "mlops-features"), legend, unchanged)


def _feature(each: FeatureChange, a: str, b: str) -> list[Any]:
    before = each.reference or tuple(0 for _ in each.current)
    now = each.current or tuple(0 for _ in each.reference)
    picture = pictures.histogram(before, now, f"{each.feature}: {a} grey, {b} outlined") if before else None
    mark = icon("category" if each.kind == "category" else "feature", 14)
    return [
        h("span", {"class": "mlops-line"}, mark, each.feature),
        chip(each.what, "is-open" if each.what == "Added" else ""),
        picture and h("span", {"class": "mlops-pair"}, picture),
        each.detail,
    ]


def _code(rows: Sequence[CodeRow], a: str, b: str) -> Markup | None:
    if not rows:
        return None
    changes = sum(not row.skipped and row.a != row.b for row in rows)
    about = f"of the cell that made each; {formats.plural(changes, 'line')} {'differs' if changes == 1 else 'differ'}"
    columns = h("colgroup", None, *(h("col", {"class": kind}) for kind in ("mlops-numbers", None) * 2))
    lines = [line for row in rows for line in _code_lines(row)]
    made = h(
        "table", {"class": "mlops-code2"}, h("caption", None, f"Code of {a} and {b}"), columns, h("tbody", None, *lines)
    )
    return part("Code", about, made)


def _code_lines(row: CodeRow) -> list[Markup]:
    if row.skipped:
        words = f"{formats.plural(row.skipped, 'line')} {'is' if row.skipped == 1 else 'are'} the same"
        return [h("tr", {"class": "is-skip"}, h("td", None), h("td", {"colspan": 3}, words))]
    differs = row.a != row.b
    left = _half(row.a, row.number_a, "is-del" if differs else None, "− " if differs else "")
    right = _half(row.b, row.number_b, "is-add" if differs else None, "+ " if differs else "")
    return [h("tr", None, *left, *right)]


def _half(words: str | None, line: int | None, kind: str | None, sign: str) -> list[Markup]:
    if words is None:
        return [h("td", {"class": "is-void"}), h("td", {"class": "is-void"})]
    return [h("td", {"class": kind}, f"{sign}{line or ''}"), h("td", {"class": kind}, words or " ")]
