"""Annotations: later changes of facts about a version, by an event of the log over its metadata."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from mlops_magics.core.versioning.describing.json_values import plain
from mlops_magics.core.versioning.describing.model_version import ModelVersion
from mlops_magics.core.versioning.history.events import Event
from mlops_magics.core.versioning.publishing.facts import checked_metadata, checked_metrics, tag_of
from mlops_magics.errors import InvalidInput


def event(
    version: ModelVersion,
    *,
    description: str | None,
    tags: Iterable[str] | None,
    metrics: Mapping[str, float] | None,
    metadata: Mapping[str, Any] | None,
    note: str | None,
) -> Event:
    """Return the event of an annotation. Description and tags replace the old ones, metrics and metadata are added.

    Parameters
    ----------
    version
        The version.
    description, tags
        They replace the present ones.
    metrics, metadata
        They are added to the present ones.
    note
        The reason.

    Raises
    ------
    InvalidInput
        When nothing is given, or a value cannot be stored.
    """
    given: dict[str, Any] = {
        "description": description,
        "tags": None if tags is None else [tag_of(tag) for tag in tags],
        "metrics": None if metrics is None else {**version.metrics, **checked_metrics(metrics)},
        "metadata": None if metadata is None else {**version.metadata, **checked_metadata(metadata)},
    }
    details = plain({key: value for key, value in given.items() if value is not None}, "metadata")
    if not details:
        raise InvalidInput("Nothing to change: give description, tags, metrics or metadata.")
    return Event.annotate(version.name, version.version, details, note)
