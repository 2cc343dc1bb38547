"""The comparison of two versions: metrics, hyper-parameters, features, profiles, packages, code and predictions."""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from mlops_magics.core import json_text, phrases
from mlops_magics.core.versioning.comparing import disagreement
from mlops_magics.core.versioning.comparing.diff import Change, VersionDiff
from mlops_magics.core.versioning.describing.column import Column
from mlops_magics.core.versioning.describing.model_version import ModelVersion
from mlops_magics.core.versioning.describing.prototype import Prototype


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two versions that are compared.

    Attributes
    ----------
    profile
        The bytes of its reference profile, or None where it has none that can be read.
    load
        A function that returns the fitted model, called only when predictions are compared.
    """

    version: ModelVersion
    profile: bytes | None
    load: Callable[[], Any]


def compare(first: Side, second: Side, data: Any = None) -> VersionDiff:
    """Compare two versions. With ``data``, both models also predict its rows.

    Raises
    ------
    DataMismatch
        When a version cannot predict the rows, or the two predict in different shapes.
    NotTrusted, IntegrityError
        When ``data`` is given and a model cannot be loaded.
    """
    a, b = first.version, second.version
    predictions = None
    if data is not None:
        predictions = disagreement.between((a, first.load()), (b, second.load()), data)
    profiles = described(first.profile), described(second.profile)
    without = [version.ref for version, profile in zip((a, b), profiles) if not profile]
    return VersionDiff(
        a=a.ref,
        b=b.ref,
        metrics=_changes(a.metrics, b.metrics),
        parameters=_changes(a.parameters, b.parameters),
        features=_changes(_columns(a.prototype), _columns(b.prototype)),
        profile=() if without else _changes(*profiles),
        packages=_changes(a.lineage.packages, b.lineage.packages),
        facts=_changes(_facts(a), _facts(b)),
        code=_code(a, b),
        predictions=predictions,
        sides=(a, b),
        profiles=(first.profile, second.profile),
        notes=(f"{without[0]} has no reference profile to compare.",) if len(without) == 1 else (),
    )


def _changes(a: Mapping[str, Any], b: Mapping[str, Any]) -> tuple[Change, ...]:
    names = [*a, *(name for name in b if name not in a)]
    return tuple(Change(name, a.get(name), b.get(name)) for name in names if not _same(a.get(name), b.get(name)))


def _same(a: Any, b: Any) -> bool:
    return bool(a == b or (a != a and b != b))


def _columns(prototype: Prototype | None) -> dict[str, str]:
    return {column.name: _column(column) for column in prototype.columns} if prototype else {}


def _column(column: Column) -> str:
    """Describe a column in one line: dtype, range or categories, missing values."""
    about = column.dtype
    if column.categories is not None:
        about += f" {{{', '.join(map(str, column.categories))}}}"
    elif column.minimum is not None:
        about += f" {column.minimum} to {column.maximum}"
    return about + (", with missing values" if column.nullable else "")


def described(data: bytes | None) -> dict[str, Any]:
    """Describe the distributions of features, target and prediction. Empty where the profile cannot be read."""
    try:
        stored = json_text.parse(data or b"")
        described = {str(entry["name"]): _distribution(entry) for entry in stored["features"]}
        ends = {part: _distribution(stored[part]) for part in ("target", "prediction") if stored.get(part)}
        return {"rows": stored["rows"], **described, **{f"({part})": text for part, text in ends.items()}}
    except (ValueError, KeyError, TypeError, IndexError, RecursionError):
        return {}


def _distribution(entry: Mapping[str, Any]) -> str:
    """Describe one distribution of a profile in one line."""
    if "labels" in entry:
        counts = dict(zip(entry["labels"], entry["counts"]))
        most = max(counts, key=lambda label: counts[label], default=None)
        about = phrases.counted(len(counts), "category", "categories")
        about += f", most often {most}: {counts[most]}" if most is not None else ""
    else:
        rows, mean, squares, low, high = (math.nan if value is None else float(value) for value in entry["moments"])
        spread = math.sqrt(squares / (rows - 1)) if rows > 1 else math.nan
        about = f"{low:.4g} to {high:.4g}, mean {mean:.4g}, standard deviation {spread:.4g}"
    return about + (f", {entry['missing']} missing" if entry.get("missing") else "")


def _facts(version: ModelVersion) -> dict[str, Any]:
    return {
        "model_type": version.model_type,
        "format": version.format,
        "size": version.size,
        "hash": version.hash,
        "description": version.description,
        "tags": list(version.tags),
        "metadata": version.metadata,
        "python": version.lineage.python,
        "git_commit": version.lineage.git_commit,
        "data_fingerprint": version.lineage.data_fingerprint,
        "training_seconds": version.lineage.training_seconds,
    }


def _code(a: ModelVersion, b: ModelVersion) -> str:
    """Return the unified diff of the cells that trained the versions."""
    before, after = ((version.lineage.source or "").splitlines() for version in (a, b))
    return "\n".join(difflib.unified_diff(before, after, fromfile=a.ref, tofile=b.ref, lineterm=""))
