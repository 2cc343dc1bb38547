"""Publishing: a fitted model, its facts and its side files become the newest version of a name."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from mlops_magics.core.versioning.describing import data_txt, packages
from mlops_magics.core.versioning.describing.json_values import plain
from mlops_magics.core.versioning.describing.lineage import Lineage
from mlops_magics.core.versioning.describing.model_version import ModelVersion, StoredFile
from mlops_magics.core.versioning.describing.prototype import Prototype
from mlops_magics.core.versioning.formats import registry
from mlops_magics.core.versioning.formats.writing import write_model
from mlops_magics.core.versioning.history.events import author
from mlops_magics.core.versioning.names import FileName, ModelName, VersionName
from mlops_magics.core.versioning.stores.digests import Digest
from mlops_magics.core.versioning.stores.store import Draft, Store
from mlops_magics.errors import InvalidInput, InvalidName

PROFILE = "profile.json"
COPY_BUFFER = 1024 * 1024
MOST_PARAMETER_TEXT = 200
LONGEST_TAG = 128


@dataclass(frozen=True, slots=True)
class Facts:
    """What a caller says about a model, checked and reduced to what every reader understands."""

    prototype: Prototype | None = None
    metrics: dict[str, float] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    description: str | None = None
    lineage: Lineage = field(default_factory=Lineage)
    files: dict[str, bytes] = field(default_factory=dict)

    @classmethod
    def checked(
        cls,
        *,
        prototype: Prototype | None,
        metrics: Mapping[str, Any],
        metadata: Mapping[str, Any],
        tags: Iterable[str],
        description: str | None,
        lineage: Lineage,
        files: Mapping[str, bytes],
    ) -> Facts:
        """Check everything before anything is written.

        Raises
        ------
        InvalidInput, InvalidName
            Naming the value that cannot be stored.
        """
        return cls(
            prototype=prototype,
            metrics=plain({name: _number(name, value) for name, value in metrics.items()}, "metrics"),
            metadata=plain(metadata, "metadata"),
            tags=tuple(dict.fromkeys(tag_of(tag) for tag in tags)),
            description=plain(description, "description"),
            lineage=lineage,
            files={str(FileName(name)): data for name, data in files.items()},
        )


def publish(
    store: Store, model: Any, name: ModelName, facts: Facts, *, format: str, example: Any, parent: str | None
) -> ModelVersion:
    """Write model and side files, then make them the newest version in one step."""
    with store.draft() as draft:
        written = write_model(draft, model, name, format, example)
        if written.file in facts.files:
            raise InvalidName(f"A side file cannot be called {written.file!r}: that is the model itself.")
        files = [stored_file(written.file, draft.digest(written.file))]
        files += [stored_file(file, draft.add(file, data)) for file, data in facts.files.items()]
        digest = draft.digest(written.file)
        version = ModelVersion(
            name=str(name),
            version="",
            created=data_txt.UNKNOWN_TIME,
            hash=f"sha256:{digest.sha256}",
            board=store.url,
            prototype=facts.prototype,
            metrics=facts.metrics,
            metadata=facts.metadata,
            tags=facts.tags,
            description=facts.description or f"A {type(model).__name__} model",
            lineage=facts.lineage,
            format=written.format,
            size=digest.size,
            parent=parent,
            file=written.file,
            files=tuple(files),
            parameters=parameters_of(model),
            model_type=f"{type(model).__module__}.{type(model).__qualname__}",
            author=author(),
            stamps={"pin_hash": digest.xxh64},
        )
        return commit(store, draft, version, packages.required(model))


def commit(store: Store, draft: Draft, version: ModelVersion, required: list[str]) -> ModelVersion:
    """Publish a draft whose files are written; the store decides when it is created and what it is called."""
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
        return data_txt.encode(published[0], required)

    store.commit(draft, ModelName(version.name), version.stamps["pin_hash"], describe)
    return published[0]


def stored_file(name: str, digest: Digest) -> StoredFile:
    """Return the record of a file that was written."""
    return StoredFile(name, digest.size, digest.sha256, digest.blocks)


def parameters_of(model: Any) -> dict[str, Any]:
    """Return the hyper-parameters of an estimator: numbers, words and booleans as they are, the rest as short text."""
    get = getattr(model, "get_params", None)
    if not callable(get) or isinstance(model, type):
        return {}
    try:
        given = get()
    except Exception:  # the model's own code; parameters are a courtesy, not a condition
        return {}
    return {str(name): _parameter(value) for name, value in given.items()} if isinstance(given, dict) else {}


def known_format(format: str) -> str:
    """Return the format when it exists; a wrong word is refused before anything is written."""
    if format != registry.AUTO:
        registry.handler(format)
    return format


def tag_of(tag: Any) -> str:
    """Return a tag: short text on one line without spaces or commas.

    Raises
    ------
    InvalidInput
    """
    if (
        isinstance(tag, str)
        and 0 < len(tag) <= LONGEST_TAG
        and not any(each.isspace() or each == "," or not each.isprintable() for each in tag)
    ):
        return tag
    raise InvalidInput(f"{tag!r:.60} is no tag: a tag is one short word, such as 'eu' or 'team:risk'.")


def _number(name: str, value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise InvalidInput(f"The metric {name!r} is {value!r:.60}, and a metric is a number.") from None
    return number if math.isfinite(number) else math.nan


def _parameter(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | str):
        return value if not isinstance(value, str) else value[:MOST_PARAMETER_TEXT]
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    try:
        return repr(value)[:MOST_PARAMETER_TEXT]
    except Exception:  # a repr of the user's own class
        return f"<{type(value).__name__}>"
