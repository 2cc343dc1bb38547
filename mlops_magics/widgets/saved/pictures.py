"""Pictures that fit any width without a script: x in percent, y in pixels, as in `js/src/components/picture.ts`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from mlops_magics.widgets.saved.markup import Markup, h

Point = tuple[float, float] | None
TRIANGLE = "M0 -5 5.2 4H-5.2Z"
MOST_BARS = 8
"""Bars that are drawn one by one, with a gap between them."""


def short(value: float) -> float | int:
    """Return a number with at most two decimals, as paths have it."""
    found = round(value, 2) or 0
    return int(found) if float(found).is_integer() else found


def scale(low: float, high: float, first: float, last: float) -> Callable[[float], float]:
    """Return the linear scale from one range to another."""
    return lambda value: first + (value - low) / ((high - low) or 1) * (last - first)


def plot(height: int, label: str, *contents: Any) -> Markup:
    """Return the frame of a picture, whose label describes it."""
    return h(
        "svg",
        {"class": "mlops-plot", "style": f"height:{height}px", "height": height, "role": "img", "aria-label": label},
        *contents,
    )


def stretch(height: int, *paths: Any) -> Markup:
    """Stretch paths in x, from 0…100 to the width."""
    return h(
        "svg",
        {
            "x": 0,
            "y": 0,
            "width": "100%",
            "height": height,
            "viewBox": f"0 0 100 {height}",
            "preserveAspectRatio": "none",
        },
        *paths,
    )


def line(points: Sequence[Point], kind: str | None = None, style: str | None = None) -> Markup:
    """Draw a line, with gaps where a point is missing."""
    path, pen = "", False
    for point in points:
        if point is None:
            pen = False
        else:
            path += f"{'L' if pen else 'M'}{short(point[0])} {short(point[1])}"
            pen = True
    return h("path", {"class": kind, "d": path, "style": style})


def band(points: Sequence[tuple[float, float, float]], style: str | None = None) -> Markup | None:
    """Fill the area between two lines: each point is x, one y and the other."""
    if not points:
        return None
    there = "L".join(f"{short(x)} {short(y)}" for x, y, _ in points)
    back = "L".join(f"{short(x)} {short(y)}" for x, _, y in reversed(points))
    return h("path", {"class": "is-band", "d": f"M{there}L{back}Z", "style": style})


def words(x: float, y: float, content: str, anchor: str | None = None, kind: str | None = None) -> Markup:
    """Write words, with the anchor ``middle`` or ``end``."""
    return h("text", {"x": f"{short(x)}%", "y": short(y), "text-anchor": anchor, "class": kind}, content)


def dot(x: float, y: float, kind: str = "is-dot", r: float = 3.5, title: str = "") -> Markup:
    """Draw a point, whose title describes it."""
    return h("circle", {"class": kind, "cx": f"{short(x)}%", "cy": short(y), "r": r}, title and h("title", None, title))


def mark(x: float, y: float, shape: str, kind: str = "is-fill is-alert", title: str = "") -> Markup:
    """Draw a shape of fixed size at a place."""
    path = h("path", {"class": kind, "d": shape}, title and h("title", None, title))
    return h("svg", {"x": f"{short(x)}%", "y": short(y)}, path)


def rule(x1: float, y1: float, x2: float, y2: float, kind: str | None = None, style: str | None = None) -> Markup:
    """Draw a straight line."""
    ends = {"x1": f"{short(x1)}%", "y1": short(y1), "x2": f"{short(x2)}%", "y2": short(y2)}
    return h("line", {"class": kind, **ends, "style": style})


def box(x: float, y: float, width: float, height: float, **about: Any) -> Markup:
    """Draw a rectangle, with the options ``kind``, ``style``, ``rx`` and ``title``."""
    title = about.get("title")
    return h(
        "rect",
        {
            "class": about.get("kind"),
            "x": f"{short(x)}%",
            "y": short(y),
            "width": f"{short(max(0, width))}%",
            "height": short(max(0, height)),
            "rx": about.get("rx"),
            "style": about.get("style"),
        },
        title and h("title", None, title),
    )


def spark(values: Sequence[float | None], label: str, height: int = 24, area: bool = True) -> Markup:
    """Draw a line of a few numbers, the last one as a dot."""
    known = [value for value in values if value is not None]
    if not known:
        return plot(height, f"{label}: nothing measured")
    y = scale(min(known), max(known), height - 3, 3)
    places = [100 * place / (len(values) - 1) if len(values) > 1 else 50.0 for place in range(len(values))]
    points = [None if value is None else (x, y(value)) for x, value in zip(places, values)]
    drawn = [point for point in points if point is not None]
    fill = band([(x, top, height) for x, top in drawn]) if area and len(drawn) > 1 else None
    return plot(height, label, stretch(height, fill, line(points)), dot(*drawn[-1], r=2.5))


def shares(counts: Sequence[float]) -> list[float]:
    """Return counts as shares of their sum."""
    total = sum(counts) or 1
    return [value / total for value in counts]


def histogram(
    reference: Sequence[float], current: Sequence[float], label: str, height: int = 24, fresh: Sequence[int] = ()
) -> Markup:
    """Draw two distributions in one: grey bars are the reference, the outline is the current one."""
    before, now = shares(reference), shares(current)
    y = scale(0, max([*before, *now, 1e-12]), height - 0.5, 1.5)
    width = 100 / max(1, len(before))
    gap = width / 12

    def bar(values: Sequence[float], place: int, kind: str, style: str) -> Markup:
        top = y(values[place]) if place < len(values) else height - 0.5
        return box(width * place + gap, top, width - 2 * gap, height - top, kind=kind, style=style)

    if len(before) > MOST_BARS:  # one path is a tenth of the text
        foot = h(
            "path", {"class": "is-fill is-ref", "d": f"{_steps(before, y, width, height)}Z", "style": "fill-opacity:.5"}
        )
        bars = [stretch(height, foot)]
    else:
        bars = [bar(before, place, "is-ref", "fill-opacity:.5") for place in range(len(before))]
    news = [bar(now, place, "is-alert", "fill-opacity:.8") for place in fresh]
    outline = h("path", {"d": _steps(now, y, width, height)}) if now else None
    return plot(height, label, *bars, *news, stretch(height, outline))


def _steps(values: Sequence[float], y: Callable[[float], float], width: float, height: int) -> str:
    """Return the outline of bars, their tops to a tenth of a pixel: a report has a hundred outlines."""
    tops = "".join(f"V{short(round(y(value), 1))}H{short(width * (place + 1))}" for place, value in enumerate(values))
    return f"M0 {height - 0.5}{tops}V{height - 0.5}"


def bullet(value: float, floor: float, most: float, drifted: bool, label: str) -> Markup:
    """Draw an effect against the least that matters: the tick is the floor, the bar the effect."""
    x = scale(0, most, 0, 100)
    tick = min(100, x(floor))
    return plot(
        14,
        label,
        box(0, 3, 100, 8, style="fill:var(--m-wash2)", rx=2),
        box(0, 3, min(100, x(value)), 8, kind="is-alert" if drifted else "is-ref", rx=2),
        rule(tick, 0, tick, 14, style="stroke:var(--m-ink);stroke-width:1.5"),
    )


def diverging(value: float, most: float, kind: str, label: str) -> Markup:
    """Draw a difference left and right of nothing."""
    x = scale(-most, most, 0, 100)
    first, last = x(min(0.0, value)), x(max(0.0, value))
    return plot(16, label, rule(50, 0, 50, 16, "is-axis"), box(first, 3, last - first, 10, kind=kind, rx=1.5))
