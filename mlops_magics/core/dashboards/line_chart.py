"""A metric over time as SVG: lines over the same periods, the bands of their intervals, and numbers at both axes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 400, 150
"""Size of a chart, in units of its view box: about pixels where three charts are in a row."""
LEFT, RIGHT, TOP, BOTTOM = 50, 14, 12, 28
"""Margins in the same units. They hold the numbers of the axes."""
MOST_BESIDE = 6
"""Characters of a number for which the left margin has room."""
MOST_LABELS, LABEL_WIDTH = 6, 62
"""Periods that are named below a chart, and the units that a name takes."""

STYLE = """.mlops-charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,20rem),1fr));gap:8px 24px}
.mlops-chart{margin:8px 0;max-width:32rem}.mlops-chart svg{display:block;width:100%;height:auto}
.mlops-chart figcaption{font-size:13px}.mlops-chart b{font-weight:500}
.mlops-chart text{font-size:11px;fill:var(--d-ink2)}
.mlops-chart polyline{fill:none;stroke:var(--c);stroke-width:2}.mlops-chart circle{fill:var(--d-bg);stroke:var(--c);
stroke-width:2}.mlops-chart polygon{fill:var(--c);opacity:.15}
.mlops-series path{stroke:var(--c);stroke-width:6;opacity:.2}
.mlops-series,.mlops-mark{--c:var(--d-cur)}.mlops-chart .is-estimate{--c:light-dark(#c97800,#f0ae3c)}
.mlops-series.is-estimate polyline{stroke-dasharray:5 4}.mlops-chart line{stroke:var(--d-alert);stroke-dasharray:6 4}
.mlops-grid{stroke:var(--d-line)}.mlops-mark{--c:var(--d-cur);margin-left:8px;color:var(--d-ink2);font-size:12px}
.mlops-mark::before{content:"";display:inline-block;width:14px;margin-right:5px;vertical-align:middle;
border-top:2px solid var(--c)}.mlops-mark.is-estimate::before{border-top-style:dashed}
.mlops-mark.is-limit{--c:var(--d-alert)}.mlops-mark.is-limit::before{border-top-style:dashed}
@media print{.mlops-chart{break-inside:avoid}}"""
"""Rules for pages of documents, whose colours they use."""

Places = Mapping[str, float]
"""The horizontal place of each period."""


@dataclass(frozen=True, slots=True)
class Point:
    """A score in a period. ``lower`` and ``upper`` are None without an interval."""

    period: str
    score: float
    lower: float | None = None
    upper: float | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """Points in the order of their periods. ``name`` is shown beside the title, where it is not empty."""

    name: str
    points: Sequence[Point]
    is_estimate: bool = False


def chart(title: str, lines: Sequence[Line], limit: float | None = None, *, periods: Sequence[str] = ()) -> str:
    """Return a chart of lines over the same periods, nothing without points.

    Parameters
    ----------
    limit
        A value that is drawn as a line across.
    periods
        All periods in their order. By default those of the lines, in the order in which they come.
    """
    lines = [line for line in lines if line.points]
    if not lines:
        return ""
    named = list(dict.fromkeys(periods or [point.period for line in lines for point in line.points]))
    places = {name: _x(place, len(named)) for place, name in enumerate(named)}
    low, high = _range([point for line in lines for point in line.points], limit)
    last = ", ".join(f"{line.name or 'last'} {line.points[-1].score:.4g}" for line in lines)
    rule = "" if limit is None else _rule(_y(limit, low, high))
    drawn = "".join(_line(line, places, low, high) for line in reversed(lines))
    keys = "".join(f' <span class="mlops-mark{_kind(line)}">{escape(line.name)}</span>' for line in lines if line.name)
    key = "" if limit is None else f' <span class="mlops-mark is-limit">limit {limit:.4g}</span>'
    return (
        f'<figure class="mlops-chart"><figcaption><b>{escape(title)}</b>{keys}{key}</figcaption>'
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}, {len(named)} periods, '
        f'{escape(last)}">{_grid(low, high)}{drawn}{rule}{_names(places)}</svg></figure>'
    )


def _kind(line: Line) -> str:
    return " is-estimate" if line.is_estimate else ""


def _line(line: Line, places: Places, low: float, high: float) -> str:
    path = " ".join(f"{places[point.period]:.1f},{_y(point.score, low, high):.1f}" for point in line.points)
    dots = "".join(
        f'<circle cx="{places[point.period]:.1f}" cy="{_y(point.score, low, high):.1f}" r="3">'
        f"<title>{escape(_point_text(point))}</title></circle>"
        for point in line.points
    )
    return f'<g class="mlops-series{_kind(line)}">{_band(line, places, low, high)}<polyline points="{path}"/>{dots}</g>'


def _range(points: Sequence[Point], limit: float | None) -> tuple[float, float]:
    """Return the ends of the axis, with room, but not below 0 where all are positive. Counts begin at 0."""
    values = [value for point in points for value in (point.score, point.lower, point.upper) if value is not None]
    values += [] if limit is None else [limit]
    finite = [value for value in values if math.isfinite(value)] or [0.0]
    low, high = min(finite), max(finite)
    if low >= 0 and all(value == int(value) for value in finite):
        return 0.0, max(high, 1.0)
    room = (high - low) * 0.1 or abs(high) * 0.1 or 1.0
    return (0.0 if 0 <= low < room else low - room), high + room


def _x(place: int, count: int) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * (place / (count - 1) if count > 1 else 0.5)


def _y(value: float, low: float, high: float) -> float:
    inside = min(max(value, low), high)
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (inside - low) / (high - low)


def _band(line: Line, places: Places, low: float, high: float) -> str:
    known = [
        (places[point.period], point.lower, point.upper)
        for point in line.points
        if point.lower is not None and point.upper is not None
    ]
    if len(known) == 1:
        [(x, bottom, top)] = known
        return f'<path d="M{x:.1f} {_y(bottom, low, high):.1f}V{_y(top, low, high):.1f}"/>'
    upper = [f"{x:.1f},{_y(top, low, high):.1f}" for x, _, top in known]
    lower = [f"{x:.1f},{_y(bottom, low, high):.1f}" for x, bottom, _ in reversed(known)]
    return f'<polygon points="{" ".join([*upper, *lower])}"/>' if known else ""


def _rule(y: float) -> str:
    return f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'


def _grid(low: float, high: float) -> str:
    """Return three rules with their numbers, two where the numbers in between are not whole."""
    middle = (low + high) / 2
    counts = low == int(low) and high == int(high)
    shown = (low, high) if counts and middle != int(middle) else (low, middle, high)
    digits = 0 if counts else max(0, 1 - math.floor(math.log10(high - low)))
    return "".join(
        f'<path class="mlops-grid" d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}"/>{_axis_text(_axis_number(value, digits), y)}'
        for value, y in ((value, _y(value, low, high)) for value in shown)
    )


def _axis_text(number: str, y: float) -> str:
    """Return a number beside its rule, or above it where it is longer than the margin."""
    if len(number) > MOST_BESIDE:
        return f'<text x="{LEFT}" y="{y - 3:.1f}">{number}</text>'
    return f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{number}</text>'


def _axis_number(value: float, digits: int) -> str:
    return f"{value:.4g}" if digits > 4 or abs(value) >= 10_000 else f"{value:.{digits}f}"


def _names(places: Places) -> str:
    """Return the names of the first, the last and some periods in between, as many as have room."""
    names = list(places)
    room = max(2, min(MOST_LABELS, (WIDTH - LEFT - RIGHT) // LABEL_WIDTH))
    step = max(1, math.ceil((len(names) - 1) / (room - 1)))
    chosen = [name for place, name in enumerate(names) if place % step == 0 and len(names) - 1 - place >= step]
    ends = {names[0]: "start", names[-1]: "end"} if len(names) > 1 else {}
    return "".join(
        f'<text x="{places[name]:.1f}" y="{HEIGHT - 8}" text-anchor="{ends.get(name, "middle")}">'
        f"{escape(name[:10])}</text>"
        for name in dict.fromkeys([*chosen, names[-1]])
    )


def _point_text(point: Point) -> str:
    interval = "" if point.lower is None or point.upper is None else f" ({point.lower:.4g} to {point.upper:.4g})"
    return f"{point.period}: {point.score:.4g}{interval}"
