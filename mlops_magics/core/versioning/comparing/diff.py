"""A comparison as lines for a terminal: the numbers first, what is long cut short."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mlops_magics.core.versioning.comparing.comparison import Change, VersionDiff

PARTS = ("metrics", "parameters", "features", "profile", "packages", "facts")
MOST_LINES = 8
MOST_CODE = 40
WIDEST = 48


def summary(diff: VersionDiff) -> str:
    """Return in one line how much differs."""
    words = [_counted(len(getattr(diff, part)), part) for part in PARTS if getattr(diff, part)]
    words += ["code"] if diff.code else []
    if diff.predictions is not None and diff.predictions.differing:
        words.append(f"{diff.predictions.differing} of {diff.predictions.rows} predictions")
    return f"{diff.a} → {diff.b}: " + (", ".join(words) + " differ" if words else "nothing differs")


def text(diff: VersionDiff) -> str:
    """Return what differs, part by part."""
    lines = [summary(diff)]
    for part in PARTS:
        lines += _labelled(part, (_change(change) for change in getattr(diff, part)), MOST_LINES)
    if diff.predictions is not None:
        lines += _labelled("predictions", _predictions(diff), MOST_LINES + 1)
    lines += _labelled("code", iter(diff.code.splitlines()[2:]), MOST_CODE)  # the first two lines name the sides again
    lines += _labelled("note", iter(diff.notes), MOST_LINES)
    return "\n".join(lines)


def _labelled(label: str, found: Iterator[str], most: int) -> list[str]:
    told = list(found)
    rest = [f"and {len(told) - most} more"] if len(told) > most else []
    return [
        f"  {label if not place else '':<12} {_printable(line)}" for place, line in enumerate([*told[:most], *rest])
    ]


def _printable(line: str) -> str:
    """Show what would steer a terminal as a question mark: names and code come from whoever writes on the board."""
    return "".join(sign if sign.isprintable() else "?" for sign in line.expandtabs(4))


def _change(change: Change) -> str:
    sides = [_short(side) for side in (change.a, change.b)]
    numbers = all(isinstance(side, int | float) and not isinstance(side, bool) for side in (change.a, change.b))
    return f"{change.name}: {sides[0]} → {sides[1]}" + (f" ({change.b - change.a:+.4g})" if numbers else "")


def _predictions(diff: VersionDiff) -> Iterator[str]:
    assert diff.predictions is not None
    yield str(diff.predictions)
    for example in diff.predictions.examples:
        features = ", ".join(f"{name} {_short(value)}" for name, value in example["features"].items())
        yield f"row {example['row']}: {_short(example['a'])} → {_short(example['b'])}   {features[:WIDEST]}"


def _short(value: Any) -> str:
    if value is None:
        return "none"
    said = f"{value:.6g}" if isinstance(value, float) else " ".join(str(value).split())
    return said if len(said) <= WIDEST else said[: WIDEST - 1] + "…"


def _counted(count: int, part: str) -> str:
    if part == "profile":
        return f"{count} distribution" + ("" if count == 1 else "s")
    return f"{count} {part.removesuffix('s') if count == 1 else part}"
