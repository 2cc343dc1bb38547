"""A retraining as a page: decision and reason, both models on the held-out rows, the conditions, and the steps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from mlops_magics.widgets.saved import formats, pictures
from mlops_magics.widgets.saved.components import (
    Column,
    chip,
    direction,
    facts,
    fold,
    head,
    icon,
    note,
    part,
    table,
    verdict,
    version_chip,
)
from mlops_magics.widgets.saved.markup import Markup, h
from mlops_magics.widgets.saved.page import page

if TYPE_CHECKING:
    import pandas as pd

    from mlops_magics.core.session.records import Retraining

SENTENCES = {
    "running": ("info", "The retraining runs."),
    "promoted": ("good", "The challenger is better, and champion now."),
    "kept": ("info", "The champion stays."),
    "waiting": ("info", "The challenger waits for a decision."),
    "failed": ("bad", "The retraining failed."),
}
"""Meaning and sentence of each status."""
WORDS = {"better": "good", "worse": "alert", "within chance": ""}
MOST_GAIN = 1e-9
"""The least range of an axis of gains."""
STEP_ICONS = {
    "done": ("good", "good"),
    "running": ("starting", "info"),
    "failed": ("died", "bad"),
    "open": ("stopped", ""),
}


def retraining(record: Retraining) -> Markup:
    """Return a retraining, with any outcome."""
    meaning, sentence = SENTENCES.get(record.status, ("info", record.status))
    took = f", took {record.seconds:.1f} s" if record.seconds is not None else ""
    found = record.comparison
    why = record.why if meaning != "bad" else record.error or record.why
    versions = h(
        "div",
        {"class": "mlops-line"},
        version_chip(record.parent),
        icon("arrow", 12),
        record.version and version_chip(record.version),
    )
    return page(
        "Retraining",
        head([h("h2", None, record.name)], f"Retraining of {formats.day(record.started)} UTC{took}", versions),
        verdict(meaning, sentence, why),
        _gains(record) if found else None,
        _segments(record) if found and found.segments else None,
        _checks(record) if found and found.checks else None,
        _notes([*record.notes, *(found.notes if found else ())]),
        _steps(record),
        fold("Facts", facts("Run", _facts(record))),
        style="compare",
    )


def _gains(record: Retraining) -> Markup | None:
    found = record.comparison
    assert found is not None
    most = max(
        [
            MOST_GAIN,
            *(abs(end) for each in found.gains for end in (each.gain, each.lower, each.upper) if end is not None),
        ]
    )
    interval = f"{found.level:.0%} interval"
    columns = [
        Column("Metric"),
        Column("Champion", "mlops-num", "champion"),
        Column("Challenger", "mlops-num", "challenger"),
        Column(
            h("span", {"class": "mlops-ends"}, h("span", None, "◂ worse"), h("span", None, "better ▸")),
            "mlops-change",
            "",
        ),
        Column(f"Gain, {interval}", "mlops-num", "gain"),
        Column("", "", ""),
        Column("Interval by", "mlops-2 mlops-roomy", ""),
    ]
    rows = []
    for each in found.gains:
        digits = max(3, formats.decimals([each.champion, each.challenger]))
        better = 1 if each.greater_is_better else -1
        rows.append(
            [
                [
                    each.metric.replace("_", " ") + (" (decides)" if each.decides else ""),
                    " ",
                    h("small", None, direction(better)),
                ],
                formats.fixed(each.champion, digits),
                formats.fixed(each.challenger, digits),
                _gain(each.gain, each.lower, each.upper, most, each.verdict),
                _numbers(each.gain, each.lower, each.upper, digits),
                h("span", {"class": "mlops-delta", "data-s": WORDS[each.verdict]}, each.verdict),
                each.method,
            ]
        )
    title = f"On the same {found.rows:,} held-out rows"
    return part("Champion and challenger", title, table(f"Champion and challenger, {title.lower()}", columns, rows))


def _gain(gain: float | None, lower: float | None, upper: float | None, most: float, word: str) -> Markup | None:
    """Draw a gain with its interval: right is better, grey may be chance."""
    if gain is None:
        return None
    x = pictures.scale(-most, most, 2, 98)
    kind = {"better": "is-good", "worse": "is-alert"}.get(word, "is-ref")
    bar = (
        pictures.box(x(lower), 6, x(upper) - x(lower), 4, kind=kind, rx=2, style="fill-opacity:.45")
        if lower is not None and upper is not None
        else None
    )
    label = f"gain {formats.number(gain)}, {word}"
    point = pictures.dot(x(gain), 8, f"is-dot {kind}", 4)
    return pictures.plot(16, label, pictures.rule(50, 0, 50, 16, "is-axis"), bar, point)


def _numbers(gain: float | None, lower: float | None, upper: float | None, digits: int) -> Any:
    if gain is None:
        return formats.NOTHING
    ends = f" {formats.fixed(lower, digits)} to {formats.fixed(upper, digits)}" if lower is not None else ""
    return [formats.signed(gain, digits), h("small", None, ends) if ends else None]


def _segments(record: Retraining) -> Markup:
    found = record.comparison
    assert found is not None
    most = max(
        [
            MOST_GAIN,
            *(abs(end) for each in found.segments for end in (each.gain, each.lower, each.upper) if end is not None),
        ]
    )
    columns = [
        Column("Segment"),
        Column("Rows", "mlops-num", "rows"),
        Column("Gain", "mlops-change", ""),
        Column("", "mlops-num", ""),
        Column("", "", ""),
    ]
    rows = [
        [
            each.segment,
            formats.count(each.rows),
            _gain(each.gain, each.lower, each.upper, most, "within chance" if each.held else "worse"),
            _numbers(each.gain, each.lower, each.upper, 3),
            "held" if each.held else h("span", {"class": "mlops-delta", "data-s": "alert"}, "worse than allowed"),
        ]
        for each in found.segments
    ]
    return part("By segment", f"gain of {found.metric}", table(f"Gain of {found.metric} by segment", columns, rows))


def _checks(record: Retraining) -> Markup:
    found = record.comparison
    assert found is not None
    held = sum(each.held for each in found.checks)
    lines = [
        _line("good" if each.held else "alert", "good" if each.held else "alert", each.name, each.text)
        for each in found.checks
    ]
    return part("What had to hold", f"{held} of {len(found.checks)}", h("ul", {"class": "mlops-checks"}, *lines))


def _steps(record: Retraining) -> Markup:
    lines = []
    for each in record.steps:
        if each.state == "open" and record.status != "running":
            continue
        mark, meaning = STEP_ICONS.get(each.state, ("stopped", ""))
        took = f"{each.seconds:.1f} s" if each.seconds is not None else ""
        lines.append(_line(mark, meaning, each.name, ", ".join(words for words in (each.text, took) if words)))
    listed = h("ul", {"class": "mlops-checks"}, *lines)
    return part("Steps", None, listed) if record.status == "running" else fold("Steps", listed)


def _line(mark: str, meaning: str, words: str, more: str) -> Markup:
    shape = h("span", {"class": "mlops-state", "data-s": meaning}, icon(mark, 14))
    return h("li", None, shape, h("span", None, words), h("small", None, more))


def _notes(found: Sequence[str]) -> list[Markup]:
    return [h("div", {"class": "mlops-below"}, note("info", each)) for each in found]


def _facts(record: Retraining) -> dict[str, Any]:
    return {
        "trigger": record.trigger.get("reason"),
        "policy": record.trigger.get("policy"),
        "held out": record.held_out,
        "run": record.run,
        "started": record.started,
        "by": record.by,
        "host": record.host,
        "output": record.log,
    }


def policies(found: pd.DataFrame) -> Markup:
    """Return the policies of models, and when each is next."""
    columns = [
        Column("Model"),
        Column("Policy", "", ""),
        Column("Every", "", "every"),
        Column("When", "mlops-wrap", "when"),
        Column("Last", "mlops-2", "last"),
        Column("Next", "mlops-2", "next"),
        Column("", "mlops-wrap", ""),
    ]
    rows = [
        [
            h("b", None, row["model"]),
            row["policy"],
            formats.readable(row["every"]),
            formats.readable(row["when"]) if isinstance(row["when"], str) else ", ".join(map(str, row["when"] or ())),
            [_day(row["last"]), " ", h("small", None, formats.readable(row["outcome"]))],
            _day(row["next"]),
            chip("due", "is-champion")
            if row["due"]
            else h("span", {"class": "mlops-2"}, formats.readable(row["why_not"])),
        ]
        for row in found.to_dict("records")
    ]
    about = (
        f"{formats.plural(len(rows), 'policy', 'policies')}; times are UTC"
        if rows
        else "No policies: `%retrain NAME --every week` keeps one."
    )
    return page(
        "Policies",
        head([h("h2", None, "Policies")], about),
        table("Policies", columns, rows) if rows else None,
        asof=True,
    )


def _day(moment: Any) -> str:
    """Return a moment of a table, nothing where it is missing."""
    if moment is None or moment != moment:  # NaT
        return ""
    return formats.day(moment.isoformat() if hasattr(moment, "isoformat") else str(moment))
