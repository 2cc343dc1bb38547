"""The derived index of versions in the state folder, one short line each. Its deletion costs time, never facts."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from mlops_magics.core import progress, state, user_warnings
from mlops_magics.core.phrases import counted
from mlops_magics.core.versioning.describing.json_values import json_safe
from mlops_magics.core.versioning.describing.model_version import ModelVersion
from mlops_magics.core.versioning.listing.fault_budget import FaultBudget
from mlops_magics.core.versioning.names import VersionName
from mlops_magics.errors import MlopsError, StateError

NAMED = 3
"""Broken versions that a warning names."""

Read = Callable[[str, str, FaultBudget], ModelVersion]


class Summary(msgspec.Struct, array_like=True, gc=False):
    """The facts of a version for listings and searches. ``broken`` is why its metadata could not be read."""

    version: str
    created: float
    metrics: dict[str, float | None] = {}
    format: str = ""
    size: int = 0
    author: str | None = None
    description: str | None = None
    tags: list[str] = []
    parent: str | None = None
    fields: dict[str, Any] = {}
    broken: str | None = None
    hash: str = ""
    """The sha256 of the model file, or ``xxh64:`` and the hash of pins for another writer's version."""

    @classmethod
    def of(cls, version: ModelVersion) -> Summary:
        """Return the summary of a version."""
        fields = {
            name: value
            for name, value in {**version.parameters, **version.metadata}.items()
            if isinstance(value, str | int | float | bool)
        }
        return cls(
            version=version.version,
            created=version.created.timestamp(),
            metrics=json_safe(version.metrics),
            format=version.format,
            size=version.size,
            author=version.author,
            description=version.description,
            tags=list(version.tags),
            parent=version.parent,
            fields=json_safe(fields),
            hash=version.hash.removeprefix("sha256:"),
        )

    @classmethod
    def unreadable(cls, version: str, created: datetime | None, reason: str) -> Summary:
        """Return the summary of a version that cannot be read."""
        return cls(version=version, created=created.timestamp() if created else 0.0, broken=reason)


class Newest(msgspec.Struct, array_like=True, gc=False):
    """The newest version of a model, the number of its versions, and the stamp of the listing behind both."""

    name: str
    stamp: int
    count: int
    summary: Summary


class Summaries:
    """The index of one board: a file of lines for each model, and the lines that were read."""

    def __init__(self, url: str, read: Read) -> None:
        self._read = read
        self._folder_name = hashlib.sha256(url.encode()).hexdigest()[:16]
        self._models: dict[str, dict[str, Summary]] = {}
        self._decoder = msgspec.json.Decoder(Summary)
        self._newest: dict[str, Newest] | None = None

    def of(self, name: str, versions: Sequence[str], budget: FaultBudget | None = None) -> list[Summary]:
        """Return the summaries of these versions, in their order. Missing ones are read and added to the index.

        The newest are read first, because a listing spends a limited time on broken versions.
        """
        known, budget = self._model(name), budget or FaultBudget()
        missing = [version for version in reversed(versions) if version not in known]
        reading = progress.each(missing, f"reading {name}", len(missing), "versions") if missing else ()
        fresh = {version: self._summary(name, version, budget) for version in reading}
        if fresh:
            self.add(name, reversed(fresh.values()))
        return [known.get(version) or fresh[version] for version in versions]

    def add(self, name: str, summaries: Iterable[Summary]) -> None:
        """Keep summaries, but not those of broken versions, because they may be repaired."""
        whole = [summary for summary in summaries if summary.broken is None]
        self._model(name).update({summary.version: summary for summary in whole})
        lines = [msgspec.json.encode(summary) for summary in whole]
        if lines:
            with contextlib.suppress(OSError, StateError):  # an index that cannot be written is only slower
                state.append_private(self._path(name), b"".join(line + b"\n" for line in lines))

    def forget(self, name: str | None = None) -> None:
        """Drop the entries of a model, or of the whole board. They are read again when needed."""
        self._newest = {}
        with contextlib.suppress(OSError):
            self._newest_path().unlink(missing_ok=True)
        for each in [name] if name else [*self._models, *self._written()]:
            self._models.pop(each, None)
            with contextlib.suppress(OSError):
                self._path(each).unlink(missing_ok=True)

    def newest(self) -> dict[str, Newest]:
        """Return each model's newest version as last known. It is valid while the stamp of the model is the same."""
        if self._newest is None:
            try:
                found = msgspec.json.decode(state.read_private(self._newest_path()), type=list[Newest])
            except (OSError, msgspec.DecodeError):
                found = []
            self._newest = {each.name: each for each in found}
        return self._newest

    def keep_newest(self, found: dict[str, Newest]) -> None:
        """Keep the newest versions of the whole board, in one file."""
        self._newest = found
        with contextlib.suppress(OSError):
            state.write_private(self._newest_path(), msgspec.json.encode(list(found.values())))

    def _newest_path(self) -> Path:
        return state.directory("index", self._folder_name) / ".newest.json"

    def _written(self) -> list[str]:
        with contextlib.suppress(OSError):
            return [path.stem for path in state.directory("index", self._folder_name).glob("*.jsonl")]
        return []

    def _summary(self, name: str, version: str, budget: FaultBudget) -> Summary:
        try:
            with budget.reading():
                return Summary.of(self._read(name, version, budget))
        except MlopsError as error:
            return Summary.unreadable(version, VersionName(version).created, str(error))

    def _model(self, name: str) -> dict[str, Summary]:
        if name not in self._models:
            self._models[name] = self._load(name)
        return self._models[name]

    def _load(self, name: str) -> dict[str, Summary]:
        try:
            lines = state.read_private(self._path(name))
        except OSError:
            return {}
        try:
            found = self._decoder.decode_lines(lines)
        except (msgspec.DecodeError, UnicodeDecodeError):  # torn or foreign: the index can be made again
            self.forget(name)
            return {}
        return {summary.version: summary for summary in found if summary.hash}  # version 0.1 wrote no hash

    def _path(self, name: str) -> Path:
        return state.directory("index", self._folder_name) / f"{name}.jsonl"


def warn_of_unreadable(newest: Mapping[str, Summary]) -> None:
    """Warn of the models whose newest version cannot be read."""
    refs = [f"{name}@{each.version}" for name, each in newest.items() if each.broken is not None]
    if refs:
        named = ", ".join(refs[:NAMED]) + (", …" if len(refs) > NAMED else "")
        models = counted(len(refs), "model")
        user_warnings.warn(f"The newest version of {models} cannot be read ({named}). Run `%verify`.")


def readable(name: str, summaries: Sequence[Summary]) -> list[Summary]:
    """Return the versions that can be read. A warning names the others."""
    broken = [each.version for each in summaries if each.broken is not None]
    if broken:
        named = ", ".join(broken[-1 : -NAMED - 1 : -1]) + (", …" if len(broken) > NAMED else "")
        user_warnings.warn(f"{name}: {counted(len(broken), 'version')} cannot be read ({named}). Run `%verify`.")
    return [each for each in summaries if each.broken is None]
