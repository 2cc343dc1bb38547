"""A monitoring report as a page: the sentence, figures, one line for each feature, performance, segments, method."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from mlops_magics.core.wire.report_record import DriftFeature, Histogram, PerformanceRow, Report
from mlops_magics.widgets.saved import courses, formats, pictures
from mlops_magics.widgets.saved.components import (
    MOST_ROWS,
    Column,
    alias_chip,
    chip,
    delta,
    fold,
    head,
    icon,
    key,
    note,
    part,
    stat,
    state,
    stats,
    table,
    verdict,
    version_chip,
)
from mlops_magics.widgets.saved.markup import Markup, breakable, h
from mlops_magics.widgets.saved.page import page

MOST_FLOORS = 4
"""Floors at which the bar of an effect is full."""
MOST_CELLS = 1300
"""Of all strips together: a page with more of them would be larger than 200 kB."""
WIDEST = 120
"""Cells of one strip: of more periods, several share a cell, which shows the strongest of them."""
MARKED = 20
"""Periods beyond which cells have no triangle."""
ALERTS = 3
"""Reasons to act that are not folded."""
NOTES = 5
"""Notes that are not folded."""
ICONS = {"categorical": "category", "boolean": "category", "text": "category", "datetime": "clock"}
FOUND = {"new": "New", "missing": "Missing", "gone": "Gone", "column": "Column"}


def report(record: Report) -> Markup:
    """Return a monitoring report."""
    return page(
        "Drift report",
        _head(record),
        verdict(record.meaning, record.sentence or record.verdict, record.paragraph),
        _alerts(record),
        _figures(record),
        _features(record),
        _changes(record),
        courses.performance(record),
        courses.segments(record),
        _found(record),
        courses.curves(record.curves),
        _method(record),
        style="drift",
    )


def _head(record: Report) -> Markup:
    subject: list[Any] = [h("h2", None, breakable(record.name)), *map(alias_chip, record.aliases)]
    if record.version:
        subject.append(version_chip(record.version, record.number))
    about = f"{formats.plural(record.rows, 'row')} against training, checked {formats.day(record.created)} UTC"
    return head(subject, about, h("p", {"class": "mlops-2"}, record.task) if record.task else None)


def _dated(words: str, record: Report) -> str:
    """Return a sentence with its periods as people say them."""
    for label in _labels(record):
        words = words.replace(label, formats.among(label, _labels(record)))
    return words


def _alerts(record: Report) -> Markup | None:
    found = [each for each in record.alerts if each.subject != "drift" or each.segment]
    if not found:
        return None
    lines = [h("li", None, _dated(each.message, record)) for each in found]
    more = fold(f"{len(lines) - ALERTS} more", h("ul", None, *lines[ALERTS:])) if len(lines) > ALERTS else None
    title = h("b", None, formats.plural(len(found), "reason to act", "reasons to act"))
    return h("div", {"class": "mlops-below"}, note("alert", title, h("ul", None, *lines[:ALERTS]), more))


def _figures(record: Report) -> Markup:
    labelled = sum(each.labelled for each in record.periods)
    periods = (
        f"in {formats.plural(len(record.periods), formats.unit(_labels(record)))}" if len(record.periods) > 1 else None
    )
    drifted = sum(each.drifted for each in record.features)
    truth = formats.percent(labelled / max(1, record.rows), 0) if labelled else formats.NOTHING
    figures = stats(
        stat("Features drifted", formats.count(drifted), f"of {formats.count(len(record.features))}"),
        *(_metric(record, kind) for kind in ("measured", "estimated")),
        stat("Rows", formats.count(record.rows), periods),
        stat("Truth known", truth, "of the rows" if labelled else None),
    )
    return h("div", {"class": "mlops-below"}, figures)


def _metric(record: Report, kind: str) -> Markup | None:
    """Return the first metric's last score: measured ones, else estimates that are valid."""
    valid = {each.label for each in record.periods if each.estimate_valid}
    known = [row for row in record.performance if row.score is not None]
    metric = known[0].metric if known else None
    own: list[PerformanceRow] = [row for row in known if row.metric == metric]
    rows = [row for row in own if row.kind == kind and (kind == "measured" or row.period in valid)]
    if not rows:
        return None
    first, last = rows[0], rows[-1]
    digits = formats.decimals([row.score for row in own])  # of both kinds, which are side by side
    better = next((each.better for each in record.metrics if each.name == last.metric), 0)
    better *= _apart(first, last)  # else the difference may be chance, and has no colour
    if len(rows) > 1 and kind == "measured" and first.score is not None and last.score is not None:
        more: Any = delta(last.score - first.score, digits, better)
    else:
        more = None if last.period == "all" else formats.within(last.period, _labels(record))
    return stat(f"{last.metric}, {kind}", formats.fixed(last.score, digits), more)


def _apart(first: PerformanceRow, last: PerformanceRow) -> bool:
    return _below(first, last) or _below(last, first)


def _below(one: PerformanceRow, other: PerformanceRow) -> bool:
    return one.upper is not None and other.lower is not None and one.upper < other.lower


def _features(record: Report) -> Markup:
    if not record.features:
        return part("Features", None, h("p", {"class": "mlops-2"}, "No feature was compared."))
    several = len(record.periods) > 1
    columns = [
        Column("Feature"),
        Column("Verdict"),
        Column(f"Effect, worst {formats.unit(_labels(record))}" if several else "Effect", "mlops-effect", ""),
        Column("q", "mlops-num mlops-q mlops-2"),
        Column("Then, now", "mlops-now", ""),
        *([Column(_axis(record), "mlops-map", "")] if several else []),
    ]
    shapes = {each.feature: each for each in record.distributions}
    most = min(MOST_ROWS, MOST_CELLS // max(1, min(WIDEST, len(record.periods))))
    rows = [_feature(each, shapes.get(each.feature), record) for each in record.features[:most]]
    rest = len(record.features) - len(rows)
    marks = [
        (h("i", {"class": "mlops-key-floor"}), "the least effect that matters"),
        (h("i", {"class": "mlops-key-ref"}), "training"),
        (h("i", {"class": "mlops-key-cur"}), "now"),
    ]
    caption = f"{formats.plural(len(record.features), 'feature')}, the one that changed most first"
    more = h("p", {"class": "mlops-2"}, f"and {rest:,} more that changed less") if rest else None
    return part("Features", "ranked by effect", table(caption, columns, rows, "mlops-drift"), more, key(*marks))


def _feature(row: DriftFeature, shape: Histogram | None, record: Report) -> list[Any]:
    found = row.verdict or ("drifted" if row.drifted else "stable")
    floor = row.threshold or None
    share = 0.0 if row.score is None else abs(row.score) / floor if floor else MOST_FLOORS * row.drifted
    label = f"effect {formats.effect(row.score)}" + (f", floor {formats.effect(floor)}" if floor else "")
    bar = pictures.bullet(min(share, MOST_FLOORS), 1, MOST_FLOORS, found == "drifted", label)
    mixed = len({each.threshold for each in record.features}) > 1
    figure = formats.times(share) if mixed and floor and row.score is not None else formats.effect(row.score)
    effect = h("span", {"class": "mlops-num", "title": f"{row.statistic.replace('_', ' ')} {label}"}, figure)
    since = f"since {formats.among(row.since, _labels(record))}" if row.since and found == "drifted" else None
    return [
        h(
            "span",
            {"class": "mlops-name"},
            icon(ICONS.get(row.kind, "feature"), 14),
            h("span", None, breakable(row.feature)),
        ),
        [state(found), [" ", h("small", None, since)] if since else None],
        h("span", None, bar, effect),
        formats.probability(row.p_value if row.q_value is None else row.q_value),
        _shape(shape),
        *([_strip(row, record)] if len(record.periods) > 1 else []),
    ]


def _labels(record: Report) -> list[str]:
    return [each.label for each in record.periods]


def _changes(record: Report) -> Markup | None:
    """Return the changes, in a sentence for each feature that has one."""
    told = [each for each in record.features if each.sentence][:MOST_ROWS]
    if not told:
        return None
    lines = [h("li", None, h("b", None, breakable(each.feature)), " ", h("span", None, each.sentence)) for each in told]
    return part("What changed", None, h("ul", {"class": "mlops-found"}, *lines))


def _shape(found: Histogram | None) -> Markup | None:
    if found is None:
        return None
    now = [sum(counts) for counts in zip(*found.current)] or [0 for _ in found.reference]
    fresh = [place for place, bar in enumerate(found.bars) if bar in found.new]
    return pictures.histogram(found.reference, now, f"{found.feature}: training grey, now outlined", fresh=fresh)


def _strip(row: DriftFeature, record: Report) -> Markup:
    """Draw one cell for each period: grey below the floor, orange above it, a triangle where it drifted."""
    count = len(record.periods)
    width = 100 / count
    together = math.ceil(count / WIDEST)
    gap = min(0.5, width * together / 12)
    names = [formats.among(each, _labels(record)) for each in _labels(record)]
    cells = [
        h(
            "rect",
            {
                "class": _heat(_strongest(row.scores[start:end]), row.threshold, any(row.drifted_in[start:end])),
                "x": f"{pictures.short(width * start + gap)}%",
                "width": f"{pictures.short(width * (end - start) - 2 * gap)}%",
            },
        )
        for start in range(0, count, together)
        for end in (min(count, start + together),)
    ]
    if any(row.drifted_in) and count <= MARKED:
        places = [pictures.short(width * (place + 0.5)) for place, yes in enumerate(row.drifted_in) if yes]
        where = " ".join(f"{place}%" for place in places)
        cells.append(h("text", {"class": "mlops-tip-mark", "x": where, "y": 16}, "▲" * len(places)))
    known = [names[place] for place, yes in enumerate(row.drifted_in) if yes]
    listed = ", ".join(known[:6]) + (f" and {len(known) - 6} more" if len(known) > 6 else "")
    return pictures.plot(24, f"{row.feature} by period: {f'drifted in {listed}' if known else 'no drift'}", *cells)


def _strongest(scores: Sequence[float | None]) -> float | None:
    return max((abs(each) for each in scores if each is not None), default=None)


def _heat(score: float | None, floor: float | None, drifted: bool) -> str:
    """Return the class of a cell: its distance below the floor, or above it."""
    share = 0.0 if score is None or not floor else abs(score) / floor
    if share >= 1 or drifted:
        return f"is-hot{min(3, max(0, int(share) - 1))}"
    return f"is-cold{0 if score is None else 1 + int(3 * share)}"


def _axis(record: Report) -> Markup:
    first, last = (formats.among(record.periods[place].label, _labels(record)) for place in (0, -1))
    return pictures.plot(16, "periods", pictures.words(0, 12, first), pictures.words(100, 12, last, "end"))


def _found(record: Report) -> Markup | None:
    if not record.found:
        return None
    lines = [
        h(
            "li",
            None,
            chip(FOUND.get(each.kind, each.kind), "is-alert" if each.matters else "is-open"),
            " ",
            h("span", None, h("b", None, breakable(each.feature)), " ", each.words),
        )
        for each in record.found
    ]
    return part("Missing and new", None, h("ul", {"class": "mlops-found"}, *lines))


def _method(record: Report) -> list[Markup]:
    metrics = tuple({row.metric for row in record.performance})

    def sentences(lines: Sequence[str]) -> Markup:
        return h("div", {"class": "mlops-method"}, *(h("p", None, whole(line)) for line in lines))

    def whole(line: str) -> str:
        return line if line.startswith(metrics) else formats.sentence(line)

    told = [_dated(each, record) for each in record.notes]
    rest = told[NOTES:]
    unsaid = h("p", {"class": "mlops-2"}, f"and {len(rest) - MOST_ROWS:,} more") if len(rest) > MOST_ROWS else None
    more = fold(f"{formats.plural(len(rest), 'more note')}", sentences(rest[:MOST_ROWS]), unsaid) if rest else None
    notes = [part("Notes", None, sentences(told[:NOTES]), more)] if told else []
    how = fold("How this was decided", sentences(record.method)) if record.method else None
    return [*notes, *([h("section", {"class": "mlops-part"}, how)] if how else [])]
