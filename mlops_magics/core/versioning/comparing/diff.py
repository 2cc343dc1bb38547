"""The differences between two versions, as a record and as lines for a terminal: numbers first, long parts cut."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from mlops_magics.core.versioning.comparing.disagreement import Disagreement
from mlops_magics.core.versioning.describing.json_values import json_safe

if TYPE_CHECKING:
    from mlops_magics.core.versioning.describing.model_version import ModelVersion

PARTS = ("metrics", "parameters", "features", "profile", "packages", "facts")
MOST_LINES = 8
"""Lines of one part in the text."""

MOST_CODE = 40
"""Lines of the code's diff in the text."""

WIDEST = 48
"""Characters of one value in the text."""


@dataclass(frozen=True, slots=True)
class Change:
    """One fact that differs, None where a side does not have it."""

    name: str
    a: Any
    b: Any


@dataclass(frozen=True, slots=True)
class VersionDiff:
    """All facts that differ between version ``a`` and version ``b``."""

    a: str
    b: str
    metrics: tuple[Change, ...] = ()
    parameters: tuple[Change, ...] = ()
    features: tuple[Change, ...] = ()
    profile: tuple[Change, ...] = ()
    packages: tuple[Change, ...] = ()
    facts: tuple[Change, ...] = ()
    code: str = ""
    predictions: Disagreement | None = None
    notes: tuple[str, ...] = ()
    sides: tuple[ModelVersion, ModelVersion] | None = field(default=None, repr=False, compare=False)
    profiles: tuple[bytes | None, bytes | None] = field(default=(None, None), repr=False, compare=False)

    @property
    def equal(self) -> bool:
        """Whether nothing differs."""
        parts = (self.metrics, self.parameters, self.features, self.profile, self.packages, self.facts)
        return not any(parts) and not self.code and not (self.predictions and self.predictions.differing)

    def __repr__(self) -> str:
        words = [_count(len(getattr(self, part)), part) for part in PARTS if getattr(self, part)]
        words += ["code"] if self.code else []
        if self.predictions is not None and self.predictions.differing:
            words.append(f"{self.predictions.differing} of {self.predictions.rows} predictions")
        one = words == ["code"] or (len(words) == 1 and words[0].startswith("1 "))
        found = f"{', '.join(words)} {'differs' if one else 'differ'}" if words else "nothing differs"
        return f"{self.a} → {self.b}: {found}"

    def __str__(self) -> str:
        lines = [repr(self)]
        for part in PARTS:
            lines += _section(part, (_change(change) for change in getattr(self, part)), MOST_LINES)
        if self.predictions is not None:
            lines += _section("predictions", _disagreement(self.predictions), MOST_LINES + 1)
        # the first two lines of a unified diff repeat the names of the sides
        lines += _section("code", iter(self.code.splitlines()[2:]), MOST_CODE)
        lines += _section("note", iter(self.notes), MOST_LINES)
        return "\n".join(lines)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """Show the whole text in a terminal, by IPython's protocol, which needs no import."""
        printer.text(str(self))

    def to_json(self) -> dict[str, Any]:
        """Return the record for the wire."""
        record = asdict(replace(self, sides=None, profiles=(None, None)))
        return {name: json_safe(value) for name, value in record.items() if name not in ("sides", "profiles")}


def _section(label: str, lines: Iterator[str], most: int) -> list[str]:
    found = list(lines)
    rest = [f"and {len(found) - most} more"] if len(found) > most else []
    return [
        f"  {label if not place else '':<12} {_printable(line)}" for place, line in enumerate([*found[:most], *rest])
    ]


def _printable(line: str) -> str:
    """Replace control characters by a question mark, because foreign names and code could steer a terminal."""
    return "".join(sign if sign.isprintable() else "?" for sign in line.expandtabs(4))


def _change(change: Change) -> str:
    sides = [_short(side) for side in (change.a, change.b)]
    numbers = all(isinstance(side, int | float) and not isinstance(side, bool) for side in (change.a, change.b))
    return f"{change.name}: {sides[0]} → {sides[1]}" + (f" ({change.b - change.a:+.4g})" if numbers else "")


def _disagreement(predictions: Disagreement) -> Iterator[str]:
    yield str(predictions)
    for example in predictions.examples:
        features = ", ".join(f"{name} {_short(value)}" for name, value in example["features"].items())
        yield f"row {example['row']}: {_short(example['a'])} → {_short(example['b'])}   {features[:WIDEST]}"


def _short(value: Any) -> str:
    if value is None:
        return "none"
    text = f"{value:.6g}" if isinstance(value, float) else " ".join(str(value).split())
    return text if len(text) <= WIDEST else text[: WIDEST - 1] + "…"


def _count(count: int, part: str) -> str:
    if part == "profile":
        return f"{count} distribution" + ("" if count == 1 else "s")
    return f"{count} {part.removesuffix('s') if count == 1 else part}"
