"""The records of a model version and of a stored file, which boards return."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from mlops_magics.core.sizes import readable_size
from mlops_magics.core.versioning.describing import measured_score
from mlops_magics.core.versioning.describing.json_values import json_safe
from mlops_magics.core.versioning.describing.lineage import Lineage
from mlops_magics.core.versioning.describing.measured_score import MeasuredScore
from mlops_magics.core.versioning.describing.prototype import Prototype

CODE = "runs_code_because"
"""The stamp with the reason for a format that runs code when it is read."""
CHANGED = "changed_parameters"
"""The stamp with the names of the parameters that are not the defaults of their estimators."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file of a version: its name, its size in bytes, and the sha256 of its bytes."""

    name: str
    size: int
    sha256: str

    def to_json(self) -> dict[str, Any]:
        """Return the record as its line in the metadata."""
        return {"name": self.name, "size": self.size, "sha256": self.sha256}

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> StoredFile:
        """Read the value of `to_json`."""
        return cls(str(record["name"]), int(record["size"]), str(record["sha256"]))


@dataclass(frozen=True, slots=True, repr=False)
class ModelVersion:
    """One immutable state of a model.

    Attributes
    ----------
    created
        The time in UTC, strictly later than every older version of the model.
    hash
        The hash of the model file: ``sha256:…``, or ``xxh64:…`` where another program wrote the version.
    board
        The URL of the board, without credentials.
    size
        Bytes of the model file.
    parent
        The version that this one replaces, or None.
    number
        Its place among the versions of its model, counted from 1 (``v12`` in references), or 0 where it is not known.
    stamps
        Other records of the writer, such as pins' own ``pin_hash`` and ``type``.
    """

    name: str
    version: str
    created: datetime
    hash: str
    board: str
    prototype: Prototype | None = None
    metrics: dict[str, float] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    description: str | None = None
    lineage: Lineage = field(default_factory=Lineage)
    format: str = "joblib"
    size: int = 0
    parent: str | None = None
    file: str = ""
    files: tuple[StoredFile, ...] = ()
    parameters: dict[str, Any] = field(default_factory=dict)
    model_type: str | None = None
    author: str | None = None
    aliases: tuple[str, ...] = ()
    stamps: dict[str, Any] = field(default_factory=dict)
    number: int = 0

    @property
    def runs_code_because(self) -> str | None:
        """The reason why reading the model file runs code, or None where it does not or the writer left it open."""
        return self.stamps.get(CODE)

    @property
    def changed_parameters(self) -> tuple[str, ...]:
        """The names of the parameters that are not defaults. An older version has those of the model itself."""
        found = self.stamps.get(CHANGED)
        if not isinstance(found, list):
            return tuple(name for name in self.parameters if "__" not in name)
        return tuple(name for name in found if isinstance(name, str) and name in self.parameters)

    @property
    def measured(self) -> dict[str, MeasuredScore]:
        """The metrics that were computed at the pin, with interval and rows, without those that were given or changed.

        An older version has none.
        """
        found = self.stamps.get(measured_score.STAMP)
        kept = found.items() if isinstance(found, dict) else ()
        scores = ((name, MeasuredScore.from_json(each)) for name, each in kept)
        return {name: each for name, each in scores if each is not None and each.score == self.metrics.get(name)}

    @property
    def ref(self) -> str:
        """The reference that means exactly this version."""
        return f"{self.name}@{self.version}"

    def stored(self, file: str) -> StoredFile | None:
        """Return the record of one of the version's files, or None."""
        return next((stored for stored in self.files if stored.name == file), None)

    # by its identity, because the fields contain dictionaries, which have no hash
    def __hash__(self) -> int:
        return hash((self.board, self.name, self.version))

    def __repr__(self) -> str:
        metrics = ", ".join(f"{name} {value:.4g}" for name, value in list(self.metrics.items())[:3])
        return f"{self.ref}  {self.format}, {readable_size(self.size)}" + (f", {metrics}" if metrics else "")

    def to_json(self) -> dict[str, Any]:
        """Return the record for the wire: JSON-safe, times in ISO 8601."""
        return {
            "name": self.name,
            "version": self.version,
            "number": self.number,
            "ref": self.ref,
            "created": self.created.isoformat(),
            "hash": self.hash,
            "board": self.board,
            "prototype": self.prototype.to_json() if self.prototype else None,
            "metrics": json_safe(self.metrics),
            "measured": {name: each.to_json() for name, each in self.measured.items()},
            "metadata": json_safe(self.metadata),
            "tags": list(self.tags),
            "description": self.description,
            "lineage": self.lineage.to_json(),
            "format": self.format,
            "runs_code_because": self.runs_code_because,
            "size": self.size,
            "parent": self.parent,
            "file": self.file,
            "files": [file.to_json() for file in self.files],
            "parameters": json_safe(self.parameters),
            "model_type": self.model_type,
            "author": self.author,
            "aliases": list(self.aliases),
        }
