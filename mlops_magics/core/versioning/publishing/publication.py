"""The publication of a fitted model, its facts and its side files as the newest version of a name."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import datetime
from typing import Any

from mlops_magics.core.versioning.describing import data_txt, measured_score, model_parameters, packages
from mlops_magics.core.versioning.describing.lineage import Lineage
from mlops_magics.core.versioning.describing.model_version import CHANGED, CODE, ModelVersion, StoredFile
from mlops_magics.core.versioning.formats.writing import Written, write_model
from mlops_magics.core.versioning.history.anchors import Anchor
from mlops_magics.core.versioning.history.events import author
from mlops_magics.core.versioning.names import ModelName, VersionName
from mlops_magics.core.versioning.publishing.facts import Facts
from mlops_magics.core.versioning.stores.digests import Digest
from mlops_magics.core.versioning.stores.store import Draft, Store
from mlops_magics.errors import InvalidName

COPY_BUFFER = 1024 * 1024

Announce = Callable[[ModelVersion], None]
"""Receives a version just before it becomes visible, so that its writer trusts it before a reader can meet it."""


def publish(
    store: Store, model: Any, name: ModelName, facts: Facts, anchor: Anchor | None, announce: Announce
) -> ModelVersion:
    """Write model and side files, then make them the newest version in one step.

    Parameters
    ----------
    facts
        The facts, which are already checked.
    anchor
        The state of the board's log, which the version keeps.
    announce
        Receives the version before it is visible.

    Raises
    ------
    InvalidName
        When a side file has the name of the model file.
    SerializationError, MissingDependency, BoardError
        Nothing is published then.
    """
    with store.draft() as draft:
        written = write_model(draft, model, name, facts.format, facts.example)
        if written.file in facts.files:
            raise InvalidName(f"A side file cannot be called {written.file!r}: that is the model itself.")
        digest = draft.digest(written.file)
        files = [stored_file(written.file, digest)]
        files += [stored_file(file, draft.add(file, data)) for file, data in facts.files.items()]
        version = _record(model, name, facts, written, digest)
        stamps = {**version.stamps, **remembered(anchor)}
        version = dataclasses.replace(version, board=store.url, files=tuple(files), stamps=stamps)
        return commit(store, draft, version, packages.required(model), announce)


def _record(model: Any, name: ModelName, facts: Facts, written: Written, digest: Digest) -> ModelVersion:
    """Return the record of a model that is written, without its time and its name, which the store decides."""
    parameters, changed = model_parameters.of_model(model)
    measured = {metric: each.to_json() for metric, each in facts.measured.items()}
    return ModelVersion(
        name=str(name),
        version="",
        created=data_txt.UNKNOWN_TIME,
        hash=f"sha256:{digest.sha256}",
        board="",
        prototype=facts.prototype,
        metrics=dict(facts.metrics),
        metadata=dict(facts.metadata),
        tags=facts.tags,
        description=facts.description or _described(type(model).__name__),
        lineage=facts.lineage or Lineage(),
        format=written.format,
        size=digest.size,
        parent=facts.parent,
        file=written.file,
        parameters=parameters,
        model_type=f"{type(model).__module__}.{type(model).__qualname__}",
        author=author(),
        stamps={
            "pin_hash": digest.xxh64,
            **({CHANGED: changed} if parameters else {}),
            **({measured_score.STAMP: measured} if measured else {}),
            **({CODE: written.runs_code_because} if written.runs_code_because else {}),
        },
    )


def _described(kind: str) -> str:
    return f"{'An' if kind.startswith(('A', 'E', 'I')) else 'A'} {kind} model"


def commit(store: Store, draft: Draft, version: ModelVersion, required: list[str], announce: Announce) -> ModelVersion:
    """Publish a draft whose files are written. The store decides its time of creation and its name.

    Parameters
    ----------
    store, draft
        The store, and the folder with the files.
    version
        The record without its time and its name.
    required
        The packages that the model needs.
    announce
        Receives the version before it is visible.
    """
    published: list[ModelVersion] = []

    def describe(created: datetime, called: VersionName, newest: str | None) -> bytes:
        parent = version.parent or newest
        lineage = (
            version.lineage
            if data_txt.COPIED in version.stamps
            else dataclasses.replace(version.lineage, parent=parent)
        )
        published[:] = [
            dataclasses.replace(version, created=created, version=str(called), parent=parent, lineage=lineage)
        ]
        announce(published[0])
        return data_txt.encode(published[0], required)

    store.commit(draft, ModelName(version.name), version.stamps["pin_hash"], describe)
    return published[0]


def remembered(anchor: Anchor | None) -> dict[str, Any]:
    """Return the stamp with the state of the log, which a version keeps."""
    return {} if anchor is None else {data_txt.LOG: anchor.to_json()}


def stored_file(name: str, digest: Digest) -> StoredFile:
    """Return the record of a file that was written."""
    return StoredFile(name, digest.size, digest.sha256)
