"""A retraining as a page: decision and reason, both models on the held-out rows, the conditions, and the steps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mlops_magics.core.wire.retraining_record import (
    Contestant,
    GainRow,
    HeldOutResult,
    RetrainingRecord,
    RunStep,
    SegmentGainRow,
)
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
    verdict,
    version_chip,
)
from mlops_magics.widgets.saved.markup import Markup, breakable, h
from mlops_magics.widgets.saved.page import page

MEANINGS = {"better": "good", "worse": "alert", "within chance": ""}
KINDS = {"better": "is-good", "worse": "is-alert", "within chance": "is-ref"}
LEAST_RANGE = 1e-9
"""The least range of an axis of gains."""
HELD_OUT_ROOM = 70
"""Percent of the width from which the words fit before the end of a bar."""
LEAST_SEEN = 0.001
"""A gain that three decimals show."""
STEP_ICONS = {"done": "good", "running": "starting", "failed": "died", "open": "stopped"}
CHAMPION_HUE, CHALLENGER_HUE = "var(--m-ref)", "var(--m-cur)"


def retraining(record: RetrainingRecord) -> Markup:
    """Return a retraining, with any outcome."""
    running = record.status == "running"
    took = f", took {formats.duration(record.seconds)}" if record.seconds is not None else ""
    found = record.result
    return page(
        "Retraining",
        head(
            [h("h2", None, breakable(record.name)), state("starting", "Retraining") if running else None],
            f"Retraining of {formats.day(record.started)} UTC{took}",
        ),
        None if running else verdict(record.meaning, record.sentence, record.paragraph),
        _sides(record),
        _steps(record.steps, open_too=True) if running else None,
        _gains(record, found) if found and found.rows else None,
        h(
            "div",
            {"class": "mlops-two"},
            _checks(found) if found and found.checks else None,
            _segments(found) if found and found.segments else None,
            part("Why it ran", None, h("p", None, breakable(formats.sentence(record.reason))))
            if record.reason
            else None,
            _rows(record) if found else None,
        ),
        [h("div", {"class": "mlops-below"}, note("info", each)) for each in record.notes],
        None if running else fold("Steps", _steps(record.steps)),
        fold("Output", code(record.output, "Output of the recipe"), opened=record.status == "failed")
        if record.output
        else None,
        fold("Facts", facts("Run", record.facts)),
        style="compare retraining",
        asof=running,
    )


def _sides(record: RetrainingRecord) -> Markup | None:
    if record.challenger is None:
        return None
    arrow = h("span", {"class": "mlops-2", "aria-hidden": "true"}, icon("arrow"))
    sides = _side(record.champion, CHAMPION_HUE), arrow, _side(record.challenger, CHALLENGER_HUE)
    return h("div", {"class": "mlops-sides"}, *sides)


def _side(found: Contestant, hue: str) -> Markup:
    chips = [alias_chip(each) for each in found.aliases] or [chip(found.role)]
    line = h("div", {"class": "mlops-line"}, version_chip(found.version, found.number, found.created), *chips)
    words = h("small", None, found.description) if found.description else None
    return h("div", {"class": "mlops-side", "style": f"--side:{hue}"}, line, words)


def called(found: Contestant | None) -> str:
    """Return the name of a model in the heads of columns."""
    return "" if found is None else f"v{found.number}" if found.number else formats.short_id(found.version)


def _most(rows: Sequence[GainRow | SegmentGainRow], *lines: float) -> float:
    ends = (abs(end) for each in rows for end in (each.gain, each.lower, each.upper) if end is not None)
    return max([LEAST_RANGE, *map(abs, lines), *ends])


def _gains(record: RetrainingRecord, found: HeldOutResult) -> Markup:
    most = _most(found.gains, found.asked)
    old, new = called(record.champion), called(record.challenger)
    ends = h("span", {"class": "mlops-ends"}, h("span", None, "◂ worse"), h("span", None, "better ▸"))
    columns = [
        Column("Metric"),
        Column(old, "mlops-num", old),
        Column(new, "mlops-num", new),
        Column(ends, "mlops-gain", ""),
        Column(f"Gain, {found.level:.0%} interval", "mlops-num", ""),
        Column("", "", ""),
    ]
    rows = []
    for each in found.gains:
        digits = _digits(each)
        decides = chip("decides", "is-champion") if each.decides else None
        name = [each.metric, " ", h("small", None, "↑" if each.better > 0 else "↓"), " ", decides]
        asked = found.asked if each.decides else 0.0
        rows.append(
            [
                name,
                formats.fixed(each.champion, digits),
                h("b", None, formats.fixed(each.challenger, digits)),
                _gain(each.gain, each.lower, each.upper, most, asked, each.verdict),
                _numbers(each.gain, each.lower, each.upper, digits),
                h(
                    "span",
                    {"class": "mlops-delta", "data-s": MEANINGS[each.verdict], "title": each.method},
                    each.verdict,
                ),
            ]
        )
    about = f"{formats.plural(found.rows, 'held-out row')}" + (
        "; the dashed line is what was asked for" * bool(found.asked)
    )
    drawn = table("Champion and challenger on the same rows", columns, rows, "mlops-gains")
    return part("On the same rows", about, drawn)


def _digits(each: GainRow) -> int:
    """Return the decimals of a row: three, more where the gain would vanish."""
    if each.gain is not None and abs(each.gain) >= LEAST_SEEN:
        return 3
    return max(3, formats.decimals([each.champion, each.challenger]))


def _gain(
    gain: float | None, lower: float | None, upper: float | None, most: float, asked: float, word: str
) -> Markup | None:
    """Draw a gain with its interval: right is better, grey may be chance, the dashed line was asked for."""
    if gain is None:
        return None
    x = pictures.scale(-most, most, 2, 98)
    kind = KINDS[word]
    bar = dashed = None
    if lower is not None and upper is not None:
        bar = pictures.rule(x(lower), 12, x(upper), 12, kind, "stroke:var(--c);stroke-width:5;stroke-opacity:.4")
    if asked:
        dashed = pictures.rule(x(asked), 0, x(asked), 24, "is-rule", "stroke:var(--m-ink)")
    label = f"gain {formats.number(gain)}, {word}"
    ground, zero = pictures.rule(0, 12, 100, 12), pictures.rule(50, 0, 50, 24, "is-axis")
    return pictures.plot(24, label, ground, zero, dashed, bar, pictures.dot(x(gain), 12, f"is-dot {kind}", 5))


def _numbers(gain: float | None, lower: float | None, upper: float | None, digits: int) -> Any:
    if gain is None:
        return formats.NOTHING
    ends = f" {formats.fixed(lower, digits)} to {formats.fixed(upper, digits)}" if lower is not None else ""
    return [formats.signed(gain, digits), h("small", None, ends) if ends else None]


def _segments(found: HeldOutResult) -> Markup:
    most = _most(found.segments, found.margin)
    columns = [Column("Segment"), Column("", "mlops-gain", ""), Column("Gain", "mlops-num", "")]
    rows = [
        [
            [breakable(each.segment), " ", h("small", None, formats.plural(each.rows, "row"))],
            _gain(each.gain, each.lower, each.upper, most, -found.margin, segment_verdict(each)),
            formats.NOTHING if each.gain is None else formats.signed(each.gain, 3),
        ]
        for each in found.segments
    ]
    about = f"gain in {found.metric.replace('_', ' ')}" + (
        f"; the dashed line is the loss that is allowed, {formats.number(found.margin)}" if found.margin else ""
    )
    return part("By segment", None, table("Gain by segment", columns, rows), h("small", None, about))


def segment_verdict(each: SegmentGainRow) -> str:
    """Return the verdict on a segment in words."""
    if not each.held:
        return "worse"
    return "better" if each.lower is not None and each.lower > 0 else "within chance"


def _checks(found: HeldOutResult) -> Markup:
    held = sum(each.held for each in found.checks)
    lines = [
        h(
            "li",
            {"class": None if each.held else "is-no"},
            icon("good" if each.held else "alert", 16, "holds" if each.held else "does not hold"),
            h("span", None, each.name),
            h("small", None, each.text),
        )
        for each in found.checks
    ]
    return part("What had to hold", f"{held} of {len(found.checks)}", h("ul", {"class": "mlops-checks"}, *lines))


def _rows(record: RetrainingRecord) -> Markup | None:
    """Draw the rows that each model learned from, and those that no run saw."""
    counts = [
        (called(record.champion), record.champion_rows, "is-ref"),
        (called(record.challenger), record.training_rows, ""),
    ]
    known = [(name, count, kind) for name, count, kind in counts if name and count]
    if not known or not record.held_out_rows:
        return None
    whole = max(count for _, count, _ in known) + record.held_out_rows
    shapes: list[Any] = []
    for place, (name, count, kind) in enumerate(known):
        y = 16 + 36 * place
        shapes.append(pictures.words(0, y - 4, f"{name}: {formats.plural(count, 'row')}"))
        shapes.append(pictures.box(0, y, 100 * count / whole, 14, kind=kind, rx=3, style="fill-opacity:.45"))
    y, x = 16 + 36 * (len(known) - 1), 100 * known[-1][1] / whole
    width = 100 * record.held_out_rows / whole
    shapes.append(pictures.box(x, y, width, 14, rx=3, style="fill:none;stroke:var(--m-cur)"))
    told = f"{formats.count(record.held_out_rows)} held out"
    end = x + width
    beside = pictures.words(end + 1, y + 11, told)
    shapes.append(pictures.words(end, y - 4, told, "end") if x >= HELD_OUT_ROOM else beside)
    label = (
        f"{formats.plural(record.training_rows, 'row')} to learn from, {formats.count(record.held_out_rows)} held out"
    )
    return part("What it learned from", record.held_out, pictures.plot(y + 20, label, *shapes))


def _steps(steps: Sequence[RunStep], *, open_too: bool = False) -> Markup:
    lines = [
        h(
            "li",
            {"class": {"running": "is-now", "done": "is-done", "failed": "is-failed"}.get(each.state)},
            icon(STEP_ICONS[each.state], 16, each.state),
            h("span", None, each.words, " ", h("small", None, each.text) if each.text else None),
            h("small", None, "" if each.seconds is None else formats.duration(each.seconds)),
        )
        for each in steps
        if open_too or each.state != "open"
    ]
    return h("ol", {"class": "mlops-steps"}, *lines)
