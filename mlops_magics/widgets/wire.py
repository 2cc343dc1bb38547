"""Records as the browser reads them: plain JSON, never a token, never a number that JSON does not have."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from mlops_magics.core.versioning import Prototype, VersionDiff

SECTIONS = ("metrics", "parameters", "features", "profile", "packages", "facts")


def safe(value: Any) -> Any:
    """Return a value as JSON has it: NaN and infinities become None, times ISO text, numpy scalars plain ones."""
    if isinstance(value, Mapping):
        return {str(key): safe(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [safe(item) for item in value]
    if isinstance(value, dt.date | dt.datetime):
        return value.isoformat()
    if hasattr(value, "tolist"):
        return safe(value.tolist())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def versions(table: pd.DataFrame) -> dict[str, Any]:
    """Return a `VersionTable`, newest first."""
    return {"name": table.attrs["name"], "board": table.attrs["board"], "versions": _rows(table)}


def models(table: pd.DataFrame) -> dict[str, Any]:
    """Return a `ModelTable`."""
    return {"board": table.attrs["board"], "models": _rows(table)}


def compare(diff: VersionDiff) -> dict[str, Any]:
    """Return a `VersionDiff`, one section per kind of fact that differs."""
    sections = [
        {"title": part, "rows": [_change(change) for change in getattr(diff, part)]}
        for part in SECTIONS
        if getattr(diff, part)
    ]
    if diff.predictions is not None:
        head = {"name": str(diff.predictions), "a": None, "b": None, "change": None}
        sections.append({"title": "predictions", "rows": [head, *map(_answered, diff.predictions.examples)]})
    if diff.notes:
        rows = [{"name": note, "a": None, "b": None, "change": None} for note in diff.notes]
        sections.append({"title": "notes", "rows": rows})
    return {"a": diff.a, "b": diff.b, "sections": sections, "code": diff.code.splitlines() or None}


def prototype(found: Prototype | None) -> dict[str, Any]:
    """Return the columns that a form asks for, and the example rows that fill it."""
    names = ("name", "kind", "categories", "minimum", "maximum", "nullable", "example")
    columns = [{name: safe(getattr(column, name)) for name in names} for column in (found.columns if found else ())]
    return {"columns": columns, "examples": safe(list(found.examples) if found else [])}


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [safe(row) for row in table.astype({"created": str}).to_dict("records")]


def _answered(example: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row that two versions answer differently, its features beside its place."""
    features = ", ".join(
        f"{name} {value:.4g}" if isinstance(value, float) else f"{name} {value}"
        for name, value in example["features"].items()
    )
    a, b = safe(example["a"]), safe(example["b"])
    return {"name": f"row {example['row']} ({features})", **_difference(a, b)}


def _change(change: Any) -> dict[str, Any]:
    return {"name": change.name, **_difference(safe(change.a), safe(change.b))}


def _difference(a: Any, b: Any) -> dict[str, Any]:
    numbers = all(isinstance(side, int | float) and not isinstance(side, bool) for side in (a, b))
    return {"a": a, "b": b, "change": f"{b - a:+.4g}" if numbers else None}
