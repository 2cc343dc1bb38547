"""The performance of a model: metrics over the periods, segments, and the curves of a report."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mlops_magics.core.wire.report_record import PerformanceRow, Report, ReportCurve
from mlops_magics.widgets.saved import formats, pictures
from mlops_magics.widgets.saved.components import Column, chip, fold, key, part, state, table
from mlops_magics.widgets.saved.markup import Markup, breakable, h

HEIGHT = 120
"""Pixels of the picture of a metric, and of a curve."""
POINTS = 11
"""Points of a curve that its table holds."""
MOST_CURVES = 4
"""Classes whose curves are drawn."""
DRAWN = 81
"""Points of a curve that its picture has."""
FEATURES_NAMED = 4
"""Drifted features of a segment that are shown. The rest is counted."""
MARKED = 60
"""Periods up to which each score is marked, as in the live view."""
ALL_NAMED = 8
"""Periods up to which all are named."""
EDGE = 6
"""Percent of the width at its ends where words do not go beyond it."""
MOST_NAMED = 12
"""Scores in the words of a picture."""
TITLES = {
    "roc": ("ROC", "false positives", "true positives"),
    "pr": ("Precision, recall", "recall", "precision"),
    "calibration": ("Calibration", "predicted probability", "share that came true"),
    "residuals": ("Residuals by tenth of the rows", "mean prediction", "truth less prediction"),
}
"""Name, horizontal axis and vertical axis of each kind of curve."""


def performance(record: Report) -> Markup | None:
    """Return the first metric drawn over the periods, and every metric in a table."""
    if not record.performance:
        return None
    metric = next((row.metric for row in record.performance if row.score is not None), None)
    several = len({row.period for row in record.performance}) > 1
    picture = _course(record, metric) if metric and several else None
    columns = [
        Column("Period"),
        Column("Metric", "", ""),
        Column("Score", "mlops-num", "score"),
        Column("95%", "mlops-num mlops-2", ""),
        Column("Rows", "mlops-num", "rows"),
        Column("", "mlops-2", ""),
    ]
    caption = "Performance by period" if several else "Performance"
    labels = [each.label for each in record.periods]
    rows = [_row(row, labels) for row in record.performance]
    listed = table(caption, columns, rows)
    return part("Performance", metric if picture else None, picture, fold("The numbers", listed, opened=not several))


def _row(row: PerformanceRow, labels: Sequence[str]) -> list[Any]:
    digits = formats.decimals([row.score, row.lower, row.upper])
    interval = (
        f"{formats.fixed(row.lower, digits)}–{formats.fixed(row.upper, digits)}"
        if row.lower is not None and row.upper is not None
        else ""
    )
    return [
        formats.among(row.period, labels),
        row.metric,
        formats.fixed(row.score, digits),
        interval,
        formats.count(row.n),
        row.kind,
    ]


def _course(record: Report, metric: str) -> Markup:
    """Draw a metric: measured is solid, estimated dashed, limits and bands with them."""
    labels = [each.label for each in record.periods]
    rows = [
        row for row in record.performance if row.metric == metric and row.score is not None and row.period in labels
    ]
    low, high = record.limits.get(metric, (None, None))
    ends = [value for row in rows for value in (row.score, row.lower, row.upper) if value is not None]
    ends += [value for value in (low, high) if value is not None]
    y = pictures.scale(min(ends), max(ends), HEIGHT - 26, 8)
    places = {label: 100 * (at + 0.5) / len(labels) for at, label in enumerate(labels)}
    limits = [
        part
        for word, value in (("least", low), ("most", high))
        if value is not None
        for part in (
            pictures.rule(0, y(value), 100, y(value), "is-limit"),
            pictures.words(0, y(value) - 4, f"{word} {value:g}", kind="is-alert"),
        )
    ]
    drawn = [_line(rows, kind, places, y) for kind in ("estimated", "measured")]
    names = _names(labels, places)
    digits = formats.decimals(ends)
    scale = [
        pictures.words(0, y(value) + 4, formats.fixed(value, digits), kind="is-halo")
        for value in (min(ends), max(ends))
    ]
    named = [f"{formats.period(row.period)} {formats.fixed(row.score, digits)}" for row in rows[:MOST_NAMED]]
    label = f"{metric} by period: {', '.join(named)}"
    marks = key(
        (h("i", {"class": "mlops-key-line"}), "measured, with its 95% band"),
        (h("i", {"class": "mlops-key-dash"}), "estimated without truth"),
    )
    return Markup(pictures.plot(HEIGHT, label, *limits, *drawn, *scale, *names) + marks)


def _names(labels: Sequence[str], places: dict[str, float]) -> list[Markup]:
    """Write the periods below a course: all of a few, of many the first, the middle and the last."""
    marked = labels if len(labels) <= ALL_NAMED else [labels[0], labels[len(labels) // 2], labels[-1]]
    roomy = ["mlops-roomy" if len(marked) > 3 and at % 2 else None for at in range(len(marked))]
    return [
        pictures.words(places[each], HEIGHT - 4, formats.among(each, labels), _anchor(places[each]), kind)
        for each, kind in zip(marked, roomy)
    ]


def _anchor(x: float) -> str | None:
    """Return how words at this percent of the width stay within it."""
    return None if x < EDGE else "end" if x > 100 - EDGE else "middle"


def _line(rows: Sequence[PerformanceRow], kind: str, places: dict[str, float], y: Any) -> Markup:
    own = [row for row in rows if row.kind == kind]
    points = [(places[row.period], y(row.score)) for row in own]
    hue = "var(--m-cur)" if kind == "measured" else "var(--m-v2)"
    bands = [
        (places[row.period], y(row.upper), y(row.lower))
        for row in own
        if row.lower is not None and row.upper is not None
    ]
    line = pictures.line(points, None if kind == "measured" else "is-dash", f"stroke:{hue}")
    dots = [
        pictures.dot(
            *point,
            kind="is-dot" if kind == "measured" else "is-ring",
            r=3,
            title=f"{formats.period(row.period)}: {row.score:.4g}, {kind}",
        )
        for point, row in zip(points, own)
        if len(places) <= MARKED
    ]
    return Markup(pictures.stretch(HEIGHT, pictures.band(bands, f"fill:{hue}"), line) + "".join(dots))


def segments(record: Report) -> Markup | None:
    """Return one line for each segment."""
    names = list(dict.fromkeys([*(row.segment or "" for row in record.segments), *record.segment_drift.segments]))
    if not names:
        return None
    by, metric = record.segmented_by or "segment", record.segments[0].metric if record.segments else None
    course = len(record.periods) > 1
    columns = [
        Column(record.segmented_by or "Segment"),
        *(
            [
                Column("Rows", "mlops-num", "rows"),
                *([Column(f"{metric} by period", "mlops-course-cell", "")] if course else []),
                Column("Last, 95%" if course else f"{metric}, 95%", "mlops-num", "last" if course else metric),
            ]
            if metric
            else []
        ),
        *([Column("Drifted there", "mlops-wrap", "")] if record.segment_drift.segments else []),
    ]
    rows = [_segment(name, metric, record) for name in names]
    return part(
        f"By {by}", formats.plural(len(names), "segment"), table(f"Performance and drift by {by}", columns, rows)
    )


def _segment(name: str, metric: str | None, record: Report) -> list[Any]:
    own = [row for row in record.segments if row.segment == name]
    cells: list[Any] = [h("b", None, breakable(name))]
    if metric:
        scores = [row.score for row in own]
        last = next((row for row in reversed(own) if row.score is not None), None)
        cells += [
            formats.count(sum(row.n for row in own)),
            *([pictures.spark(scores, f"{metric} in {name}", 28, area=False)] if len(record.periods) > 1 else []),
            _last(last, formats.decimals(scores)),
        ]
    if name in record.segment_drift.segments:
        place = record.segment_drift.segments.index(name)
        drifted = [each.feature for each in record.segment_drift.features if each.drifted_in[place]]
        chips = [chip(each, "is-alert") for each in drifted[:FEATURES_NAMED]] or [state("stable")]
        more = h("small", None, f"and {len(drifted) - FEATURES_NAMED} more") if len(drifted) > FEATURES_NAMED else None
        cells.append(h("span", {"class": "mlops-line"}, *chips, more))
    elif record.segment_drift.segments:
        cells.append("")
    return cells


def _last(row: PerformanceRow | None, digits: int) -> Any:
    if row is None:
        return formats.NOTHING
    interval = (
        h("small", None, f" {formats.fixed(row.lower, digits)}–{formats.fixed(row.upper, digits)}")
        if row.lower is not None and row.upper is not None
        else None
    )
    return [formats.fixed(row.score, digits), interval]


def curves(found: Sequence[ReportCurve]) -> Markup | None:
    """Return each curve as a picture, with a few of its points in a table."""
    if not found:
        return None
    names = list(dict.fromkeys(curve.label for curve in found))
    figures = [_curve(curve) for curve in found if curve.label in names[:MOST_CURVES]]
    left = len(names) - MOST_CURVES
    more = h("p", {"class": "mlops-2"}, f"and those of {formats.plural(left, 'more class', 'more classes')}")
    squares = h("div", {"class": "mlops-squares"}, *figures)
    return part("Curves", "of the rows whose truth is known", squares, more if left > 0 else None)


def _curve(curve: ReportCurve) -> Markup:
    title, across, up = TITLES.get(curve.view, (curve.view, "x", "y"))
    named = f"{title} of {curve.label}" if curve.label else title
    unit = curve.view != "residuals"
    ends = (0.0, 1.0) if unit else (min(curve.y, default=0), max(curve.y, default=1))
    x = (
        pictures.scale(0, 1, 0, 100)
        if unit
        else pictures.scale(min(curve.x, default=0), max(curve.x, default=1), 0, 100)
    )
    y = pictures.scale(*ends, HEIGHT - 20, 6)
    points = [(x(curve.x[place]), y(curve.y[place])) for place in _places(len(curve.x), DRAWN)]
    diagonal = (
        [pictures.line([(0, y(0)), (100, y(1))], "is-dash", "stroke:var(--m-edge)")]
        if curve.view in ("roc", "calibration")
        else []
    )
    frame = [pictures.rule(0, HEIGHT - 20, 100, HEIGHT - 20, "is-axis"), pictures.rule(0, 6, 0, HEIGHT - 20, "is-axis")]
    below = pictures.words(50, HEIGHT - 6, across, "middle")
    picture = pictures.plot(
        HEIGHT, f"{named}: {up} by {across}", *frame, pictures.stretch(HEIGHT, *diagonal, pictures.line(points)), below
    )
    listed = _places(len(curve.x), POINTS)
    rows = [(formats.number(curve.x[place]), formats.number(curve.y[place])) for place in listed]
    columns = [Column(across, "mlops-num"), Column(up, "mlops-num")]
    caption = h("figcaption", None, h("span", None, named), " ", h("small", None, up))
    return h("figure", {"class": "mlops-figure"}, caption, picture, fold("The numbers", table(named, columns, rows)))


def _places(count: int, most: int) -> list[int]:
    """Return at most so many places of a list, in equal steps, its ends among them."""
    return sorted({round(place * (count - 1) / (most - 1)) for place in range(most)}) if count else []
