"""The facts of a version: the record of a model that the caller of `Board.publish` gives."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mlops_magics.core.versioning.describing.json_values import plain
from mlops_magics.core.versioning.describing.lineage import Lineage, record
from mlops_magics.core.versioning.describing.measured_score import MeasuredScore
from mlops_magics.core.versioning.describing.prototype import Prototype
from mlops_magics.core.versioning.formats import registry
from mlops_magics.core.versioning.names import FileName
from mlops_magics.errors import InvalidInput

PROFILE = "profile.json"
"""The side file that holds the reference profile."""
LONGEST_TAG = 128
"""The most characters of a tag."""


@dataclass(frozen=True, slots=True)
class Facts:
    """The facts about a model at its publication.

    Attributes
    ----------
    prototype
        The columns and dtypes that the model accepts.
    example
        Rows ``(n_samples, n_features)`` that the model can predict, to prove that it comes back from its bytes.
    profile
        The reference profile, stored as the side file ``profile.json``.
    measured
        Interval and rows of those metrics that were computed on held-out rows.
    format
        ``auto``, or the name of a format.
    lineage
        The lineage, gathered from the model where it is None.
    parent
        The version that this one follows, by default the newest one at the moment of publishing.
    files
        Side files by name.
    """

    prototype: Prototype | None = None
    example: Any = None
    profile: bytes | None = None
    metrics: Mapping[str, Any] = field(default_factory=dict)
    measured: Mapping[str, MeasuredScore] = field(default_factory=dict)
    metadata: Mapping[str, Any] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    description: str | None = None
    format: str = registry.AUTO
    lineage: Lineage | None = None
    parent: str | None = None
    files: Mapping[str, bytes] = field(default_factory=dict)

    def checked(self, model: Any) -> Facts:
        """Return the same facts, checked and reduced to values that every reader of a board understands.

        Raises
        ------
        InvalidInput, InvalidName, NotFound
            Naming the value that cannot be stored, or the format that does not exist.
        """
        if self.format != registry.AUTO:
            registry.handler(self.format)
        files = {**self.files, **({} if self.profile is None else {PROFILE: self.profile})}
        return dataclasses.replace(
            self,
            metrics=checked_metrics(self.metrics),
            metadata=checked_metadata(self.metadata),
            tags=tuple(dict.fromkeys(tag_of(tag) for tag in self.tags)),
            description=plain(self.description, "description"),
            lineage=self.lineage if self.lineage is not None else record(model),
            files={str(FileName(name)): data for name, data in files.items()},
        )


def checked_metrics(metrics: Any) -> dict[str, float]:
    """Return metrics as numbers.

    Raises
    ------
    InvalidInput
        They are not a mapping, or one of them is not a number.
    """
    if not isinstance(metrics, Mapping):
        raise InvalidInput(f"metrics are a mapping such as {{'accuracy': 0.97}}, not {type(metrics).__name__}.")
    return dict(plain({name: _number(name, value) for name, value in metrics.items()}, "metrics"))


def checked_metadata(metadata: Any) -> dict[str, Any]:
    """Return metadata as JSON values.

    Raises
    ------
    InvalidInput
        They are not a mapping, or hold a value that cannot be stored.
    """
    if not isinstance(metadata, Mapping):
        raise InvalidInput(f"metadata is a mapping such as {{'team': 'risk'}}, not {type(metadata).__name__}.")
    return dict(plain(metadata, "metadata"))


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
    raise InvalidInput(
        f"{tag!r:.60} is not a valid tag: a tag has no spaces or commas and at most {LONGEST_TAG} characters, "
        "such as 'eu' or 'team:risk'."
    )


def _number(name: str, value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise InvalidInput(f"The metric {name!r} is {value!r:.60}, and a metric is a number.") from None
    return number if math.isfinite(number) else math.nan
