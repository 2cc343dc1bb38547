"""A metric over time as SVG: points, a line, the band of their intervals, and the numbers at both axes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT, MARGIN = 640, 180, 48
"""Size of a chart, in units of its view box. The margin holds the numbers of the axes."""
MOST_LABELS = 6
"""Periods that are named below a chart."""


@dataclass(frozen=True, slots=True)
class Point:
    """A score in a period. ``lower`` and ``upper`` are None without an interval."""

    period: str
    score: float
    lower: float | None = None
    upper: float | None = None


def chart(title: str, points: Sequence[Point], limit: float | None = None) -> str:
    """Return the chart of a metric, nothing without points.

    Parameters
    ----------
    limit
        A value that is drawn as a line across.
    """
    if not points:
        return ""
    low, high = _range(points, limit)
    places = [(_x(place, len(points)), point) for place, point in enumerate(points)]
    line = " ".join(f"{x:.1f},{_y(point.score, low, high):.1f}" for x, point in places)
    dots = "".join(
        f'<circle cx="{x:.1f}" cy="{_y(point.score, low, high):.1f}" r="3">'
        f"<title>{escape(_point_text(point))}</title></circle>"
        for x, point in places
    )
    rule = "" if limit is None else _rule(_y(limit, low, high))
    return (
        f'<figure class="mlops-chart"><figcaption>{escape(title)}</figcaption>'
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}, {len(points)} periods, '
        f'last {points[-1].score:.4g}">{_band(places, low, high)}<polyline points="{line}"/>{rule}{dots}'
        f"{_axis(places, low, high)}</svg></figure>"
    )


def _range(points: Sequence[Point], limit: float | None) -> tuple[float, float]:
    """Return the smallest and largest value that is drawn, with room, but not below 0 where all are positive."""
    values = [value for point in points for value in (point.score, point.lower, point.upper) if value is not None]
    values += [] if limit is None else [limit]
    finite = [value for value in values if math.isfinite(value)] or [0.0]
    low, high = min(finite), max(finite)
    room = (high - low) * 0.1 or abs(high) * 0.1 or 1.0
    return (0.0 if 0 <= low < room else low - room), high + room


def _x(place: int, count: int) -> float:
    return MARGIN + (WIDTH - 2 * MARGIN) * (place / (count - 1) if count > 1 else 0.5)


def _y(value: float, low: float, high: float) -> float:
    inside = min(max(value, low), high)
    return HEIGHT - 32 - (HEIGHT - 48) * (inside - low) / (high - low)


def _band(places: Sequence[tuple[float, Point]], low: float, high: float) -> str:
    known = [
        (x, point.lower, point.upper) for x, point in places if point.lower is not None and point.upper is not None
    ]
    if len(known) < 2:
        return ""
    upper = [f"{x:.1f},{_y(top, low, high):.1f}" for x, _, top in known]
    lower = [f"{x:.1f},{_y(bottom, low, high):.1f}" for x, bottom, _ in reversed(known)]
    return f'<polygon points="{" ".join([*upper, *lower])}"/>'


def _rule(y: float) -> str:
    return f'<line x1="{MARGIN}" x2="{WIDTH - MARGIN}" y1="{y:.1f}" y2="{y:.1f}"/>'


def _axis(places: Sequence[tuple[float, Point]], low: float, high: float) -> str:
    step = max(1, math.ceil(len(places) / MOST_LABELS))
    below = "".join(
        f'<text x="{x:.1f}" y="{HEIGHT - 10}" text-anchor="middle">{escape(point.period[:10])}</text>'
        for x, point in places[::step]
    )
    ends = ((HEIGHT - 32, low), (16, high))
    beside = "".join(f'<text x="{MARGIN - 8}" y="{y}" text-anchor="end">{value:.3g}</text>' for y, value in ends)
    return below + beside


def _point_text(point: Point) -> str:
    interval = "" if point.lower is None or point.upper is None else f" ({point.lower:.4g} to {point.upper:.4g})"
    return f"{point.period}: {point.score:.4g}{interval}"
