"""What differs between two versions: metrics, hyper-parameters, features, profiles, packages, code, and predictions."""

from __future__ import annotations

import difflib
import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from mlops_magics.core.versioning.comparing import diff, disagreement
from mlops_magics.core.versioning.comparing.disagreement import Disagreement
from mlops_magics.core.versioning.describing.column import Column
from mlops_magics.core.versioning.describing.json_values import json_safe
from mlops_magics.core.versioning.describing.model_version import ModelVersion
from mlops_magics.core.versioning.describing.prototype import Prototype
from mlops_magics.core.versioning.publishing.facts import PROFILE
from mlops_magics.errors import MlopsError

if TYPE_CHECKING:
    from mlops_magics.core.versioning.board import Board


@dataclass(frozen=True, slots=True)
class Change:
    """One fact that differs; None where a side does not have it."""

    name: str
    a: Any
    b: Any


@dataclass(frozen=True, slots=True)
class VersionDiff:
    """Everything that differs between version ``a`` and version ``b``; what is equal is left out."""

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

    @property
    def equal(self) -> bool:
        """Whether nothing differs."""
        parts = (self.metrics, self.parameters, self.features, self.profile, self.packages, self.facts)
        return not any(parts) and not self.code and not (self.predictions and self.predictions.differing)

    def __repr__(self) -> str:
        return diff.summary(self)

    def __str__(self) -> str:
        return diff.text(self)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """Show the whole text where a terminal displays the record; IPython's protocol, which wants no import."""
        printer.text(str(self))

    def to_json(self) -> dict[str, Any]:
        """Return the record for the wire."""
        return dict(json_safe(json.loads(json.dumps(asdict(self), default=str))))


def compare(first: tuple[Board, ModelVersion], second: tuple[Board, ModelVersion], data: Any = None) -> VersionDiff:
    """Compare two versions; with ``data``, both models answer its rows."""
    (board_a, a), (board_b, b) = first, second
    predictions = None
    if data is not None:
        predictions = disagreement.between((a, board_a.load(a)), (b, board_b.load(b)), data)
    profiles = _profile(board_a, a), _profile(board_b, b)
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


def _profile(board: Board, version: ModelVersion) -> dict[str, Any]:
    """Describe how features, target and prediction were distributed; nothing where no profile can be read."""
    try:
        stored = json.loads(board.read_file(version, PROFILE))
        described = {str(entry["name"]): _distribution(entry) for entry in stored["features"]}
        ends = {part: _distribution(stored[part]) for part in ("target", "prediction") if stored.get(part)}
        return {"rows": stored["rows"], **described, **{f"({part})": text for part, text in ends.items()}}
    except (MlopsError, ValueError, KeyError, TypeError, IndexError):
        return {}


def _distribution(entry: Mapping[str, Any]) -> str:
    """Describe one distribution of a profile in one line."""
    if "labels" in entry:
        counts = dict(zip(entry["labels"], entry["counts"]))
        most = max(counts, key=lambda label: counts[label], default=None)
        about = f"{len(counts)} categories" + (f", most often {most}: {counts[most]}" if most is not None else "")
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
