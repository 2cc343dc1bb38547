"""Differences between the inputs of two versions: columns added, gone, changed, and training data that moved."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from mlops_magics.core import phrases
from mlops_magics.core.wire.comparison_record import FeatureChange
from mlops_magics.errors import MlopsError

if TYPE_CHECKING:
    from mlops_magics.core.monitoring.profiling.feature_profile import FeatureProfile
    from mlops_magics.core.monitoring.reporting.histograms import Distribution
    from mlops_magics.core.versioning import ModelVersion, VersionDiff
    from mlops_magics.core.versioning.describing.column import Column

SHIFTED = 0.1
"""Total variation distance between two histograms from which the training data count as shifted."""
NAMED = 3
"""Categories that a detail names."""


def feature_changes(diff: VersionDiff) -> tuple[tuple[FeatureChange, ...], tuple[str, ...]]:
    """Return the features that differ, and the names of those that do not."""
    assert diff.sides is not None, "a comparison that was read from JSON has no sides"
    a, b = (_columns(version) for version in diff.sides)
    profiles = tuple(_profile(data) for data in diff.profiles)
    found: list[FeatureChange] = []
    same: list[str] = []
    for name in dict.fromkeys([*b, *a]):
        change = _change(name, a.get(name), b.get(name), profiles[0].get(name), profiles[1].get(name))
        if change is None:
            same.append(name)
        else:
            found.append(change)
    return tuple(found), tuple(same)


def _columns(version: ModelVersion) -> dict[str, Column]:
    return {column.name: column for column in version.prototype.columns} if version.prototype else {}


def _profile(data: bytes | None) -> dict[str, FeatureProfile]:
    """Return the features of a reference profile, none where it is missing or damaged."""
    from mlops_magics.core.monitoring import ReferenceProfile

    try:
        return dict(ReferenceProfile.from_bytes(data).features) if data else {}
    except (MlopsError, ValueError, KeyError, TypeError):
        return {}


def _change(
    name: str, a: Column | None, b: Column | None, before: FeatureProfile | None, after: FeatureProfile | None
) -> FeatureChange | None:
    column = b or a
    assert column is not None
    kind = "category" if column.categories is not None or column.kind in ("string", "boolean", "category") else "number"
    if a is None or b is None:
        only = _counts(after or before)
        what, detail = ("Added", _about(column)) if a is None else ("Removed", _about(column))
        return FeatureChange(name, kind, what, detail, () if a is None else only, only if a is None else ())
    bars = _bars(before, after)
    reference, current = (bars.reference, bars.current[0]) if bars else ((), ())
    for what, detail in _differences(a, b, bars):
        return FeatureChange(name, kind, what, detail, reference, current)
    return None


def _differences(a: Column, b: Column, bars: Distribution | None) -> Iterator[tuple[str, str]]:
    """Yield the differences, the most important first."""
    if a.dtype != b.dtype and a.kind != b.kind:
        yield "Type changed", f"{a.dtype} → {b.dtype}"
    if a.categories is not None and b.categories is not None:
        fresh = [str(each) for each in b.categories if each not in a.categories]
        gone = [str(each) for each in a.categories if each not in b.categories]
        if fresh:
            yield "New category", f"{_some(fresh)} new"
        if gone:
            yield "Category gone", f"{_some(gone)} gone"
    if bars is not None and bars.new:
        yield "New category", f"{_some(list(bars.new))} new"
    if bars is not None and _distance(bars) > SHIFTED:
        yield "Shifted", _range(a, b) or f"{100 * _distance(bars):.0f}% of the rows moved"
    if _range(a, b):
        yield _wider(a, b), _range(a, b)
    if a.nullable != b.nullable:
        yield ("Missing values" if b.nullable else "No missing values"), "allowed now" if b.nullable else "none now"
    if a.dtype != b.dtype:
        yield "Type changed", f"{a.dtype} → {b.dtype}"


def _range(a: Column, b: Column) -> str:
    ranges = [(column.minimum, column.maximum) for column in (a, b)]
    if ranges[0] == ranges[1] or any(side is None for each in ranges for side in each):
        return ""
    return f"{_number(b.minimum)} to {_number(b.maximum)}, was {_number(a.minimum)} to {_number(a.maximum)}"


def _wider(a: Column, b: Column) -> str:
    try:
        lower, higher = b.minimum <= a.minimum, b.maximum >= a.maximum
    except TypeError:
        return "Range changed"
    return "Range wider" if lower and higher else "Range narrower" if not lower and not higher else "Range moved"


def _bars(before: FeatureProfile | None, after: FeatureProfile | None) -> Distribution | None:
    from mlops_magics.core.monitoring.reporting import histograms

    return histograms.of_profiles(before, [after]) if before is not None and after is not None else None


def _counts(profile: FeatureProfile | None) -> tuple[int, ...]:
    bars = _bars(profile, profile)
    return bars.reference if bars else ()


def _distance(bars: Distribution) -> float:
    """Return the total variation distance of the two histograms, 0 to 1."""
    sums = [max(1, sum(counts)) for counts in (bars.reference, bars.current[0])]
    return 0.5 * sum(abs(a / sums[0] - b / sums[1]) for a, b in zip(bars.reference, bars.current[0]))


def _about(column: Column) -> str:
    if column.categories is not None:
        return phrases.counted(len(column.categories), "category", "categories")
    if column.minimum is not None and column.maximum is not None:
        return f"{_number(column.minimum)} to {_number(column.maximum)}"
    return column.dtype


def _some(names: list[str]) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more


def _number(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
